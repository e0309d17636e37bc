"""What can be applied for, and how: public."""

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Field, Router, Schema

from tongban.api import paging
from tongban.api.authentication import actor_of
from tongban.api.schemas import Line
from tongban.catalogue import queries
from tongban.catalogue.models import Offering

router = Router(tags=["offerings"])


class OfferingOut(Schema):
    """An item as one authority handles it (实施清单)."""

    code: str
    name: str
    item: str | None
    organisation: str
    division: str
    node: str
    state: str


class OfferingPage(Schema):
    """A page of offerings."""

    offerings: list[OfferingOut]
    next: str | None


class GuideOut(Schema):
    """The published guide in force: `guide` is the very document that cases pin by `digest`."""

    offering: OfferingOut
    version: int
    digest: str
    guide: dict[str, Any]


@router.get("", auth=None, response=OfferingPage, summary="查询可申报事项")
def list_offerings(
    request: HttpRequest,
    q: Line = "",
    division: Annotated[str | None, Field(pattern=r"^\d{6,12}$")] = None,
    after: paging.Cursor = None,
    limit: paging.Limit = 50,
) -> OfferingPage:
    found = queries.offerings_visible_to(actor_of(request)).select_related("item")
    for word in q.split():
        found = found.filter(search_text__icontains=word)
    if division:
        found = found.filter(division=division)
    key = paging.decode(after, str, str, int)
    if key:
        place, name, pk = key
        found = found.filter(
            Q(division__gt=place) | Q(division=place, name__gt=name) | Q(division=place, name=name, pk__gt=pk)
        )
    page: list[Offering] = list(found[: limit + 1])
    rows, more = paging.cut(page, limit)
    last = paging.encode(rows[-1].division, rows[-1].name, rows[-1].pk) if more else None
    return OfferingPage(offerings=[_shown(row) for row in rows], next=last)


@router.get("/{code}", auth=None, response=GuideOut, summary="办事指南")
def show_offering(request: HttpRequest, code: str) -> GuideOut:
    guide = queries.current_guide(code)
    offering = queries.offering(code)
    return GuideOut(offering=_shown(offering), version=guide.version, digest=guide.digest, guide=guide.body)


def _shown(offering: Offering) -> OfferingOut:
    return OfferingOut(
        code=offering.code, name=offering.name, item=offering.item.key if offering.item else None,
        organisation=offering.organisation, division=offering.division, node=offering.node, state=offering.state,
    )  # fmt: skip
