"""
Conditions of the standard rows. Pure: each returns nothing, or why the act is refused.

A sentence begins after what the matter is called and its number ("办件 …"), and ends with what to do next.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from tongban.kernel import limits
from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import Circumstances

_ROLE = re.compile(limits.ROLE_FORM, re.ASCII)
_SUBJECT = re.compile(limits.SUBJECT_FORM, re.ASCII)
_WORD = re.compile(limits.WORD_FORM, re.ASCII)
_CHAIN = re.compile(limits.CHAIN_FORM, re.ASCII)
_DIGEST = re.compile(limits.DIGEST_FORM, re.ASCII)


def addressed_here(c: Circumstances) -> str | None:
    """The news that arrived was sent to this chain."""
    here = f"{c.role}/{c.term}"
    names = c.given["duties"]
    if names and all(c.state.duties.get(name, {}).get("to") == here for name in names):
        return None
    return "没有送到本机关的消息。请刷新后重试。"


def own_duties(c: Circumstances) -> str | None:
    """The duties named are open, and held by the very organisation that acts: nobody looks or claims for another."""
    for name in c.given["duties"]:
        duty = c.state.duties.get(name)
        if duty is None or not c.is_own(name) or duty["holder"]["org"] != c.actor.get("org"):
            return "没有由本机关承担的这项责任。请由承担机构办理，或刷新后重试。"
    return None if c.given["duties"] else "没有指明责任。请刷新后重试。"


def claimed_by_nobody_else(c: Circumstances) -> str | None:
    """What is claimed stays with whoever has claimed it until they hand it over."""
    if any(_claimed(c, name) not in ("", c.staff) for name in c.given["duties"]):
        return "已由他人认领。请由其转交，或由督办人员解除认领后再认领。"
    return None


def claimed_by_oneself(c: Circumstances) -> str | None:
    """One hands over what one has claimed, to somebody else or back to all."""
    if all(_claimed(c, name) == c.staff for name in c.given["duties"]) and c.given["colleague"] != c.staff:
        return None
    return "不由您认领，或所选的就是您本人。请由认领人转交给他人，或由督办人员解除认领。"


def claimed_by_somebody(c: Circumstances) -> str | None:
    """The duties named are open on this side, and each is claimed."""
    if c.given["duties"] and all(c.is_own(name) and _claimed(c, name) for name in c.given["duties"]):
        return None
    return "没有本侧已认领的这项责任，无需解除。请刷新后查看。"


def oneself(c: Circumstances) -> str | None:
    """What is said of a member of staff, they say of themselves."""
    return None if c.given["staff"] == c.staff else "须由本人办理。请用本人账号登录后重试。"


def _claimed(c: Circumstances, name: str) -> str:
    return str(c.state.duties.get(name, {}).get("claimed") or "")


def own_dues_without_date(c: Circumstances) -> str | None:
    """The dates that are set are of this side's duties, or of clocks while it holds the pen, and were open."""
    for name in c.given["due"]:
        thing = c.state.duties.get(name) if "/" in name else c.state.clocks.get(name)
        own = c.is_own(name) if "/" in name else c.state.pen == c.role
        if thing is None or not own or thing["due"] is not None:
            return "没有待确定期限的这项责任。请刷新后重试。"
    return None


def duty_named(c: Circumstances) -> str | None:
    """The supervision named is open."""
    name = c.given["duty"]
    if c.is_own(name) and c.state.duties.get(name, {}).get("kind") == "supervise":
        return None
    return "没有这项督办。请刷新后重试。"


def own_duty_overdue(c: Circumstances) -> str | None:
    """
    The duty to be escalated is held on this side, late, not escalated yet, and somebody is to be told of it.

    What the service centre itself supervises is not put to it again: the county office's list shows it.
    """
    duty = c.state.duties.get(c.given["about"])
    if duty is not None and (c.table.escalates(duty["kind"]) is None or not c.is_own(c.given["about"])):
        return "的这项责任不由本侧督办。请由县政府办督查。"
    if duty is None or duty["due"] is None or c.day <= date.fromisoformat(duty["due"]):
        return "的这项责任没有逾期，无需督办。请刷新后查看。"
    if any(other["about"] == c.given["about"] for other in c.state.duties.values()):
        return "的这项责任已在督办。请查看督办情况。"
    return None


def place_seen(c: Circumstances) -> str | None:
    """What is parked is not parked already."""
    named = c.given["withhold"]
    if named is None or (named["chain"], named["seq"]) not in open_parks(c.state, c.role).values():
        return None
    return "已挂起待核。请查看核处情况。"


def park_open(c: Circumstances) -> str | None:
    """This side is parked, and what is let in or struck is what it holds back."""
    if not c.state.fact(c.role, "parked"):
        return "没有挂起，无需核处。请刷新后查看。"
    held = open_parks(c.state, c.role)
    named = c.given["release"]
    if (named is None and not held) or (named is not None and named["park"] in held):
        return None
    return "所核处的不是本方挂起的记录。请刷新后重试。"


def open_parks(state: State, role: str) -> dict[str, tuple[str, int]]:
    """
    Return the parks of a role that nobody has answered, by hash: (chain, from).

    By chain and place, for a stored state forgets in what order they came.
    """
    found = {
        park: (chain, first)
        for park, (chain, first, last, by) in state.withheld.items()
        if last is None and by == role
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))


def letting_in(state: State, role: str) -> dict[str, Any] | None:
    """Return the release by which a side lets in the first that it holds back, or nothing where it holds back nothing."""
    park = next(iter(open_parks(state, role)), None)
    return {"park": park, "struck": None} if park else None


def other_side_named(c: Circumstances) -> str | None:
    """The role that another node takes over is not one's own, and is bound to the node whose place is taken."""
    named = c.given.get("succeed") or {}
    binding = c.state.roles.get(named.get("role", ""), {})
    if named.get("role") != c.role and binding and binding["node"] == named.get("from"):
        return None
    return "没有由该节点承办的另一方，无需接替。请刷新后查看。"


def own_events(c: Circumstances) -> str | None:
    """The events whose bodies are to be deleted are named, and none is deleted already."""
    if c.given["events"] and not set(c.given["events"]) & c.state.redacted.keys():
        return None
    return "没有指明要删除哪些记录的个人信息，或已经删除。请刷新后重试。"


def matters_named(c: Circumstances) -> str | None:
    """The matters that this one is about are named as they should be, none twice, and not itself."""
    named = c.given["matters"]
    if isinstance(named, list) and len(named) <= limits.REFS and all(_names_a_matter(one) for one in named):
        numbers = [one["subject"] for one in named]
        if len(set(numbers)) == len(numbers) and c.state.subject not in numbers:
            return None
    return "所关的事项没有写明，或写了不止一次。请核对所关事项的编号。"


def children_named(c: Circumstances) -> str | None:
    """The children of a parent are named by number, each with its phase."""
    children = c.given["children"]
    if isinstance(children, Mapping) and all(
        _is(_SUBJECT, number) and _is(_WORD, phase) for number, phase in children.items()
    ):
        return None
    return "所含的各件没有写明编号和阶段。请稍后由系统重新汇总。"


def _names_a_matter(named: object) -> bool:
    """Whether something names a matter: its procedure, its number, and the last event seen of it (chain, seq, hash), if any."""
    if not isinstance(named, Mapping) or named.keys() != {"procedure", "subject", "head"}:
        return False
    return (
        _is(_ROLE, named["procedure"])
        and _is(_SUBJECT, named["subject"])
        and (named["head"] is None or _is_head(named["head"]))
    )


def _is_head(head: object) -> bool:
    if not isinstance(head, list) or len(head) != 3:
        return False
    chain, seq, hash_ = head
    counted = isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq <= limits.INTEGER
    return counted and _is(_CHAIN, chain) and _is(_DIGEST, hash_)


def _is(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None
