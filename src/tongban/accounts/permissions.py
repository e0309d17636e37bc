"""
The register of permissions (权限): the words that a post may carry, with what they allow in words.

Those of accounts, catalogue and cases are `Permission`; a procedure enters its own, so that no lower layer names what a higher one
does. A word that is not entered here gives nobody anything.
"""

from collections.abc import Mapping
from functools import cache

from tongban.accounts.access.actor import Permission

_KNOWN: dict[str, str] = {}


def enter(words: Mapping[str, str]) -> None:
    """Make permissions known, each with what it allows."""
    _KNOWN.update({str(word): title for word, title in words.items()})
    known.cache_clear()


@cache
def known() -> frozenset[str]:
    """Return every permission that a post may carry."""
    return frozenset(str(word) for word in Permission) | _KNOWN.keys()


def title(word: str) -> str:
    """Return what a permission allows, in words; of the first ones their code."""
    return _KNOWN.get(word, word)
