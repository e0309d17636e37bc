"""Pages for who applies: finding an item, filing, following, answering."""
