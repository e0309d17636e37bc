"""What we issue: electronic licences. Nothing here yet; the layer is reserved."""
