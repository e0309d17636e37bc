"""
What two places allow each other (通办协议): signed by both nodes, in numbered versions that never change.

Leaves to `cases` the judgement whether an act needs a power, and to `exchange` how a document travels.
"""
