"""Worlds whose nodes have accounts, as the API's tests have them."""

from tests.api.conftest import counties, settled

__all__ = ["counties", "settled"]
