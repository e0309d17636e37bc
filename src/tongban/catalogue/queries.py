"""What is read of the catalogue: it is public."""

from collections.abc import Collection
from functools import lru_cache
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.catalogue.models import Guide, Item, Offering, OfferingQuerySet
from tongban.kernel import identity
from tongban.kernel.errors import NotFound


def offerings_visible_to(actor: Actor) -> OfferingQuerySet:
    """Return the offerings `actor` may see, by division and name."""
    found: OfferingQuerySet = Offering.objects.visible_to(actor).order_by("division", "name", "pk")
    return found


def offering(code: str) -> Offering:
    """
    Return the offering with this implementation code, in whatever state.

    Raises:
        NotFound: no such offering is known on this node.
    """
    found: Offering | None = Offering.objects.filter(code=code).select_related("item").first()
    if found is None:
        raise NotFound("没有这个实施编码的事项，请核对编码或从事项列表中选择。")
    return found


def codes_of(word: str) -> list[str]:
    """
    Return the codes that a word of the catalogue means: itself where it is one, the item's where it names one, else those of the
    offerings of that name; none where the catalogue does not know it.
    """
    if Item.objects.filter(key=word).exists() or Offering.objects.filter(code=word).exists():
        return [word]
    items = list(Item.objects.filter(name=word).values_list("key", flat=True))
    return items or list(Offering.objects.filter(name=word).values_list("code", flat=True))


def current_guide(offering_code: str) -> Guide:
    """
    Return the newest guide of an offering.

    Raises:
        NotFound: the offering is unknown or has no published guide.
    """
    guide: Guide | None = (
        Guide.objects.current()
        .filter(offering__code=offering_code)
        .select_related("offering")
        .order_by("-version")
        .first()
    )
    if guide is None:
        raise NotFound("该事项还没有发布办事指南，请联系办理地部门。")
    return guide


def guide_by_digest(digest: str) -> Guide:
    """
    Return the very version that a case was filed under.

    Raises:
        NotFound: this node does not hold that version.
    """
    guide: Guide | None = Guide.objects.filter(digest=digest).select_related("offering").first()
    if guide is None:
        raise NotFound("本节点没有这一版办事指南，请先与办理地节点同步。")
    return guide


def document_by_digest(digest: str) -> dict[str, Any]:
    """
    Return the content of a guide version; do not change it, it is shared.

    Raises:
        NotFound: this node does not hold that version.
    """
    return _document(identity.fingerprint(), digest)


# Remembered, because a published version never changes; by node, because another may not hold it.
@lru_cache(maxsize=1024)
def _document(node: str, digest: str) -> dict[str, Any]:
    return guide_by_digest(digest).body


def names_of(usccs: Collection[str]) -> dict[str, str]:
    """Return the names of organisations, by USCC, as guides in force give them."""
    known: dict[str, str] = {}
    for uscc in usccs:
        guide = Guide.objects.current().filter(offering__organisation=uscc).order_by("-pk").first()
        if guide is not None:
            known[uscc] = guide.body["organisation"]["name"]
    return known


def search(text: str, division: str | None = None) -> OfferingQuerySet:
    """Return offerings in use whose name or everyday name (俗称) holds every word of `text`."""
    found: OfferingQuerySet = Offering.objects.in_use()
    if division is not None:
        found = found.filter(division=division)
    for word in text.split():
        found = found.filter(search_text__icontains=word)
    return found.order_by("division", "name", "pk")
