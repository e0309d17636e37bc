"""
The lists of cases at a desk (待办·在办·我办过的·已办结·全部), filtered, at the same cost whatever history lies behind them.

Alike for officers and for windows: of an organisation that is a party to the case itself. Each filter is asked of the rows that a
page looks at (`procedures.newest`), which are bounded; what would need all cases to be read (a free text, an outcome by itself,
sorting by anything but the day) is not offered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db.models import F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from tongban.accounts.access.actor import Actor, Permission
from tongban.cases.models import Case, CaseQuerySet
from tongban.cases.procedure import NAME
from tongban.cases.words import Phase
from tongban.catalogue.models import Offering
from tongban.kernel.errors import NotPermitted
from tongban.kernel.models import Duty
from tongban.procedures import queues
from tongban.procedures.models import Handled, RowByRow
from tongban.procedures.newest import Newest
from tongban.procedures.words import OF_SYSTEM


class Box(StrEnum):
    """One of the lists."""

    TODO = "todo"
    DOING = "doing"
    MINE = "mine"
    DONE = "done"
    ALL = "all"


BOXES: Final[Mapping[Box, str]] = MappingProxyType({
    Box.TODO: "待办", Box.DOING: "在办", Box.MINE: "我办过的", Box.DONE: "已办结", Box.ALL: "全部",
})  # fmt: skip
DAYS: Final[Mapping[str, str]] = MappingProxyType(
    {"7": "近7天", "30": "近30天", "92": "近3个月", "366": "近1年"}
)
DUES: Final[Mapping[str, str]] = MappingProxyType(
    {"late": "已逾期", "today": "今天到期", "week": "7天内到期"}
)
HOLDERS: Final[Mapping[str, str]] = MappingProxyType(
    {"me": "我", "nobody": "本单位、无人认领", "ours": "本单位", "others": "其他单位", "applicant": "申请人"}
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is filtered by, as codes; empty: everything. Anything that is no such code counts as empty."""

    item: str = ""
    origin: str = ""  # the county that took it in
    bureau: str = ""  # the organisation that decides
    days: str = ""
    due: str = ""
    holder: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return what is asked for, by name; only what is."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


def asked(given: Mapping[str, str]) -> Asked:
    """Return what somebody asks for of what an address says."""
    said = {name: str(given.get(name, ""))[:60] for name in Asked.__slots__}
    for name, known in (("days", DAYS), ("due", DUES), ("holder", HOLDERS)):
        if said[name] not in known:
            said[name] = ""
    if not (said["origin"].isascii() and said["origin"].isdigit()):
        said["origin"] = ""
    return Asked(**said)


def listed(box: Box, wanted: Asked, *, by: Actor, today: date) -> Newest[Case]:
    """
    Return a list of the cases to which the actor's organisation is a party.

    Raises:
        NotPermitted: the post neither takes in nor decides cases.
    """
    if not by.may(Permission.CASE_CONTENT):
        raise NotPermitted("没有列出：您的岗位不收件、也不办理办件。请换用经办岗位的账号。")
    found = _filtered(_own(by), wanted, by, today)
    whole = Newest(found, by, NAME, own=True)
    if wanted.days:
        whole = replace(whole, since=today - timedelta(days=int(wanted.days)))
    match box:
        case Box.TODO:
            return replace(whole, among=owed(by))
        case Box.DOING:
            return replace(whole, found=found.exclude(_is_done(by)), live=True, but=owed(by))
        case Box.MINE:
            return replace(whole, traced=(Handled.objects.filter(staff=by.staff),))
        case Box.DONE:
            ended = by.may(Permission.CASE_RECEIVE)  # for whom only that is done
            return replace(whole, found=found.filter(_is_done(by)), ended=ended)
    return whole


def owed(by: Actor) -> QuerySet[Duty]:
    """Return what the actor's post owes in cases."""
    held = queues.held(by).filter(procedure=NAME).exclude(kind__in=OF_SYSTEM)
    return queues.leaving_for(by, NAME).of(held)


def items() -> dict[str, str]:
    """Return the items by which a list is filtered, by key."""
    offered = Offering.objects.filter(item__isnull=False).order_by("item__name")
    return dict(offered.values_list("item__key", "item__name").distinct())


def _own(by: Actor) -> CaseQuerySet:
    # The window has to do with what it took in, a bureau with what it decides: one may be both.
    ours = Q(handling_org=by.organisation)
    if by.may(Permission.CASE_RECEIVE):
        ours |= Q(intake_org=by.organisation)
    return Case.objects.filter(ours)


def _is_done(by: Actor) -> Q:
    """Whether nothing is left to do in a case: who decides is done once it is concluded, who took it in once it is delivered."""
    # Of rows that a page has found already: no database is to begin with all that is under way on the node.
    done = Q(Exact(Coalesce(F("live"), Value(True)), False))
    return done if by.may(Permission.CASE_RECEIVE) else done | Q(phase=Phase.CONCLUDED)


def _filtered(found: CaseQuerySet, wanted: Asked, by: Actor, today: date) -> CaseQuerySet:
    if wanted.item:
        found = found.filter(item=wanted.item)
    if wanted.origin:
        found = found.filter(number__startswith=wanted.origin)
    if wanted.bureau:
        found = found.filter(handling_org=wanted.bureau)
    if wanted.due or wanted.holder:
        open_ = Duty.objects.filter(subject=OuterRef("pk"), closed_at=None).exclude(kind__in=OF_SYSTEM)
        found = found.filter(RowByRow(_held(_due(open_, wanted.due, today), wanted.holder, by)))
    return found


def _due(open_: QuerySet[Duty], due: str, today: date) -> QuerySet[Duty]:
    match due:
        case "late":
            return queues.overdue(open_, today)
        case "today":
            return open_.filter(due_on=today)
        case "week":
            return open_.filter(due_on__range=(today, today + timedelta(days=7)))
    return open_


def _held(open_: QuerySet[Duty], holder: str, by: Actor) -> QuerySet[Duty]:
    match holder:
        case "me":
            return open_.filter(claimed_by=by.staff)
        case "nobody":
            return open_.filter(organisation=by.organisation, claimed_by="")
        case "ours":
            return open_.filter(organisation=by.organisation)
        case "others":
            return open_.exclude(organisation__in=("", by.organisation))
        case "applicant":
            return open_.filter(organisation="")
    return open_
