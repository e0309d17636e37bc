"""Filters and tags that templates of pages use."""
