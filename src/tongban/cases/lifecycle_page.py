"""Prints the rule table, the duties and a state diagram as docs/lifecycle.md, and the table as the document that events name. Pure."""

import inspect
import json
from collections.abc import Mapping

from tongban.cases import tables
from tongban.cases.bases import OTHERWISE
from tongban.cases.duties import DUTIES, WORKING_DAY, DutyRule
from tongban.cases.lifecycle import RULES, VERSION, Opens, Rule, Source
from tongban.cases.words import (
    AT_HANDLING,
    LIVE,
    PHASE_NAMES,
    TERMINAL,
    Act,
    Clock,
    Duty,
    Holder,
    Mode,
    Phase,
    Power,
    Role,
)

ROLE_NAMES = {Role.INTAKE: "收件地", Role.HANDLING: "办理地", None: "任一方"}
CLOCK_NAMES = {Clock.NOTICE: "告知期限", Clock.DECISION: "办理期限"}
HOLDER_NAMES = {Holder.OWN: "本方", Holder.CENTRE: "本方中心", Holder.APPLICANT: "申请人"}
POWER_NAMES = {
    Power.RECEIVE: "收件受理权", Power.NOTICE: "一次性告知权", Power.VERIFY: "原件核验权",
    Power.DELIVER: "审批结果送达权", Power.DECIDE: "授权本地办理",
}  # fmt: skip
MODE_NAMES = {
    Mode.FULLY_ONLINE: "全程网办", Mode.PROXY_INTAKE: "异地代收代办", Mode.JOINT: "多地联办",
    Mode.DELEGATED: "异地授权本地办理",
}  # fmt: skip
EVERY_PHASE = frozenset(Phase) - {Phase.NONE}
NOTHING = "—"

HEAD = f"""\
# The course of a case

What may be done to a case (办件), by whom, and what follows from it: table version {VERSION} of
`tongban.cases.lifecycle`, printed by `make docs`; as a program reads it, it stands in
[`procedures/case-{VERSION}.json`](procedures/case-{VERSION}.json), and events name it by the digest of that document,
`{tables.PRESENT.digest}`
([protocol §18](protocol.md)). An act (code in brackets) is an event of the role's chain.
“→ 对方” means that the duty opens on the other node when the news has arrived there; until then this side owes
the delivery (送达).

## Phases

A case is in one phase. Only the role that holds the pen (执笔) moves it.

```mermaid
stateDiagram-v2
"""
ACTS = """
## Acts

What an act records of its own side (facts) comes from what it carries, or as noted. What else it does is named as in
[protocol §18](protocol.md). A side that is parked (挂起待核) does only what is marked so.

"""
COLUMNS = (
    "act", "role", "from", "to", "who", "permission", "power", "modes", "basis", "closes", "opens",
    "clocks", "only if", "must carry", "may carry", "stored with it", "facts", "does", "while parked",
)  # fmt: skip
OWED = """
## Duties

What somebody owes (责任). An agreement may shorten a limit that has a segment, never lengthen it. A duty is void
outside the phases named; when it is late, the one named last is told.

| duty | limit | segment | basis | within | escalates to |
| --- | --- | --- | --- | --- | --- |
"""
BASES = """
## Bases where no licence is asked for

The permit law (行政许可法) binds licences only. Under a guide that says `licensing: false`, an act, a duty or a clock
names what stands on the right.

| under a licence | otherwise |
| --- | --- |
"""


def document() -> str:
    """Return the table as it is published: the document whose digest events name, for people to read."""
    return json.dumps(tables.PRESENT.document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def page() -> str:
    """Return the page as it should be."""
    acts = "".join(_row(_act(act, rule)) for act, rule in RULES.items())
    duties = "".join(_row(_duty(duty, rule)) for duty, rule in DUTIES.items())
    bases = "".join(_row([written, other]) for written, other in OTHERWISE.items())
    return (
        HEAD
        + _diagram()
        + "```\n"
        + ACTS
        + _row([*COLUMNS])
        + _row(["---"] * len(COLUMNS))
        + acts
        + OWED
        + duties
        + BASES
        + bases
    )


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell or NOTHING for cell in cells) + " |\n"


def _diagram() -> str:
    lines = [f"    {phase}: {PHASE_NAMES[phase]} {phase}" for phase in Phase if phase is not Phase.NONE]
    for rule in RULES.values():
        if rule.end is not None:
            lines += [
                f"    {str(start) or '[*]'} --> {rule.end}: {rule.title}" for start in _in_order(rule.start)
            ]
    lines += [f"    {phase} --> [*]" for phase in _in_order(TERMINAL)]
    return "".join(f"{line}\n" for line in lines)


def _act(act: Act, rule: Rule) -> list[str]:
    passes = "；执笔移交对方" if rule.passes_pen else ""
    return [
        f"{rule.title}（`{act}`）", ROLE_NAMES[rule.role], _phases(rule.start),
        f"{PHASE_NAMES[rule.end]}{passes}" if rule.end is not None else "", _who(rule),
        f"`{rule.permission}`" if rule.permission else "", POWER_NAMES[rule.power] if rule.power else "",
        "" if rule.modes == frozenset(Mode) else "、".join(MODE_NAMES[mode] for mode in Mode if mode in rule.modes),
        rule.basis, "、".join(DUTIES[duty].title for duty in rule.closes),
        "、".join(_opens(opens) for opens in rule.opens), _clocks(rule),
        " ".join((inspect.getdoc(guard) or "").split("\n", 1)[0] for guard in rule.needs),
        _codes(rule.given), _codes(rule.allows), _stored(rule), _facts(rule.facts), f"`{rule.does}`" if rule.does else "",
        "可以" if rule.annotates else "",
    ]  # fmt: skip


def _stored(rule: Rule) -> str:
    brought = ["材料或说明"] if rule.brings else []
    return "、".join([*([_codes(rule.content)] if rule.content else []), *brought])


def _facts(facts: Mapping[str, Source]) -> str:
    return "、".join(f"`{name}`{_source(name, source)}" for name, source in facts.items())


def _source(name: str, source: Source) -> str:
    if isinstance(source, str):
        return "：当日"
    [(how, what)] = source.items()
    match how:
        case "given":
            return "" if what == name else f"：`{what}`"
        case "value":
            return f" = {json.dumps(what, ensure_ascii=False)}"
        case "more":
            return f" + {what}"
        case "append":
            return f"：加上 `{what}`"
    return f"：{CLOCK_NAMES[Clock(what)]}的起算日"


def _who(rule: Rule) -> str:
    people = (["岗位"] if rule.permission else ["系统"]) + (["申请人"] if rule.applicant else [])
    return "、".join(people)


def _opens(opens: Opens) -> str:
    title = DUTIES[opens.duty].title if opens.duty else "（仅告知）"
    if opens.news:
        return f"{title} → 对方"
    return title if opens.holder is Holder.OWN else f"{title}（{HOLDER_NAMES[opens.holder]}）"


def _clocks(rule: Rule) -> str:
    moved = [f"起算{CLOCK_NAMES[rule.starts]}"] if rule.starts else []
    moved += [f"终止{CLOCK_NAMES[clock]}" for clock in rule.stops]
    return "、".join(moved)


def _duty(duty: Duty, rule: DutyRule) -> list[str]:
    limit = f"{rule.limit.n} {'工作日' if rule.limit.unit == WORKING_DAY else '日'}" if rule.limit else ""
    limit = limit or (f"随{CLOCK_NAMES[Clock(rule.clock)]}" if rule.clock else "")
    segment = f"`{rule.segment}`" if rule.segment else ""
    within = _phases(rule.within) if rule.within else "任何阶段"
    return [f"{rule.title}（`{duty}`）", limit, segment, rule.basis, within, rule.escalates]


def _phases(phases: frozenset[Phase]) -> str:
    if phases == EVERY_PHASE or phases == LIVE | TERMINAL:
        return "任何阶段"
    if phases >= AT_HANDLING:
        rest = "".join(f"、{PHASE_NAMES[phase]}" for phase in _in_order(phases - AT_HANDLING))
        return f"在办理地的各阶段{rest}"
    return "、".join(PHASE_NAMES[phase] for phase in _in_order(phases))


def _in_order(phases: frozenset[Phase]) -> list[Phase]:
    return [phase for phase in Phase if phase in phases]


def _codes(names: tuple[str, ...]) -> str:
    return "、".join(f"`{name}`" for name in names)
