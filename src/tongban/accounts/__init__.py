"""
Divisions, organisations, halls, windows, posts, people, permissions, applicants, sign-ins.

Leaves to `signin` how a request proves who is calling.
"""
