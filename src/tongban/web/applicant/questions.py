"""What applicants ask about an item before they go there (常见问题), answered by what its guide says and by nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from tongban.web.applicant import flow
from tongban.web.applicant.ways import HERE


@dataclass(frozen=True, slots=True)
class Question:
    """A question, our sentence about it, and what the guide says: each with a word of ours behind it, or none."""

    asked: str
    told: str = ""
    says: list[tuple[str, str]] = field(default_factory=list)


def questions(guide: dict[str, Any], limit: dict[str, Any] | None) -> list[Question]:
    """Return the questions that the guide answers; `limit`: of the decision, as far as somebody has verified it."""
    return [_fee(guide["fee"]), *_originals(guide), _days(guide, limit), *_agent(guide)]


def _fee(fee: dict[str, Any]) -> Question:
    asked = _("要交费吗？")
    if not fee["verified"]:
        return Question(asked, _("收不收费、收多少，请先向办理机关询问。"))
    if fee["standard"]:
        return Question(asked, says=[(fee["standard"], "")])
    return Question(asked, _("要收费，标准请向办理机关询问。") if fee["charge"] else _("不收费。"))


def _originals(guide: dict[str, Any]) -> Iterator[Question]:
    says = [
        (one["name"], _("核对后退还") if one["return_after_use"] else "")
        for one in guide["materials"]
        if "原件" in one["form"] and not one.get("filled_form")
    ]
    if says and guide["modes"] != ["FULLY_ONLINE"]:
        yield Question(_("到窗口办，要带哪些原件？"), says=says)


def _days(guide: dict[str, Any], limit: dict[str, Any] | None) -> Question:
    told = _("没有核实过的期限，请向办理机关询问。")
    if limit:
        told = _("自受理之日起 %(limit)s内。") % {"limit": flow.words(limit["n"], limit["unit"])}
    if set(HERE) & set(guide["modes"]):
        told += _("受理之前，办理机关最多用 %(limit)s答复您：受理、请您补正或者不予受理。") % {
            "limit": flow.notice()
        }
    note = guide["limits"]["note"]
    return Question(_("多久能办好？"), told, [(note, "")] if note else [])


def _agent(guide: dict[str, Any]) -> Iterator[Question]:
    if "handled_by" not in guide["form"]["properties"]:
        return
    says = [
        (f"{one['name']}：{one['note']}" if one["note"] else one["name"], "")
        for one in guide["materials"]
        if "agent" in one.get("when", {}).get("handled_by", ())
    ]
    told = _("可以，申请表里选“委托代理人办理”。") + (_("另外要交：") if says else "")
    yield Question(_("可以请人代办吗？"), told, says)
