"""
Who acts on this node: staff and their posts, applicants, machines; under which pseudonym, sealed how, at which window, and what
traces of their signing in are kept.
"""
