"""
Current figures (统计数字) by organisation, procedure and month, as matters go on; no statistics of persons.

Counted by the follower `figures` from the journal alone, so `figures.commands.recompute` makes them anew from nothing.
"""
