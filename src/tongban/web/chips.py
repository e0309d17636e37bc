"""The chip of a deadline (期限), written out in one piece: lists show dozens of them, and a template for each costs more than its rows."""

from datetime import date
from functools import lru_cache

from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from tongban.kernel.time.standing import Standing


def of_due(stands: Standing, limit: str = "") -> SafeString:
    """Return the chip: late, due today, due later, or `limit` without a date yet."""
    return _of_due(stands, limit, get_language() or "")


def in_words(stands: Standing, limit: str = "") -> str:
    """Return what the chip says, for a cell of a table that is taken along."""
    if stands.due_on is None:
        return f"{limit}（{gettext('日历未发布')}）" if limit else gettext("无期限")
    if stands.late_since is not None:
        since = {"day": _day(stands.late_since), "n": stands.days}
        if stands.days is None:
            return gettext("已逾期（自%(day)s，日历未发布）") % since
        return gettext("已逾期 %(n)s 个工作日（自%(day)s）") % since
    if stands.due_on == stands.on:
        return gettext("今天到期")
    rest = gettext("还剩 %(left)s 个工作日") % {"left": stands.days} + gettext("，") if stands.days else ""
    return rest + gettext("%(day)s前") % {"day": _day(stands.due_on)}


@lru_cache(maxsize=4096)
def _of_due(stands: Standing, limit: str, _language: str) -> SafeString:
    if stands.due_on is None:
        kind = ""
    elif stands.is_late:
        kind = " late"
    else:
        kind = " warn" if stands.due_on == stands.on else " ok"
    return format_html('<span class="tag{}">{}</span>', kind, in_words(stands, limit))


def _day(day: date) -> str:
    return formatted(day, gettext("n月j日"))
