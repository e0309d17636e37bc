"""The counties of the API's tests: the front door is the same."""

from tests.api.conftest import counties, settled

__all__ = ["counties", "settled"]
