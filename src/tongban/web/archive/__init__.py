"""The archive's desk (档案): what may be destroyed, what waits for approval, and each file with its appraisal."""
