"""
What two places allow each other (通办协议): signed by both nodes, in numbered versions that never change; and the course by which
they come to it, change, suspend and end it (`procedure`, `course`).

Leaves to `cases` the judgement whether an act needs a power, and to `exchange` how a document travels.
"""
