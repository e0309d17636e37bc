"""Whom to turn to, and how days are counted: public."""

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from tongban.accounts import queries
from tongban.accounts.models import Organisation
from tongban.api.authentication import actor_of
from tongban.kernel.time import calendars
from tongban.kernel.time.calendar import Unit

router = Router(tags=["places"])
DivisionCode = Annotated[str, Field(pattern=r"^\d{6}(\d{3}){0,2}$")]


class OrganisationOut(Schema):
    """An organisation (机构)."""

    uscc: str
    name: str
    kind: str
    role: str
    division: str
    here: bool


class WindowOut(Schema):
    """A window (窗口) and where to find it; 跨省通办 windows come first."""

    label: str
    cross_province: bool
    hall: str
    address: str
    phone: str
    open_hours: str
    organisation: str


class DeadlineOut(Schema):
    """A time limit that explains itself."""

    rule: str
    due_on: date | None
    explanation: list[str]


@router.get("/organisations", auth=None, response=list[OrganisationOut], summary="一地的机构")
def list_organisations(request: HttpRequest, division: Query[DivisionCode]) -> list[OrganisationOut]:
    found = Organisation.objects.visible_to(actor_of(request)).filter(division_code=division).order_by("pk")
    return [
        OrganisationOut(
            uscc=one.uscc, name=one.name, kind=one.kind, role=one.role, division=one.division_code, here=one.is_here
        )
        for one in found[:200]
    ]  # fmt: skip


@router.get("/windows", auth=None, response=list[WindowOut], summary="一地的窗口，专窗在前")
def list_windows(request: HttpRequest, division: Query[DivisionCode]) -> list[WindowOut]:
    return [
        WindowOut(
            label=one.label, cross_province=one.is_cross_province, hall=one.hall.name, address=one.hall.address,
            phone=one.hall.phone, open_hours=one.hall.open_hours, organisation=one.organisation.name,
        )
        for one in queries.windows_of(division)[:200]
    ]  # fmt: skip


@router.get("/calendar/deadline", auth=None, response=DeadlineOut, summary="期限怎样算出")
def explain_deadline(
    request: HttpRequest,
    start: Annotated[date, Field(ge=date(2004, 1, 1), le=date(2100, 12, 31))],
    n: Annotated[int, Field(ge=0, le=366)],
    unit: Unit = "working_day",
) -> DeadlineOut:
    deadline = calendars.current().due(start, n, unit)
    return DeadlineOut(rule=deadline.rule, due_on=deadline.due_on, explanation=deadline.explain())
