"""Opening a complaint: about a matter, or about this place; by whoever it concerns, or noted down by a window or on the telephone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.models import Post
from tongban.complaints.procedure import NAME
from tongban.complaints.rules_1 import HANDLE, TAKE
from tongban.complaints.words import CODES, LABELS, Act
from tongban.kernel import identity
from tongban.kernel.errors import InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import numbers, pseudonyms
from tongban.kernel.journal.fold import State
from tongban.procedures import commands
from tongban.procedures.about import Named
from tongban.procedures.models import Matter


def open_complaint(values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
    """
    Take in a complaint; `values` are mode, channel, against, number (of the matter it is about, or empty), complaint, contact.

    Raises:
        NotPermitted: the post takes no complaints. BadNumber, NotFound: no such matter.
        InvalidInput: it has no such side, or nobody here may look into such a complaint.
        and what `procedures.commands.begin` raises.
    """
    if by.kind is ActorKind.STAFF and not by.may(TAKE):
        raise NotPermitted("您的岗位不能受理投诉，未收下。请由窗口或政务服务中心的有权岗位办理。")
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
    target = _target(about, values["against"])
    given = {
        "bind": _received_by(target, by), "mode": values["mode"], "channel": "web" if applicant else values.get("channel") or "window",
        "against": values["against"], "target": target,
        "applicant": pseudonyms.of(number, by.applicant),
    }  # fmt: skip
    texts = {name: values.get(name, "") for name in ("complaint", "contact")}
    return commands.begin(procedure=NAME, act=Act.FILE, by=by, at=at, given=given, texts=texts, number=number,
        about=[_named(about, by)] if about else (),
    )  # fmt: skip


def bound_to(state: State, role: str, founder: str) -> dict[str, Any]:
    """
    Return what an acceptance carries: the service centre of the place complained of looks into it; where that is complained of
    itself, here, whoever received it in its place.
    """
    said, received = state.fact(founder, "target"), state.roles[founder]
    target = said if isinstance(said, dict) else {}  # another node may have written anything
    node, office = target.get("node", ""), target.get("office", "")
    if target.get("org") == office and node == received["node"]:
        office = received["org"]
    bind = {"node": node, "org": office, "office": office, "papers": []}
    return {"bind": {**bind, "term": state.term_of(role) + 1}}


def _received_by(target: Mapping[str, str], by: Actor) -> dict[str, Any]:
    """Return who receives a complaint: where it was brought, unless that is complained of; then who stands above it."""
    centre = settings.NODE.organisation
    if target["org"] == centre:
        above = _above(centre)
        return {"org": above, "office": above, "papers": []}
    brought = by.organisation or centre
    return {"org": centre if brought == target["org"] else brought, "office": centre, "papers": []}


def _above(centre: str) -> str:
    """Return the organisation that looks into complaints about the service centre itself; raises InvalidInput."""
    posts = Post.objects.filter(is_active=True, organisation__is_active=True, organisation__node="")
    able = (
        post.organisation.uscc
        for post in posts.exclude(organisation__uscc=centre).select_related("organisation").order_by("pk")
        if {TAKE, HANDLE} <= post.powers()
    )
    found = next(able, "")
    if not found:
        raise InvalidInput(
            "本地没有可以受理对政务服务中心投诉的机构，未收下。请告知投诉人向上级机关或 12345 反映。"
        )
    return found


def _about(typed: str, by: Actor) -> Matter | None:
    if not typed:
        return None
    # Whoever has the number may complain, and learns nothing of the matter by that.
    number = str(numbers.parse(typed))
    found = Matter.objects.filter(number=number).first()
    if found is None:
        raise NotFound(f"没有查到编号 {number}。请核对编号，或留空编号、投诉本地窗口。")
    return found


def _target(about: Matter | None, side: str) -> dict[str, str]:
    if about is None:
        if side != "intake":
            raise InvalidInput(
                "投诉办理的机关须写明办件编号，未收下。请填写编号，或改选“收件的地方”投诉本地窗口。"
            )
        own = settings.NODE.organisation
        return {"node": identity.fingerprint(), "org": own, "office": own}
    bound = about.state["roles"].get(side)
    if bound is None:
        raise InvalidInput(f"编号 {about.number} 的事项还没有这一方，未收下。请改选投诉哪一方。")
    return {name: str(bound[name]) for name in ("node", "org", "office")}


def _named(about: Matter, by: Actor) -> Named:
    """A window that has no part in a matter names it by its number alone."""
    seen = Matter.objects.visible_to(by).filter(number=about.number).exists()
    return about if seen else {"procedure": about.procedure, "subject": about.number, "head": None}
