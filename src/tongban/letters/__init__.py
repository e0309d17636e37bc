"""What follows from a case on paper. Nothing here yet; the layer is reserved."""
