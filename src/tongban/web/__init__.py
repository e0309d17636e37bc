"""Pages for people. They come with the next release; the layer is reserved."""
