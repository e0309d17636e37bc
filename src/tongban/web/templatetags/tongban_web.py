"""Words for templates: phases, duties, numbers as people read them."""

from typing import Any

from django import template
from django.utils.translation import gettext

from tongban.cases import numbers
from tongban.cases.duties import DUTIES
from tongban.cases.words import PHASE_NAMES, Duty, Mode, Phase
from tongban.catalogue.guides import PARTS
from tongban.web.words import MODE_NAMES

register = template.Library()


@register.filter
def word(text: Any) -> str:
    """Return a word of the tables (`web.words`) in the reader's language; anything else as it is."""
    return gettext(str(text)) if text else ""


@register.filter
def phase_name(phase: str) -> str:
    """Return a phase in the words people use."""
    return word(PHASE_NAMES[Phase(phase)])


@register.filter
def duty_title(kind: str) -> str:
    """Return a duty in the words people use."""
    return word(DUTIES[Duty(kind)].title)


@register.filter
def mode_name(mode: str) -> str:
    """Return a mode of handling in the words people use."""
    return word(MODE_NAMES[Mode(mode)])


@register.filter
def guide_part(part: str) -> str:
    """Return a part of a guide in the words people use; an older guide may name it in words of its own."""
    return word(PARTS.get(part, part))


@register.filter
def grouped(number: str) -> str:
    """Return a case number in groups that can be read aloud."""
    return numbers.parse(number).display()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return what a mapping holds under a key, or nothing."""
    return mapping.get(key) if mapping else None
