"""How an item goes, for its guide: who does what, and how long it may take; from the rules of cases and the guide, nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongban.cases.procedure import CLOCKS, DUTIES
from tongban.cases.words import Clock, Duty, Mode
from tongban.procedures.rule import Limit
from tongban.web.applicant.ways import HERE


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who takes it, what it is, and how long it may take; empty where nothing says."""

    who: str
    what: str
    limit: str = ""


def flows(guide: dict[str, Any], limit: dict[str, Any] | None) -> list[tuple[Mode, list[Step]]]:
    """Return the course of each way that begins here; `limit`: of the decision, as far as somebody has verified it."""
    begins = {Mode.FULLY_ONLINE: _online, Mode.PROXY_INTAKE: _at_a_window}
    return [(mode, [*begins[mode](), *_decided(guide, limit)]) for mode in HERE if mode in guide["modes"]]


def words(n: int, unit: str) -> str:
    """Return a limit in words."""
    if unit == "working_day":
        return ngettext("%(n)s 个工作日", "%(n)s 个工作日", n) % {"n": n}
    return ngettext("%(n)s 日", "%(n)s 日", n) % {"n": n}


def notice() -> str:
    """Return how long an authority may take to say whether it accepts."""
    return _words_of(CLOCKS[Clock.NOTICE].limit)


def _online() -> Iterator[Step]:
    yield Step(_("您"), _("在网上填申请表，上传材料，提交"))
    yield Step(_("系统"), _("核对实名等级，推送办理地"))


def _at_a_window() -> Iterator[Step]:
    yield Step(_("您"), _("带材料到就近的专窗"))
    yield Step(_("收件窗口"), _("核对身份和材料，缺什么一次告知"), _at_most(Duty.FORMAL_REVIEW))
    yield Step(_("收件窗口"), _(DUTIES[Duty.FORWARD].title), _at_most(Duty.FORWARD))


def _decided(guide: dict[str, Any], limit: dict[str, Any] | None) -> Iterator[Step]:
    office, applicant = _("办理机关"), _("您")
    yield Step(office, _(DUTIES[Duty.ACKNOWLEDGE].title), _at_most(Duty.ACKNOWLEDGE))
    received = _("收件后 %(limit)s内") % {"limit": notice()}
    yield Step(office, _(DUTIES[Duty.ACCEPT_OR_CORRECT].title), received)
    for step in guide["review_steps"]:
        yield Step(office, _(step["name"]))
    decided = _("受理后 %(limit)s内") % {"limit": words(limit["n"], limit["unit"])} if limit else ""
    yield Step(office, _(DUTIES[Duty.DECIDE].title), decided)
    yield Step(office, _(DUTIES[Duty.SEND_RESULT].title), _at_most(Duty.CONCLUDE, Duty.SEND_RESULT))
    yield Step(applicant, _("领取结果"))


def _at_most(*duties: Duty) -> str:
    limits = [limit for duty in duties if (limit := DUTIES[duty].limit)]
    return _("最多 %(limit)s") % {"limit": words(sum(one.n for one in limits), limits[0].unit)}


def _words_of(limit: Limit | None) -> str:
    return words(limit.n, limit.unit) if limit else ""
