"""Pages for the competent department: queue, case, decision."""
