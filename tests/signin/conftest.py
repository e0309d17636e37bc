"""An identity provider that others wrote, for the modules that ask for its address."""

from collections.abc import Iterator

import pytest

from tests.signin.provider import provider


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start the provider; return its address."""
    with provider() as running:
        yield running
