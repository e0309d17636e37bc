"""
The offices of a county as an operator sees them: the file that names them, how it comes into the node, the standard posts, and
the roll of who sits where.
"""
