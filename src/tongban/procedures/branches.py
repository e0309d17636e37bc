"""Where the chains of a matter fork as far as this node knows, and which of these places both sides have settled."""

from typing import Any

from tongban.kernel.crypto import canon
from tongban.kernel.models import Evidence, Fork


def evidence(kind: str, subject: str) -> list[dict[str, Any]]:
    """Return the signed documents of a kind that are kept about the forks of a matter, the oldest first."""
    raws = Evidence.objects.filter(subject=subject, kind=kind).order_by("id").values_list("raw", flat=True)
    return [canon.decode(raw.encode()) for raw in raws]  # type: ignore[misc]


def settlements(subject: str) -> list[dict[str, Any]]:
    """Return what both sides have signed about forks of a matter."""
    return evidence(Evidence.SETTLEMENT, subject)


def places(subject: str) -> dict[str, int]:
    """Return the chains of a matter that fork, each with the place at which it does."""
    first: dict[str, int] = {}
    for chain, seq in (
        Fork.objects.filter(subject=subject).order_by("chain", "seq").values_list("chain", "seq")
    ):
        first.setdefault(chain, seq)
    return first


def unsettled(subject: str) -> set[tuple[str, int]]:
    """Return the places (chain, seq) at which forks begin that both sides have not settled."""
    return set(places(subject).items()) - {(one["chain"], one["seq"]) for one in settlements(subject)}
