"""All deceptions, and how many matters of each phase a scene must have ready for them."""

from collections import Counter

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

__all__ = ["CATALOGUE", "Deception", "by_class", "matters_needed"]

SOURCES = (
    deceptions_shape, deceptions_bounds, deceptions_unlawful, deceptions_signed, deceptions_seals, deceptions_forks,
    deceptions_speakers, deceptions_worker,
)  # fmt: skip

# Those that change a liar for good come last.
CATALOGUE: tuple[Deception, ...] = tuple(
    sorted((one for source in SOURCES for one in source.deceptions()), key=lambda one: one.late)
)


def by_class() -> Counter[str]:
    return Counter(one.klass for one in CATALOGUE)


def matters_needed() -> Counter[str]:
    """Return how many fresh matters of each phase the whole catalogue uses up, besides one of each to share."""
    return Counter(one.fresh for one in CATALOGUE if one.fresh)
