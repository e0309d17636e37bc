"""In which ways an item can be handled, for whom, why not, and where one goes instead."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.places.models import Hall
from tongban.agreements import queries as agreements
from tongban.cases.words import Mode
from tongban.catalogue.models import Offering
from tongban.kernel import identity
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.web.english import told

HERE = (Mode.FULLY_ONLINE, Mode.PROXY_INTAKE)  # what can be begun on these pages


@dataclass(frozen=True, slots=True)
class Desk:
    """A hall with the windows at which cases for other provinces are taken in (专窗)."""

    hall: Hall
    windows: list[str]


def closed_because(offering: Offering) -> str:
    """Return why nothing can be filed here for an offering now, or nothing."""
    if offering.state != Offering.State.IN_USE:
        return _("该事项已暂停或取消，暂不能申报。")
    try:
        agreements.in_force(
            node=identity.fingerprint(), other_node=offering.node, on=clock.official_day(clock.now()),
            item=offering.item.key if offering.item else "", offering=offering.code,
        )  # fmt: skip
    except DomainError as refusal:
        return told(refusal)
    return ""


def modes_for(guide: dict[str, Any], actor: Actor) -> list[tuple[Mode, str]]:
    """Return the modes of the guide, each with the reason why it is not open for `actor`, or nothing."""
    whys = {Mode.FULLY_ONLINE: _too_low(guide, actor), Mode.PROXY_INTAKE: ""}
    return [(mode, whys[mode]) for mode in whys if mode in guide["modes"]]


def ways(guide: dict[str, Any], actor: Actor | None) -> list[tuple[Mode, str]]:
    """
    Return the ways that can be begun here, each with why it is not open: to `actor` if an applicant asks, else at all.

    Who has not signed in is told nothing of levels: they may have any.
    """
    if actor is not None and actor.kind is ActorKind.APPLICANT:
        found = dict(modes_for(guide, actor))
    else:
        found = {mode: "" for mode in HERE if mode in guide["modes"]}
    closed = {
        Mode.FULLY_ONLINE: _("办理地没有开通全程网办。"),
        Mode.PROXY_INTAKE: _("办理地没有开通异地代收代办。"),
    }
    return [(mode, found.get(mode, closed[mode])) for mode in HERE]


def not_here_because(guide: dict[str, Any]) -> str:
    """Return why an item that is open in no way that begins here has to be applied for elsewhere, or nothing."""
    if set(HERE) & set(guide["modes"]):
        return ""
    if Mode.JOINT in guide["modes"]:
        return _("这件事要两地的机关一起办（多地联办），现在不能在这里申报。")
    return str(guide["modes_note"]) + "。" if guide["modes_note"] else _("这件事现在不能在这里申报。")


def desks(division: str) -> list[Desk]:
    """Return where a division takes in cases for other provinces, as far as this node knows."""
    found: dict[int, Desk] = {}
    for window in accounts.windows_of(division).filter(is_cross_province=True):
        found.setdefault(window.hall_id, Desk(window.hall, [])).windows.append(window.label)
    return list(found.values())


def desks_here() -> list[Desk]:
    """Return where this place takes them in."""
    return desks(settings.NODE.division)


def _too_low(guide: dict[str, Any], actor: Actor) -> str:
    wanted = guide["identity"]["online_assurance"]
    if wanted is not None and actor.assurance >= wanted:
        return ""
    return _("需要更高的实名等级（%(wanted)s 级，您现在 %(own)s 级）。请用统一身份认证刷脸登录，或到窗口办理。") % {
        "wanted": wanted, "own": actor.assurance,
    }  # fmt: skip
