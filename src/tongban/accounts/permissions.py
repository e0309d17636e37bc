"""
The register of permissions (权限): the words that a post may carry, with what they allow in words.

Those of accounts, catalogue and cases are `Permission`; a procedure enters its own, so that no lower layer names what a higher one
does. A word that is not entered here gives nobody anything.
"""

from collections.abc import Collection, Mapping

from tongban.accounts.access.actor import Permission

_KNOWN: dict[str, str] = {}


def enter(words: Mapping[str, str]) -> None:
    """Make permissions known, each with what it allows."""
    _KNOWN.update({str(word): title for word, title in words.items()})


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
