"""Watching over duties: overdue, never opened, nobody signed in. Nothing of its own stored yet."""
