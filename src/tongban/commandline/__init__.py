"""
The operator's command `tongban`: one file for each command.

Importing any of them needs no node: Django is set up when a command that works on a node runs, so `--help` and
`dossier verify` work without a database, a network or a home. Exit codes: 0 done; 1 refused, or what was
checked does not hold; 2 wrong usage; 3 not available in this version; 4 intact, but no trusted root given.
"""
