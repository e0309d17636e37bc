"""Nodes as real processes that are killed with SIGKILL, restored and copied; what was promised must hold."""
