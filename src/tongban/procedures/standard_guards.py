"""
Conditions of the standard rows. Pure: each returns nothing, or why the act is refused.

A sentence begins after what the matter is called and its number ("办件 …"), and ends with what to do next.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tongban.kernel import limits
from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.tables import PROMISE

_ROLE = re.compile(limits.ROLE_FORM, re.ASCII)
_SUBJECT = re.compile(limits.SUBJECT_FORM, re.ASCII)
_WORD = re.compile(limits.WORD_FORM, re.ASCII)
_CHAIN = re.compile(limits.CHAIN_FORM, re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
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


def supervision_of_own(c: Circumstances) -> str | None:
    """The supervision named is open and held by the very organisation that answers: nobody answers for another."""
    name = c.given["duty"]
    duty = c.state.duties.get(name, {})
    if c.is_own(name) and duty.get("kind") == "supervise" and duty["holder"]["org"] == c.actor.get("org"):
        return None
    return "没有由本机关答复的这项督办。请由承办单位答复，或刷新后重试。"


def day_promised(c: Circumstances) -> str | None:
    """The answer names by which day what it is about will be done: today, or one of the days that follow."""
    promise = c.given["promise"]
    if isinstance(promise, Mapping) and promise.keys() == {"about", "until"}:
        about = c.state.duties[c.given["duty"]]["about"]
        until = day_in(promise["until"])
        if promise["about"] == about and until and c.day <= until <= c.day + timedelta(days=PROMISE):
            return None
    return f"的答复没有写明何日前办结，或所写的日期已过、超过 {PROMISE} 天。请从今天起选一个日期。"


def own_duty_overdue(c: Circumstances) -> str | None:
    """
    The duty to be escalated is held on this side, late, not escalated yet, and somebody is to be told of it.

    What supervisors themselves owe is not put to anybody again: the county office's list shows it.
    """
    duty = c.state.duties.get(c.given["about"])
    if duty is not None and (c.table.escalates(duty["kind"]) is None or not c.is_own(c.given["about"])):
        return "的这项责任不由本侧督办。请由县政府办督查。"
    if duty is None or duty["due"] is None or c.day <= date.fromisoformat(duty["due"]):
        return "的这项责任没有逾期，无需督办。请刷新后查看。"
    return _watched_already(c.state, c.given["about"])


def own_duty_watched(c: Circumstances) -> str | None:
    """The duty that is put to whoever owes it is open on this side, and not put to them already."""
    duty = c.state.duties.get(c.given["about"])
    if duty is None or not c.is_own(c.given["about"]) or c.table.escalates(duty["kind"]) is None:
        return "没有由本侧承担、可以督办的这项责任。请刷新后查看。"
    return _watched_already(c.state, c.given["about"])


def _watched_already(state: State, about: str) -> str | None:
    if any(other["about"] == about for other in state.duties.values()):
        return "的这项责任已在督办。请查看督办情况。"
    return None


def promise_passed(c: Circumstances) -> str | None:
    """
    Nobody has answered for this duty yet, or the day that the last answer named has passed.

    One fact raises one alarm: that a duty is late, and after the answer only that its promise was not kept.
    """
    until = last_promise(c.state, c.role, c.given["about"])
    if until is not None and c.day <= until:
        return "的这项责任已经答复，承诺的日期还没有过，无需再督办。请查看答复。"
    return None


def last_promise(state: State, role: str, about: str) -> date | None:
    """Return the day that a side named last, in answer to a supervision, for a duty; nothing where it named none."""
    said = state.fact(role, "promised", [])
    days = [
        day_in(one.get("until"))
        for one in (said if isinstance(said, list) else ())  # what was let in may say anything
        if isinstance(one, Mapping) and one.get("about") == about
    ]
    return days[-1] if days else None


def place_seen(c: Circumstances) -> str | None:
    """What is parked is not parked already."""
    named = c.given["withhold"]
    if named is None or (named["chain"], named["seq"]) not in open_parks(c.state, c.role).values():
        return None
    return "已暂停待核实。请查看核处情况。"


def park_open(c: Circumstances) -> str | None:
    """This side is parked, and what is let in or struck is what it holds back."""
    if not c.state.fact(c.role, "parked"):
        return "没有暂停待核实，无需核处。请刷新后查看。"
    held = open_parks(c.state, c.role)
    named = c.given["release"]
    if (named is None and not held) or (named is not None and named["park"] in held):
        return None
    return "所核处的不是本方暂停待核实的记录。请刷新后重试。"


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


def day_in(text: object) -> date | None:
    """Return the day that a text names as events write days; nothing for anything else."""
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_head(head: object) -> bool:
    if not isinstance(head, list) or len(head) != 3:
        return False
    chain, seq, hash_ = head
    counted = isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq <= limits.INTEGER
    return counted and _is(_CHAIN, chain) and _is(_DIGEST, hash_)


def _is(form: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None
