"""
What time it is and what it counts for: the clock and whether it can be believed, the working days of each year and the
time limits (期限) that are reckoned by them.
"""
