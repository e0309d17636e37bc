"""All deceptions, and how many matters of each phase a scene must have ready for them."""

from collections import Counter
from collections.abc import Iterable

from . import (
    deceptions_bounds,
    deceptions_forks,
    deceptions_seals,
    deceptions_shape,
    deceptions_signed,
    deceptions_speakers,
    deceptions_unlawful,
    deceptions_worker,
)
from .deception import Deception

__all__ = ["CATALOGUE", "Deception", "by_class", "chosen", "matters_needed"]

SOURCES = (
    deceptions_shape, deceptions_bounds, deceptions_unlawful, deceptions_signed, deceptions_seals, deceptions_forks,
    deceptions_speakers, deceptions_worker,
)  # fmt: skip

# Those that change a liar for good come last.
CATALOGUE: tuple[Deception, ...] = tuple(
    sorted((one for source in SOURCES for one in source.deceptions()), key=lambda one: one.late)
)


# Of what is much of a kind, an ordinary run plays every so manieth.
SPREAD = {"shape": 3, "messages": 2, "answers to the worker": 4}
FEW = 4  # the same for all, where there is less time
ALWAYS = ("answers without end", "answers never")
ONLY_ALL = ("answers after 19 s", "answers without end, a byte a second")


def chosen(*, few: bool = False) -> tuple[Deception, ...]:
    """Return a sample that is spread over each class; what is always played is what once went wrong."""
    found, seen = [], Counter[str]()
    for one in CATALOGUE:
        place = seen[one.klass]
        seen[one.klass] += 1
        spread = place % _every(one.klass, few=few) == 0 or (one.name in ALWAYS and not few)
        if spread and one.name not in ONLY_ALL:
            found.append(one)
    return tuple(found)


def _every(klass: str, *, few: bool) -> int:
    if klass == "honest":
        return 1
    if few:
        return 2 * FEW if klass == "answers to the worker" else FEW
    return SPREAD.get(klass, 1)


def by_class() -> Counter[str]:
    return Counter(one.klass for one in CATALOGUE)


def matters_needed(played: Iterable[Deception] = CATALOGUE) -> Counter[str]:
    """Return how many fresh matters of each phase these deceptions use up, besides one of each to share."""
    return Counter(one.fresh for one in played if one.fresh)
