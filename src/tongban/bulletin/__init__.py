"""Circulars and publicity. Nothing here yet; the layer is reserved."""
