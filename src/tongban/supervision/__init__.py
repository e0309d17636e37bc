"""Watching over duties and over looks: overdue, never opened, nobody signed in; who looked at what, and what of that is unusual."""
