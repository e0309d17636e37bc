"""
The heart: the course of a case (办件) from filing to delivery, its clocks and its proof.

Leaves to `exchange` how events travel between nodes.
"""
