"""What follows from a case in the stacks. Nothing here yet; the layer is reserved."""
