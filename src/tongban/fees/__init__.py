"""What follows from a case in money. Nothing here yet; the layer is reserved."""
