"""
What a node is told before anything else of it runs: its configuration file with the identity providers, and which SQLite this
process uses. Imports nothing of ours.
"""
