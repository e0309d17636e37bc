"""`journal verify` (存证核查): does everything this node stores still follow from what was written and signed?"""
