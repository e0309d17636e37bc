"""What is open in the place, what is stuck, and where nobody signs in."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Permission
from tongban.kernel.time import clock
from tongban.materials import scanning
from tongban.procedures import listing, queues
from tongban.signin.actor import SignedInRequest
from tongban.supervision import queries as supervising
from tongban.web import charts, htmx
from tongban.web.access import signed_in
from tongban.web.display import place_name
from tongban.web.officer.queue import found_of, next_page, place_after
from tongban.web.staff import names_of
from tongban.web.supervisor.words import PARKED
from tongban.web.typed import whole

PAGE = 30
DAYS = (3, 7, 15, 30)
HOLDERS = (
    (supervising.HERE, gettext_lazy("本地机构")), (supervising.THERE, gettext_lazy("对方机构（镜像）")),
    (supervising.APPLICANT, gettext_lazy("申请人")),
)  # fmt: skip


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def supervision(request: SignedInRequest) -> HttpResponse:
    """All open duties of the place and their mirrors elsewhere."""
    actor, at = request.actor, clock.now()
    today = clock.official_day(at)
    everything = supervising.open_duties(actor)
    asked = {name: request.GET.get(name, "") for name in ("where", "kind", "late", "unopened")}
    found = supervising.held_by(everything, asked["where"])
    offered = queues.kinds()
    if asked["kind"] in offered:
        found = queues.of_code(found, asked["kind"])
    if asked["late"]:
        found = queues.overdue(found, today)
    if asked["unopened"]:
        found = supervising.never_opened(found, today)
    duties = queues.page(found, place_after(request), PAGE + 1)
    people = (who for duty in duties for who in (duty.claimed_by, duty.first_opened_by))
    kinds, holders = supervising.tallies(everything, today)
    context = {
        "rows": [
            (row, place_name(row.origin), (at - row.duty.since).days)
            for row in listing.lines(duties[:PAGE], actor, today)
        ],
        "staff": names_of(people), "today": today, "asked": asked, "next": next_page(request, duties, PAGE), "holders_of": HOLDERS,
        "kinds_of": list(offered.items()),
        "scanner": scanning.recent_standing(),
        "total": sum(tally.total for tally in kinds), "late": sum(tally.late for tally in kinds),
        "unopened": sum(tally.unopened for tally in kinds), "parked": supervising.parked(actor).count(),
        "charts": [
            (_("按责任"), kinds, _bars(kinds, _("各类责任的未了结数"))),
            (_("按承担机构"), holders, _bars(holders, _("各机构承担的未了结责任数"))),
        ],
    }  # fmt: skip
    return htmx.shown(
        request, "supervisor/overview.html", "list", context, **found_of(request, len(duties[:PAGE]))
    )


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def parked(request: SignedInRequest) -> HttpResponse:
    """Cases that wait for a human, with the reason."""
    rows = [
        (case, [PARKED.get(reason, reason) for _, reason in supervising.parkings(case)])
        for case in supervising.parked(request.actor)[:200]
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


def _bars(tallies: list[supervising.Tally], title: str) -> str:
    return charts.bars([(_(t.name), t.total, t.late) for t in tallies[:12]], title=title, part=_("逾期"))
