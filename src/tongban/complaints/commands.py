"""Opening a complaint: about a matter, or about this place; by whoever it concerns, or noted down by a window or on the telephone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.complaints.procedure import NAME
from tongban.complaints.words import CODES, LABELS, Act
from tongban.kernel import identity
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.kernel.journal import numbers, pseudonyms
from tongban.kernel.journal.fold import State
from tongban.procedures import commands, recording
from tongban.procedures.about import Named
from tongban.procedures.models import Matter


def open_complaint(values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
    """
    Take in a complaint; `values` are mode, channel, against, number (of the matter it is about, or empty), complaint, contact.

    Raises:
        BadNumber, NotFound: no such matter that `by` may complain about. InvalidInput: it has no such side.
        and what `procedures.commands.begin` raises.
    """
    lacking = [LABELS[name] for name in ("mode", "against", "complaint") if not values.get(name, "").strip()]
    if lacking:
        raise InvalidInput(f"投诉缺少：{'、'.join(lacking)}，未收下。请补齐后重试。")
    wrong = [
        LABELS[name]
        for name in ("mode", "against", "channel")
        if values.get(name) and values[name] not in CODES[name]
    ]
    if wrong:
        raise InvalidInput(f"投诉的{'、'.join(wrong)}无法识别，未收下。请从所列的选项中选择。")
    about = _about(values.get("number", "").strip(), by)
    number = commands.new_number(at)
    applicant = by.kind is ActorKind.APPLICANT
    given = {
        "mode": values["mode"], "channel": "web" if applicant else values.get("channel") or "window",
        "against": values["against"], "target": _target(about, values["against"]),
        "applicant": pseudonyms.of(number, by.applicant),
    }  # fmt: skip
    texts = {name: values.get(name, "") for name in ("complaint", "contact")}
    return commands.begin(procedure=NAME, act=Act.FILE, by=by, at=at, given=given, texts=texts, number=number,
        about=[_named(about, by)] if about else (),
    )  # fmt: skip


def bound_to(state: State, role: str, founder: str) -> dict[str, Any]:
    """Return what an acceptance carries: the service centre of the place complained of looks into it."""
    target = state.fact(founder, "target")
    bind = {"node": target["node"], "org": target["office"], "office": target["office"], "papers": []}
    return {"bind": {**bind, "term": state.term_of(role) + 1}}


def _about(typed: str, by: Actor) -> Matter | None:
    if not typed:
        return None
    number = str(numbers.parse(typed))
    if by.kind is ActorKind.APPLICANT:
        return recording.visible(number, by)
    # A window notes down what somebody says who has the number; it learns nothing of the matter by that.
    found = Matter.objects.filter(number=number).first()
    if found is None:
        raise NotFound(f"没有查到编号 {number}。请核对编号，或留空编号、投诉本地窗口。")
    return found


def _target(about: Matter | None, side: str) -> dict[str, str]:
    if about is None:
        own = settings.NODE.organisation
        return {"node": identity.fingerprint(), "org": "", "office": own}
    bound = about.state["roles"].get(side)
    if bound is None:
        raise InvalidInput(f"编号 {about.number} 的事项还没有这一方，未收下。请改选投诉哪一方。")
    return {name: str(bound[name]) for name in ("node", "org", "office")}


def _named(about: Matter, by: Actor) -> Named:
    """A window that has no part in a matter names it by its number alone."""
    seen = Matter.objects.visible_to(by).filter(number=about.number).exists()
    return about if seen else {"procedure": about.procedure, "subject": about.number, "head": None}
