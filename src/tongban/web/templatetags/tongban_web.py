"""Words for templates: phases, duties, numbers as people read them."""

from typing import Any

from django import template

from tongban.cases import numbers
from tongban.cases.duties import DUTIES
from tongban.cases.words import PHASE_NAMES, Duty, Mode, Phase

register = template.Library()

MODES = {
    Mode.FULLY_ONLINE: "全程网办", Mode.PROXY_INTAKE: "异地代收代办", Mode.JOINT: "多地联办",
    Mode.DELEGATED: "授权本地办理",
}  # fmt: skip


@register.filter
def phase_name(phase: str) -> str:
    """Return a phase in the words people use."""
    return PHASE_NAMES[Phase(phase)]


@register.filter
def duty_title(kind: str) -> str:
    """Return a duty in the words people use."""
    return DUTIES[Duty(kind)].title


@register.filter
def mode_name(mode: str) -> str:
    """Return a mode of handling in the words people use."""
    return MODES[Mode(mode)]


@register.filter
def grouped(number: str) -> str:
    """Return a case number in groups that can be read aloud."""
    return numbers.parse(number).display()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return what a mapping holds under a key, or nothing."""
    return mapping.get(key) if mapping else None
