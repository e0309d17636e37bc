"""Pseudonyms: what stands in events in the place of a name."""

import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12  # 60 bits: random, so that it tells nothing and two nodes never meet on one


def new_pseudonym() -> str:
    """Return a random pseudonym of 12 Crockford base-32 characters."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(LENGTH))
