"""The chip of a deadline (期限), written out in one piece: lists show dozens of them, and a template for each costs more than its rows."""

from datetime import date
from functools import lru_cache

from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext


def of_due(due: date | None, today: date, limit: str = "", left: int | None = None) -> SafeString:
    """Return the chip: late, due today, due later (with the working days `left`, where known), or `limit` without a date yet."""
    return _of_due(due, today, limit, left, get_language() or "")


@lru_cache(maxsize=4096)
def _of_due(due: date | None, today: date, limit: str, left: int | None, _language: str) -> SafeString:
    if due is None:
        unsaid = f"{limit}（{gettext('日历未发布')}）" if limit else gettext("无期限")
        return format_html('<span class="tag">{}</span>', unsaid)
    day = formatted(due, gettext("n月j日"))
    if due < today:
        return format_html('<span class="tag late">{} · {}</span>', gettext("逾期"), day)
    if due == today:
        return format_html('<span class="tag warn">{}</span>', gettext("今天到期"))
    rest = gettext("还剩 %(left)s 个工作日") % {"left": left} + gettext("，") if left else ""
    return format_html('<span class="tag ok">{}{}</span>', rest, gettext("%(day)s前") % {"day": day})
