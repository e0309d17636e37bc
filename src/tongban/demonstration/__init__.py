"""
Two or three demo counties on this machine: made, introduced to one another, served, walked through.

Stands above everything, and nothing stands on it. `make run` and `make demo` come here.
"""
