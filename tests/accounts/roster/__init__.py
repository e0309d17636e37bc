"""Offices as an operator or their manager sees them."""
