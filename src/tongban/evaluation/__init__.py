"""Ratings, complaints and rectification. Nothing here yet; the layer is reserved."""
