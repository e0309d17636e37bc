"""
Unusual looking (异常查看): who opened many matters in which their organisation owes nothing, who did so outside office hours, who
was refused often, who looked for many people. Figures of a day from the record of access; an alarm is a question to a supervisor,
no judgement.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.people import sealed
from tongban.cases import finding
from tongban.kernel import accesses, db
from tongban.kernel.accesses import OK
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.kernel.models import Access, Duty
from tongban.kernel.time import calendars
from tongban.kernel.time.calendar import CalendarUnpublished
from tongban.kernel.time.clock import OFFICIAL, official_day
from tongban.supervision.models import LookAlarm, LookDay

EVERY = timedelta(minutes=10)
BACK = 30  # days that say what is usual on a post
TIMES, LEAST = 5, 20  # so many times the usual, and never fewer
OFF_HOURS_LEAST = 5  # matters opened before or after, or on a day off
REFUSED_LEAST = 20
SEARCHED_LEAST = 80  # look-ups by person: a window that looks for everybody who comes to it stays below
BEGINS, ENDS = time(7, 30), time(19, 0)  # offices work within; who comes early or stays is not unusual yet

type Person = tuple[str, str, str]  # code, organisation, post

_looked_at: dict[str, datetime] = {}  # by home: when a process counted last


class AlarmClosed(DomainError):
    """The alarm was closed before; nothing was changed."""

    code = "alarm_closed"


def watch(at: datetime) -> int:
    """Count today's looks, and yesterday's once the day has turned; raise what is unusual. Return how many alarms were raised."""
    from django.conf import settings

    home = str(settings.NODE.home)
    last = _looked_at.get(home)
    if last is not None and last <= at < last + EVERY:
        return 0
    _looked_at[home] = at
    today = official_day(at)
    days = [today] if LookDay.objects.filter(day=today).exists() else [today - timedelta(days=1), today]
    return sum(count(day) for day in days)


def count(day: date) -> int:
    """Count the looks of a day, as far as it has gone, and raise the alarms that they call for; return how many are new."""
    found = _figures(day)
    rows = [
        LookDay(day=day, who=who, organisation=org, post=post, **said)
        for (who, org, post), said in found.items()
    ]
    with db.write():
        LookDay.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["day", "who", "organisation", "post"],
            update_fields=["strange", "off_hours", "refused", "searched"],
        )  # fmt: skip
    return sum(_raise(row) for row in rows)


def _figures(day: date) -> dict[Person, dict[str, int]]:
    found: dict[Person, dict[str, int]] = defaultdict(
        lambda: {"strange": 0, "off_hours": 0, "refused": 0, "searched": 0}
    )
    begin = datetime.combine(day, time.min, OFFICIAL)
    rows = Access.objects.filter(
        at__gte=begin, at__lt=begin + timedelta(days=1), kind__in=(accesses.Kind.STAFF, accesses.Kind.MACHINE)
    ).exclude(who="")
    opened = rows.filter(result=OK).exclude(matter="")
    # Owed on that day, by whichever post of the organisation: who is to look into the file is the organisation's affair.
    owed = Duty.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=begin), subject=OuterRef("matter"), organisation=OuterRef("organisation"),
        since__lt=begin + timedelta(days=1),
    )  # fmt: skip
    for person, _ in _people(opened.filter(~Exists(owed))):
        found[person]["strange"] += 1
    if not _works(day):
        outside = opened
    else:
        outside = opened.filter(
            Q(at__lt=datetime.combine(day, BEGINS, OFFICIAL))
            | Q(at__gte=datetime.combine(day, ENDS, OFFICIAL))
        )
    for person, kind in _people(outside, "kind"):
        # Machines keep no hours.
        found[person]["off_hours"] += kind == accesses.Kind.STAFF
    refused = rows.filter(result__in=("not_permitted", "not_found", "bad_api_key"))
    for one in refused.order_by().values_list("who", "organisation", "post").annotate(n=Sum("count")):
        found[one[0], one[1], one[2]]["refused"] += one[3]
    searched = rows.filter(doing__startswith=finding.BY_PERSON)
    for one in searched.order_by().values_list("who", "organisation", "post").annotate(n=Sum("count")):
        found[one[0], one[1], one[2]]["searched"] += one[3]
    return dict(found)


def _people(rows: QuerySet[Access], *more: str) -> list[tuple[Person, Any]]:
    """Return each person of some looks, once for each matter, and what more is asked of it."""
    told = rows.order_by().values_list("who", "organisation", "post", "matter", *more).distinct()
    return [((one[0], one[1], one[2]), one[4] if more else None) for one in told]


def _works(day: date) -> bool:
    try:
        return calendars.current().is_working(day)
    except CalendarUnpublished:
        return day.weekday() < 5


def usual(organisation: str, post: str, day: date) -> int:
    """Return how many matters without a duty somebody on a post may open before it is unusual: by the month before."""
    before = LookDay.objects.filter(
        organisation=organisation, post=post, day__lt=day, day__gte=day - timedelta(days=BACK)
    )
    known = list(before.values_list("strange", flat=True))
    return max(LEAST, int(TIMES * median(known))) if known else LEAST


def _raise(row: LookDay) -> int:
    kinds = LookAlarm.Kind
    lines: dict[str, tuple[int, Callable[[], int]]] = {
        kinds.STRANGE: (row.strange, lambda: usual(row.organisation, row.post, row.day)),
        kinds.OFF_HOURS: (row.off_hours, lambda: OFF_HOURS_LEAST),
        kinds.REFUSED: (row.refused, lambda: REFUSED_LEAST),
        kinds.SEARCHED: (row.searched, lambda: SEARCHED_LEAST),
    }
    raised = 0
    for kind, (counted, limit) in lines.items():
        if counted < min(LEAST, OFF_HOURS_LEAST) or counted < (line := limit()):
            continue
        person = {"day": row.day, "who": row.who, "organisation": row.organisation, "post": row.post}
        with db.write():
            alarm, is_new = LookAlarm.objects.get_or_create(
                kind=kind, **person, defaults={"count": counted, "usual": line}
            )
            # Once somebody has said what it was, it stays as it was judged.
            if not is_new and alarm.closed_at is None and alarm.count < counted:
                LookAlarm.objects.filter(pk=alarm.pk, closed_at=None).update(count=counted)
        raised += is_new
    return raised


def close(*, alarm: int, word: str, by: Actor, at: datetime) -> LookAlarm:
    """
    Close an alarm: say what was found out (处置).

    Raises:
        NotFound: none that `by` may see. NotPermitted: `by` does not supervise, or it is about them. InvalidInput: no word.
        AlarmClosed: somebody has closed it.
    """
    found: LookAlarm | None = LookAlarm.objects.visible_to(by).filter(pk=alarm).first()
    if found is None:
        raise NotFound("没有这条异常查看，或您无权查看。请刷新后再看。")
    if not by.may(Permission.CASE_SUPERVISE):
        raise NotPermitted("没有处置：异常查看由督办岗位处置。请由督办人员办理。")
    if found.who == by.staff:
        raise NotPermitted("没有处置：不能处置与本人有关的异常查看。请由另一位督办人员办理。")
    if not word.strip():
        raise InvalidInput("没有处置：请写明查明了什么。")
    with db.write():
        closed = LookAlarm.objects.filter(pk=found.pk, closed_at=None).update(
            closed_at=at, closed_by=by.staff, word_sealed=sealed.seal(word.strip())
        )
    if not closed:
        raise AlarmClosed("没有处置：此前已有人处置。请刷新后再看。")
    found.refresh_from_db()
    return found
