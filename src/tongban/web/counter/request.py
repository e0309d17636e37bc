"""Who sits at the counter."""

from typing import cast

from django.http import HttpRequest

from tongban.accounts.access.actor import Actor
from tongban.signin.actor import SignedInRequest


def actor_of(request: HttpRequest) -> Actor:
    """Return who makes a request that `signed_in` has let pass."""
    return cast(SignedInRequest, request).actor
