"""What notices do when something happens in a matter: tell whom it concerns, and forget what is to be forgotten."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from tongban.accounts.access.actor import ActorKind
from tongban.cases.models import Case
from tongban.cases.words import Act, Role
from tongban.kernel import identity, vault
from tongban.kernel.journal.events import Event
from tongban.notices import commands, reaching, rows
from tongban.notices.models import Dispatch, Notice
from tongban.notices.rows import Row, To
from tongban.procedures.following import Write, follow
from tongban.procedures.models import Matter

# After these the content may be gone, and what was told of it goes with it.
ENDS = frozenset({Act.CONFIRM_DESTRUCTION, Act.DROP})


@follow("notices")
def tell(event: Event, at: datetime) -> Write | None:
    """Tell whom an event concerns, from the present on; whoever was told already is not told again."""
    if event.kind in ENDS:
        return partial(commands.forget, event.subject) if vault.is_destroyed(event.subject) else None
    wanted = rows.of(event.procedure, event.kind)
    matter = Matter.objects.filter(number=event.subject).first() if wanted else None
    if matter is None:
        return None
    notices = [notice for row in wanted if (notice := _notice(row, event, matter, at))]
    made = [(one, _dispatches(one, event, at)) for one in notices]
    return partial(commands.keep, made) if made else None


def _dispatches(notice: Notice, event: Event, at: datetime) -> list[Dispatch]:
    case = None if notice.organisation else Case.objects.filter(number=notice.matter).first()
    at_window = event.role == Role.INTAKE and event.actor["kind"] == ActorKind.STAFF
    return reaching.begun(notice, case, at, face_to_face=at_window) if case else []


def _notice(row: Row, event: Event, matter: Matter, at: datetime) -> Notice | None:
    """Return the notice of a row, if this node is the one to tell of it."""
    fresh = Notice(
        procedure=event.procedure, matter=event.subject, event=event.hash, row=row.name, made_at=at,
        day=_day(row, event),
    )  # fmt: skip
    if row.to is To.APPLICANT:
        if matter.state["roles"].get("intake", {}).get("node") != identity.fingerprint():
            return None
        fresh.applicant = matter.applicant
        return fresh
    holder = _HOLDERS[row.to](event, matter)
    if not holder or holder["node"] != identity.fingerprint() or holder["org"] == event.actor["org"]:
        return None
    fresh.organisation, fresh.permission = holder["org"], row.permission
    return fresh


def _bound(role: str) -> "_Holder":
    return lambda event, matter: matter.state["roles"].get(role)


def _late(event: Event, matter: Matter) -> dict[str, str] | None:
    return _bound(event.role)(event, matter)


def _watch(event: Event, matter: Matter) -> dict[str, str] | None:
    bound = _bound(event.role)(event, matter)
    return bound and {"node": bound["node"], "org": bound["office"]}


type _Holder = Callable[[Event, Matter], dict[str, str] | None]
_HOLDERS: dict[To, _Holder] = {
    # Who is called as a role is whoever is bound to it.
    **{to: _bound(to) for to in To}, To.LATE: _late, To.WATCH: _watch,
}  # fmt: skip


def _day(row: Row, event: Event) -> date | None:
    """Return the day that the act itself has set, for what the row names, as far as the calendar says."""
    clock = event.effects.get("clocks", {}).get(row.day, {})
    owed = (duty for duty in event.effects.get("open", ()) if duty["kind"] == row.day)
    due = clock.get("due") or next((duty["due"] for duty in owed), None)
    return date.fromisoformat(due) if due else None
