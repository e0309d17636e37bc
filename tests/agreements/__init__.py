"""Agreements, seen from both sides."""
