"""Words for templates: phases, duties, numbers as people read them."""

from collections.abc import Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from django import template
from django.urls import reverse
from django.utils.dateformat import format as formatted
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongban.cases.procedure import CASE
from tongban.cases.words import Mode
from tongban.catalogue.guides import PARTS
from tongban.kernel.journal import numbers
from tongban.kernel.time import calendars, clock
from tongban.kernel.time.standing import standing
from tongban.procedures import watched
from tongban.procedures.models import Matter
from tongban.web import chips, english, numbering
from tongban.web.applicant.words import FILE_TYPES
from tongban.web.words import MODE_NAMES

register = template.Library()
_SHORT = {media_type.rpartition("/")[2].upper(): name for media_type, name in FILE_TYPES.items()}


@register.filter
def word(text: Any) -> str:
    """Return a word of the tables (`web.words`) in the reader's language; anything else as it is."""
    return gettext(str(text)) if text else ""


@register.filter
def phase_name(phase: str) -> str:
    """Return a phase in the words people use."""
    return word(CASE.phase_name(phase))


@register.filter
def duty_title(kind: str) -> str:
    """Return a duty in the words people use."""
    return word(CASE.present.title_of_duty(kind))


@register.filter
def mode_name(mode: str) -> str:
    """Return a mode of handling in the words people use."""
    return word(MODE_NAMES[Mode(mode)])


@register.filter
def guide_part(part: str) -> str:
    """Return a part of a guide in the words people use; an older guide may name it in words of its own."""
    return word(PARTS.get(part, part))


@register.filter
def zh(text: Any) -> str:
    """Return what a county wrote, marked as Chinese where the page is English."""
    return english.marked(text)


@register.simple_tag
def zh_lang() -> str:
    """Return the attribute that marks a whole element as Chinese where the page is English."""
    return mark_safe(' lang="zh-Hans"') if english.is_asked() else ""


@register.filter
def item_name(item: Any) -> str:
    """Return the name of an offering or a guide for the reader; `striptags` it where no markup may stand."""
    if isinstance(item, Mapping):
        return english.name_of(item["name"], item.get("name_in", {}).get("en", ""))
    return english.name_of(item.name, item.name_en)


@register.filter
def grouped(number: str) -> str:
    """Return a number in groups that can be read aloud, for a title or an attribute."""
    return numbers.grouped(number)


@register.filter
def shown_number(number: str) -> str:
    """Return a number in groups for the text of a page, its last two groups in one line."""
    return numbering.shown(number)


@register.simple_tag(takes_context=True)
def due_tag(
    context: Mapping[str, Any], due: date | None, today: date, limit: str = "", since: datetime | None = None
) -> str:
    """Return the chip of a deadline: `due` (or none), what it says of `limit` without one; `since`: when it came into these hands."""
    held = clock.official_day(since) if since else None
    request: Any = context.get("request") or SimpleNamespace()
    if not hasattr(request, "calendar"):  # lists show dozens of chips: it is asked for once a page
        request.calendar = calendars.current()
    return chips.of_due(standing(due, today, request.calendar, since=held), limit)


@register.simple_tag(takes_context=True)
def answer_supervision(context: Mapping[str, Any], matter: Matter) -> str:
    """Return the note that leads whoever has to answer a supervision to the page for it; nothing for others."""
    if not watched.to_answer(matter, context["request"].actor):
        return ""
    return format_html(
        '<div class="note bad noprint"><p>{} <a class="btn" href="{}">{}</a></p></div>', gettext("本单位有逾期或被督办的一项待答复。"),
        reverse("web:supervision-answer", args=[matter.number]), gettext("答复督办"),
    )  # fmt: skip


@register.filter
def file_type(told: str) -> str:
    """Return the type of a file (`image/png`, or `PNG` for short) in the words people use."""
    return word(_SHORT.get(told.rpartition("/")[2].upper(), _("文件")))


@register.filter
def when(at: datetime) -> str:
    """Return a moment as the reader needs it today: 今天 09:12, 11月25日 09:12, or with the year where it is another one."""
    moment, today = at.astimezone(clock.OFFICIAL), clock.official_day(clock.now())
    if moment.date() == today:
        return gettext("今天 %(time)s") % {"time": f"{moment:%H:%M}"}
    return formatted(moment, gettext("n月j日 H:i") if moment.year == today.year else gettext("Y年n月j日 H:i"))


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return what a mapping holds under a key, or nothing."""
    return mapping.get(key) if mapping else None
