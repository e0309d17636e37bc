"""Complaints: their course across two nodes, their tracks, and who sees what."""
