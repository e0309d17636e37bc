"""A neighbour that lies, and everything it tries."""
