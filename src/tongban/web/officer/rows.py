"""
The rows of the work queue, written out one by one.

Clerks look at this list all day and their pages ask for it again each minute; as a template its rows cost three times as much
as all that is asked for them (docs/performance.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor, Permission
from tongban.cases.procedure import NAME as CASE
from tongban.cases.words import Role
from tongban.kernel.journal import numbers
from tongban.kernel.time import calendars
from tongban.kernel.time.clock import official_day
from tongban.kernel.time.standing import is_late, standing
from tongban.procedures import listing
from tongban.procedures.practice import Step
from tongban.procedures.queues import COLUMNS, Entry
from tongban.procedures.words import OF_SYSTEM
from tongban.web import chips, numbering
from tongban.web.display import place_name
from tongban.web.staff import names_of

_ROW = (
    '<tr id="d{}"><th scope="row">{}<a href="{}">{}</a><br><small class="num">{}</small></th><td data-label="{}">{}</td>'
    '<td data-label="{}">{}</td><td data-label="{}">{}</td><td data-label="{}">{}</td><td data-label="{}">{}</td></tr>\n'
)
_CHOOSE = '<label class="pick"><input type="checkbox" form="many" name="number" value="{}"><span class="vh">{} {}</span></label> '
_SUBJECT, _KIND, _PROCEDURE, _LABEL, _CLAIMED, _OPENED, _DUE = (
    COLUMNS.index(name)
    for name in ("subject", "kind", "procedure", "label", "claimed_by", "first_opened_at", "due_on")
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a page as they go out, and how many of them nobody has opened, and are late."""

    written: SafeString
    unopened: int
    late: int


def state_of(entry: Entry) -> tuple[object, ...]:
    """Return what of a row may change while it is shown."""
    return entry[0], entry[_LABEL], entry[_DUE], entry[_OPENED], entry[_CLAIMED]


def written(entries: Sequence[Entry], actor: Actor, today: date) -> Rows:
    """Write out what the actor's organisation owes."""
    page = _Page(entries, actor, today)
    return Rows(
        format_html_join("", "{}", ((page.row(entry),) for entry in entries)),
        unopened=sum(is_unopened(entry) for entry in entries),
        late=sum(is_late(entry[_DUE], today) for entry in entries),
    )


def is_unopened(entry: Entry) -> bool:
    """Return whether nobody has opened it yet (无人查看), though somebody has to."""
    return entry[_OPENED] is None and entry[_KIND] not in OF_SYSTEM


class _Page:
    """What the rows of one page share: words in the reader's language, names, days."""

    def __init__(self, entries: Sequence[Entry], actor: Actor, today: date) -> None:
        self._actor, self._today = actor, today
        self._heads = [_("来自"), _("要做什么"), _("期限"), _("查看"), _("认领")]
        self._items = listing.names_of_labels((entry[_PROCEDURE], entry[_LABEL] or "") for entry in entries)
        self._steps = listing.steps_of(
            (entry[_PROCEDURE], entry[_KIND], entry[_SUBJECT]) for entry in entries
        )
        self._staff = {**names_of({entry[_CLAIMED] for entry in entries} - {actor.staff, ""}), "": "—"}
        self._calendar = calendars.current()
        self._owed: dict[tuple[str, str, Step | None], SafeString] = {}
        self._moment, self._choose = _("n月j日 H:i"), _("选择")

    def row(self, entry: Entry) -> SafeString:
        """Write out one row."""
        pk, subject, name, kind, _organisation, _basis, limit, since, due, opened, claimed, procedure, label = entry  # fmt: skip
        where, todo, term, seen, mine = self._heads
        return format_html(
            _ROW, pk, self._chosen(subject, procedure), self._page_of(subject, name, procedure),
            self._items[procedure, label or ""], numbering.shown(subject), where, place_name(subject[:6]),
            todo, self._todo(procedure, kind, subject), term, self._due(due, since, limit), seen, self._seen(kind, opened), mine,
            format_html("<strong>{}</strong>", _("我")) if claimed == self._actor.staff else self._staff[claimed],
        )  # fmt: skip

    def _chosen(self, subject: str, procedure: str) -> SafeString:
        """Return the box by which a case is chosen, to be done with others."""
        if procedure != CASE:
            return SafeString("")
        return format_html(_CHOOSE, subject, self._choose, numbers.grouped(subject))

    def _due(self, due: date | None, since: datetime, limit: str) -> SafeString:
        return chips.of_due(standing(due, self._today, self._calendar, since=official_day(since)), limit)

    def _page_of(self, subject: str, name: str, procedure: str) -> str:
        if procedure != CASE:
            return reverse("web:desk-matter", args=[procedure, subject])
        at_window = name.startswith(f"{Role.INTAKE}/") and self._actor.may(Permission.CASE_RECEIVE)
        return reverse("web:counter-case" if at_window else "web:officer-case", args=[subject])

    def _todo(self, procedure: str, kind: str, subject: str) -> SafeString:
        """Return what has to be done, and whether another post does it; alike for all duties of a kind but reviews step by step."""
        step = self._steps.get(subject)
        if (procedure, kind, step) not in self._owed:
            what = listing.owed(procedure, kind, step, self._actor)
            more = f"（{what.step}）" if what.step else ""
            chip = format_html(' <span class="tag">{}</span>', _("由其他岗位办理")) if what.for_others else ""
            self._owed[procedure, kind, step] = format_html("{}{}{}", _(what.title), more, chip)
        return self._owed[procedure, kind, step]

    def _seen(self, kind: str, opened: datetime | None) -> str:
        if kind in OF_SYSTEM:
            return format_html('<span class="tag">{}</span>', _("系统办理"))
        if opened is None:
            return format_html('<span class="tag warn">{}</span>', _("未查看"))
        return formatted(localtime(opened), self._moment)
