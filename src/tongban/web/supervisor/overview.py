"""What is open in the place, what is late and by how much, what is stuck, and where nobody signs in."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, Permission
from tongban.figures import queries as figures
from tongban.kernel.journal import numbers
from tongban.kernel.models import Duty
from tongban.kernel.time import clock
from tongban.materials import scanning
from tongban.procedures import listing, queues
from tongban.procedures.listing import Line as Row
from tongban.signin.actor import SignedInRequest
from tongban.supervision import overview
from tongban.supervision import queries as supervising
from tongban.supervision.overview import Cut, Wanted
from tongban.web import charts, chips, htmx
from tongban.web.access import signed_in
from tongban.web.desk.exporting import BATCH, Line, demand_form, handed_out
from tongban.web.display import place_name
from tongban.web.officer.queue import found_of, is_whole, next_page, place_after
from tongban.web.staff import names_of
from tongban.web.supervisor import pressing
from tongban.web.supervisor.words import PARKED
from tongban.web.typed import whole

PAGE, TO_CHOOSE = 30, 20  # rows of a page; of one whose rows can be chosen, which weigh more
MOST: Final = 10_000  # rows that are taken along at once
SHOWN: Final = 30  # headings of a cut
DAYS = (3, 7, 15, 30)
HOLDERS = (
    (supervising.HERE, gettext_lazy("本县单位")), (supervising.THERE, gettext_lazy("对方县单位")),
    (supervising.APPLICANT, gettext_lazy("申请人")),
)  # fmt: skip


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def supervision(request: SignedInRequest) -> HttpResponse:
    """All open duties of the place and their mirrors elsewhere: what is late first, by filters, cut by who, what, where and when."""
    actor, at = request.actor, clock.now()
    today, wanted = clock.official_day(at), Wanted.of(request.GET)
    everything = supervising.open_duties(actor)
    found = wanted.kept(everything, today)
    size = TO_CHOOSE if wanted.late else PAGE
    duties = queues.page(found, place_after(request), size + 1)
    people = (who for duty in duties for who in (duty.claimed_by, duty.first_opened_by))
    context = {
        "rows": [
            (row, place_name(row.origin), bool(wanted.late) and pressing.is_offered(row))
            for row in listing.lines(duties[:size], actor, today)
        ],
        "staff": names_of(people), "today": today, "asked": wanted, "next": next_page(request, duties, size),
        "query": wanted.query(), "unopened_before": supervising.opened_by_now(today),
        "count": len(duties) if is_whole(request, duties, size) else 0,
    }  # fmt: skip
    if not htmx.wants_part(request):
        context |= _around(actor, at, everything, found, wanted)
    told = found_of(request, duties, size)
    return htmx.shown(request, "supervisor/overview.html", "list", context, **told)


def _around(
    actor: Actor, at: datetime, everything: QuerySet[Duty], found: QuerySet[Duty], wanted: Wanted
) -> dict[str, Any]:
    """Return what stands around the list: lamps, filters, cuts, and what has ended."""
    today = clock.official_day(at)
    shown = overview.cuts(found, today, place_name)
    every = shown if not wanted.query() else overview.cuts(everything, today, place_name)
    months = figures.ended(actor, at, wanted.office)
    lamps = [
        (_("已逾期"), every.whole.late, "late=1", "late"),
        (_("%(n)s 个工作日内到期") % {"n": overview.SOON}, every.soon, "soon=1", "warn"),
        (_("满一个工作日无人查看"), every.whole.unopened, "unopened=1", "warn"),
        (_("等答复的督办"), every.asked, "asked=1", ""),
    ]  # fmt: skip
    return {
        "lamps": lamps, "parked": supervising.parked(actor).count(), "scanner": scanning.recent_standing(),
        "holders_of": HOLDERS, "kinds_of": list(queues.kinds().items()), "offices_of": every.offices, "items_of": every.items,
        "places_of": sorted({(cut.code[:6], place_name(cut.code[:6])) for cut in every.places}), "months_of": every.months,
        "whole": shown.whole, "whole_total": every.whole.total, "ended": months, "month": months[0] if months else None,
        "cuts": [
            (_("按单位"), _drawn(shown.offices, wanted, "office")), (_("按事项"), _drawn(shown.items, wanted, "item")),
            (_("收件地 → 承办地"), _drawn(shown.places, wanted, "place")),
            (_("按产生月份"), _drawn(shown.months, wanted, "month")),
        ],
    }  # fmt: skip


def _drawn(cuts: list[Cut], wanted: Wanted, name: str) -> list[tuple[Cut, SafeString, str]]:
    """Return the rows of a cut, each with its bar and the query that keeps just it."""
    most = max((cut.total for cut in cuts), default=0)
    return [
        (
            cut, charts.bar(cut.total, cut.late, most),
            wanted.query(where=supervising.APPLICANT) if name == "office" and not cut.code
            else wanted.query(**{name: cut.code[:6] if name == "place" else cut.code}),
        )
        for cut in cuts[:SHOWN]
    ]  # fmt: skip


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def export(request: SignedInRequest, form: str) -> HttpResponse:
    """Hand out what the page shows as xlsx or csv: who is late and by how much; it is written down before it is handed out."""
    demand_form(form)
    actor, today = request.actor, clock.official_day(clock.now())
    found = Wanted.of(request.GET).kept(supervising.open_duties(actor), today)
    heading = [
        _("编号"), _("事项"), _("收件地"), _("环节"), _("承办单位"), _("期限"), _("逾期自"), _("逾期工作日"), _("现在"), _("首次查看"),
        _("认领"),
    ]  # fmt: skip
    return handed_out(f"{_('督办')}-{today:%Y%m%d}", form, heading, _lines(found, actor, today))


def _lines(found: QuerySet[Duty], actor: Actor, today: date) -> Iterator[Line]:
    """Yield the rows of an export; where it is cut off, a last one that says so."""
    after: queues.Place | None = None
    count = 0
    while duties := queues.page(found, after, BATCH):
        staff = names_of(duty.claimed_by for duty in duties)
        for row in listing.lines(duties, actor, today):
            yield _line(row, staff)
        count, after = count + len(duties), queues.Place(duties[-1].due_on, duties[-1].pk)
        if count >= MOST:
            yield [_("只导出了最先到期的 %(n)s 项，后面还有。请加上筛选，分几次导出。") % {"n": count}]
            return


def _line(row: Row, staff: Mapping[str, str]) -> Line:
    duty, stands = row.duty, row.standing
    late = "" if not stands.is_late else "—" if stands.days is None else str(stands.days)
    return [
        numbers.grouped(duty.subject), row.item, place_name(row.origin), _(row.title), row.holder or _("申请人"),
        f"{duty.due_on or ''}", f"{stands.late_since or ''}", late, chips.in_words(stands, duty.limit),
        f"{localtime(duty.first_opened_at):%Y-%m-%d %H:%M}" if duty.first_opened_at else "",
        staff.get(duty.claimed_by, "") if duty.claimed_by else "",
    ]  # fmt: skip


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def parked(request: SignedInRequest) -> HttpResponse:
    """Cases that wait for a human, with the reason."""
    cases = list(supervising.parked(request.actor)[:200])
    items = listing.items_of(cases)
    rows = [
        (case, items[case.number], [PARKED.get(reason, reason) for _, reason in supervising.parkings(case)])
        for case in cases
    ]
    return render(request, "supervisor/parked.html", {"rows": rows})


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def unattended(request: SignedInRequest) -> HttpResponse:
    """Organisations in which nobody has signed in for some days (无人登录)."""
    asked = whole(request.GET.get("days", ""))
    days = asked if asked in DAYS else 7
    since = clock.now() - timedelta(days=days)
    rows = list(accounts.nobody_signed_in_since(since=since, for_actor=request.actor)[:500])
    context = {"rows": rows, "days": days, "choices": DAYS}
    return render(request, "supervisor/unattended.html", context)
