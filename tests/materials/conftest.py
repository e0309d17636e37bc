"""Every test here may ask for a node of its own."""

from tests.nodes import node

__all__ = ["node"]
