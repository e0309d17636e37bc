"""What we fetch with consent instead of asking for paper. Nothing here yet; the layer is reserved."""
