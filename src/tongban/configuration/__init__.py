"""How one node is set up: its configuration file, Django's settings, the URLs."""
