"""
Who acts and what they may: the actor, permissions and how far these reach, passwords. Knows no table; places and people stand
upon it.
"""
