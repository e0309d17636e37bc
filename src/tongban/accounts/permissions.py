"""
The register of permissions (权限): the words that a post may carry, with what they allow in words.

Those of accounts, catalogue and cases are `Permission`; a procedure enters its own, so that no lower layer names what a higher one
does. A word that is not entered here gives nobody anything.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Final

from tongban.accounts.access.actor import Permission

_KNOWN: dict[str, str] = {}
# To decide, archive, manage accounts or peers, supervise, sign or publish: a password alone is too little for these.
_WEIGHTY: set[str] = {
    Permission.CASE_DECIDE, Permission.CASE_SUPERVISE, Permission.CATALOGUE_PUBLISH, Permission.AGREEMENT_SIGN,
    Permission.ACCOUNTS_MANAGE, Permission.PEERS_MANAGE, Permission.ARCHIVE_DESTROY,
    Permission.ARCHIVE_APPROVE,
}  # fmt: skip


# Whoever gives somebody a post with one of these does it with a second manager (双人复核): it decides, binds the place, opens the
# record of access, or gives posts itself; who supervises confirms resets of second factors, so one manager must not make one alone.
_DECIDING: Final = frozenset(
    {
        Permission.CASE_DECIDE, Permission.CASE_SUPERVISE, Permission.ARCHIVE_APPROVE, Permission.ACCOUNTS_MANAGE,
        Permission.AGREEMENT_SIGN, Permission.CATALOGUE_PUBLISH, Permission.PEERS_MANAGE, Permission.AUDIT_READ,
    }
)  # fmt: skip


def enter(words: Mapping[str, str], *, weighty: Iterable[str] = ()) -> None:
    """Make permissions known, each with what it allows; who holds one that is `weighty` signs in with two factors."""
    _KNOWN.update({str(word): title for word, title in words.items()})
    known.cache_clear()
    _WEIGHTY.update(map(str, weighty))


def are_weighty(words: Collection[str]) -> bool:
    """Return whether one of these permissions is more than a password alone should open."""
    return not _WEIGHTY.isdisjoint(words)


def decide(words: Collection[str]) -> bool:
    """Return whether one of these permissions decides something, so that a post with it is given by two."""
    return not _DECIDING.isdisjoint(words)


@cache
def known() -> frozenset[str]:
    """Return every permission that a post may carry."""
    return frozenset(str(word) for word in Permission) | _KNOWN.keys()


def at_odds(words: Collection[str]) -> list[str]:
    """
    Return which of a post's permissions may not stand beside `audit.read`: none where all is well.

    Who reads what others looked at neither manages their accounts nor handles their matters (三权分立, GB/T 22239-2019 §8.1.5).
    """
    if Permission.AUDIT_READ not in words:
        return []
    return sorted(
        word for word in map(str, words) if word == Permission.ACCOUNTS_MANAGE or word.startswith("case.")
    )


def title(word: str) -> str:
    """Return what a permission allows, in words; of the first ones their code."""
    return _KNOWN.get(word, word)
