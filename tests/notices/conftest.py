"""Worlds whose nodes have accounts, as the API's tests have them."""

from tests.api.conftest import counties, settled, standing_counties

__all__ = ["counties", "settled", "standing_counties"]
