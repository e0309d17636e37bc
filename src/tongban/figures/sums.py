"""How what a matter adds comes into the sums: in place of what it added before, in one transaction with them."""

from collections.abc import Mapping
from dataclasses import asdict, astuple
from typing import Any

from django.db.models import F

from tongban.figures.counting import NOTHING, Counts, Heads, Key, count
from tongban.figures.models import Figure, Share
from tongban.procedures.following import Write
from tongban.procedures.models import Matter

type Shares = dict[Key, Counts]


def counted_again(procedure: str, number: str) -> Write | None:
    """Count a matter from its journal; return what writes that, or nothing where all was counted already."""
    heads = _heads_of(number)
    if heads is None or heads == Share.objects.filter(number=number).values_list("heads", flat=True).first():
        return None
    seen, shares = count(procedure, number)

    def written() -> None:
        replace(procedure, number, seen, shares)

    return written


def replace(procedure: str, number: str, heads: Heads, shares: Shares) -> bool:
    """
    Put what a matter adds in place of what it added before, within a transaction; return whether that had been wrong.

    What was counted before later events was not wrong.
    """
    Share.objects.get_or_create(number=number, defaults={"procedure": procedure})
    share = Share.objects.select_for_update().get(number=number)
    if heads != _heads_of(number):
        # Something came since it was read, and another process may have counted it: now that the row is ours, read again.
        heads, shares = count(procedure, number)
    before = read(share)
    Share.objects.filter(number=number).update(heads=heads, counts=_written(shares))
    add(procedure, {key: shares.get(key, NOTHING) - before.get(key, NOTHING) for key in {*before, *shares}})
    return before != shares and share.heads == heads


def add(procedure: str, changes: Mapping[Key, Counts]) -> None:
    """Add changes to the sums, always in the same order, so that two at once wait for each other only one way."""
    for (organisation, month), counts in sorted(changes.items()):
        if not counts:
            continue
        key: dict[str, Any] = {"organisation": organisation, "procedure": procedure, "month": month}
        Figure.objects.get_or_create(**key)
        Figure.objects.filter(**key).update(**{name: F(name) + by for name, by in asdict(counts).items()})


def read(share: Share) -> Shares:
    """Return what a stored share adds."""
    return {(organisation, month): Counts(*counts) for organisation, month, *counts in share.counts}


def _written(shares: Shares) -> list[list[object]]:
    return [[*key, *astuple(counts)] for key, counts in sorted(shares.items())]


def _heads_of(number: str) -> Heads | None:
    """Return the heads of a matter as it stands; they say which events it has."""
    state = Matter.objects.filter(number=number).values_list("state", flat=True).first()
    return None if state is None else state["heads"]
