"""How a letter that weighs against the applicant was served (送达): asked where delivery is confirmed, as remedies run from that day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongban.cases.models import Case
from tongban.cases.words import ADVERSE, SERVICES, Act

WAYS: Final = {code: gettext_lazy(title) for code, title in SERVICES.items()}
LABEL: Final = "served"  # of what is written down of it, in the vault
CHOICES: Final = {"service": (gettext_lazy("送达方式"), WAYS), "served_on": (gettext_lazy("送达日期"), {})}
TEXTS: Final = {LABEL: gettext_lazy("签收情况")}
LONGEST: Final = 500
# What has to be written down, by way (民事诉讼法 第八十八条至第九十五条).
WANTED: Final = gettext_lazy(
    "直接送达、家属签收：签收人、与受送达人的关系；邮寄：单号和回执上的收件人；电子：送到哪里、何时到达；留置：拒收事由、见证人；"
    "公告：在哪里公告、起止日期；转交：转交单位。"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of it as they are drawn."""

    ways: list[tuple[str, Any, bool]]
    on: str
    today: date
    written: str
    wanted: Any = WANTED


def is_asked(act: Act, case: Case) -> bool:
    """Return whether an act has to say how the letter of a case was served."""
    return act == Act.CONFIRM_DELIVERY and case.outcome in ADVERSE


def asked(data: Mapping[str, str], today: date) -> Asked:
    """Return the fields, with what was typed; nothing is chosen for whoever has to say what happened."""
    chosen = data.get("service", "")
    ways = [(code, title, code == chosen) for code, title in WAYS.items()]
    return Asked(ways, data.get("served_on", today.isoformat()), today, data.get(LABEL, ""))


def read(data: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str], list[tuple[str, str]]]:
    """Return the codes, the text for the vault, and what is missing with its field; the rule judges the day."""
    way, on = data.get("service", ""), data.get("served_on", "").strip()[:10]
    written = data.get(LABEL, "").strip()[:LONGEST]
    faults = []
    if way not in WAYS:
        faults.append((f"{Act.CONFIRM_DELIVERY}-service", _("送达方式：请选择一项。")))
    if not on:
        faults.append((f"{Act.CONFIRM_DELIVERY}-served_on", _("送达日期：请填写。")))
    if not written:
        faults.append((f"{Act.CONFIRM_DELIVERY}-{LABEL}", _("签收情况：请填写谁签收、凭什么证明。")))
    return {"service": way, "served_on": on}, {LABEL: written}, faults
