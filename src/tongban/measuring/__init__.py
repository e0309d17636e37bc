"""
How fast a node works, measured over its front door, with a floor in the same run (`tongban bench`).

A measurement builds a node of its own on a database of its own, serves it, and calls it as its users would. The floor is
the same rows written or read with nothing around them. Figures stand in docs/performance.md. Leaves alone every node
that somebody works with.
"""
