"""Prints a procedure's rule table, duties, clocks and a state diagram as a page, and the table as the document that events name. Pure."""

import inspect
import json
from collections.abc import Iterable, Mapping
from itertools import chain

from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import (
    CALENDAR_DAY,
    Becomes,
    ClockRule,
    DutyRule,
    Guard,
    Holder,
    Limit,
    Opens,
    Rule,
    Source,
    When,
)
from tongban.procedures.tables import Table

HOLDER_NAMES = {
    Holder.OWN: "本方", Holder.CENTRE: "本方中心", Holder.APPLICANT: "申请人", Holder.WATCH: "该责任的督办方",
}  # fmt: skip
NOTHING = "—"

HEAD = """\
# {title}（`{name}`）, version {version}

What may be done, by whom, and what follows from it; printed by `make docs` from the rules themselves. As a program reads it, it
stands in [`{name}-{version}.json`]({name}-{version}.json), and events name it by the digest of that document,
`{digest}`
([protocol §18](../protocol.md)). An act (code in brackets) is an event of the role's chain. “→ …” means that the duty opens on
the side of that role when the news has arrived there; until then this side owes the delivery (送达). A released version is never
edited; the next one is a table beside it.

## Phases

It is in one phase at a time. Only the role that holds the pen (执笔) moves it.

```mermaid
stateDiagram-v2
"""
ACTS = """
## Acts

What an act records of its own side (facts) comes from what it carries, or as noted. What else it does is named as in
[protocol §18](../protocol.md). A side that is parked (暂停待核实) does only what is marked so.

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
CLOCKS = """
## Clocks

| clock | limit | segment | basis |
| --- | --- | --- | --- |
"""
BASES = """
## Bases where no licence is asked for

The permit law (行政许可法) binds licences only. Under a guide that says any other `kind` than `licence`, an act, a duty or a clock
names what stands on the right.

| under a licence | otherwise |
| --- | --- |
"""


def document(table: Table) -> str:
    """Return a table as it is published: the document whose digest events name, for people to read."""
    return json.dumps(table.document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def page(procedure: Procedure, table: Table) -> str:
    """Return the page of a table as it should be."""
    return _Page(procedure, table).text()


class _Page:
    """One table of one procedure, as it is printed."""

    def __init__(self, procedure: Procedure, table: Table) -> None:
        self.procedure, self.table = procedure, table

    def text(self) -> str:
        """Return the whole page."""
        table, one = self.table, self.procedure
        head = HEAD.format(title=one.title, name=one.name, version=table.version, digest=table.digest)
        parts = [
            head, self._diagram(), "```\n", ACTS, _row([*COLUMNS]), _row(["---"] * len(COLUMNS)),
            *(_row(self._act(kind, rule)) for kind, rule in table.rules.items()),
            OWED, *(_row(self._duty(kind, rule)) for kind, rule in table.duties.items()),
        ]  # fmt: skip
        if table.clocks:
            parts += [CLOCKS, *(_row(_clock(name, rule)) for name, rule in table.clocks.items())]
        if table.otherwise:
            parts += [BASES, *(_row([written, other]) for written, other in table.otherwise.items())]
        return "".join(parts)

    def _diagram(self) -> str:
        known = self._in_order(self.table.phases)
        lines = [f"    {phase}: {self.procedure.phase_name(phase)} {phase}" for phase in known]
        for rule in self.table.rules.values():
            for start in known if rule.start is None else self._in_order(rule.start):
                lines += [f"    {start or '[*]'} --> {end}: {rule.title}" for end in self._ends(rule, start)]
        lines += [f"    {phase} --> [*]" for phase in self._in_order(self.procedure.terminal)]
        return "".join(f"{line}\n" for line in lines)

    def _ends(self, rule: Rule, start: str) -> list[str]:
        """Return the phases to which a row goes: one that says so from what it carries, to any from which it goes on, or to the end."""
        if rule.becomes is None:
            return [str(rule.end)] if rule.end is not None else []
        return self._in_order({*(rule.start or self.table.phases), *self.procedure.terminal} - {start})

    def _act(self, kind: str, rule: Rule) -> list[str]:
        one, passes = self.procedure, f"；执笔移交{self.procedure.role_name(rule.pen)}" if rule.pen else ""
        words = one.words
        return [
            f"{rule.title}（`{kind}`）", one.role_name(rule.role) if rule.role else "任一方", self._phases(rule.start),
            f"{_said(rule.becomes) if rule.becomes else one.phase_name(rule.end or '')}{passes}" if rule.moves else "", _who(rule),
            _permission(rule), words.get(rule.power, rule.power) if rule.power else "",
            "、".join(words.get(mode, mode) for mode in sorted(rule.modes)) if rule.modes is not None else "",
            rule.basis, "、".join(self.table.duties[duty].title for duty in rule.closes),
            "、".join(self._opens(opens) for opens in rule.opens), self._moved(rule),
            " ".join(_said(guard) for guard in rule.needs),
            _codes(rule.given), _codes(rule.allows), _stored(rule), self._facts(rule.facts), self._does(rule),
            "可以" if rule.annotates else "",
        ]  # fmt: skip

    def _opens(self, opens: Opens) -> str:
        title = self.table.duties[opens.duty].title if opens.duty else "（仅告知）"
        holder = "" if opens.holder is Holder.OWN else f"（{HOLDER_NAMES[opens.holder]}）"
        to = f" → {self.procedure.role_name(opens.to)}" if opens.to else ""
        return f"{title}{holder}{to}{f'（{_said(opens.when)}）' if opens.when else ''}"

    def _moved(self, rule: Rule) -> str:
        moved = [
            *([("起算", rule.starts.clock)] if rule.starts else []), *(("终止", clock) for clock in rule.stops),
            *([("暂停", rule.pauses)] if rule.pauses else []), *([("恢复", rule.resumes)] if rule.resumes else []),
            *([("延长", rule.extends)] if rule.extends else []),
        ]  # fmt: skip
        return "、".join(f"{verb}{self.table.clocks[clock].title}" for verb, clock in moved)

    def _does(self, rule: Rule) -> str:
        binds = [f"绑定{self.procedure.role_name(rule.binds)}"] if rule.binds else []
        founds = ["建立"] if rule.founds else []
        return "、".join([*founds, *binds, *([f"`{rule.does}`"] if rule.does else [])])

    def _facts(self, facts: Mapping[str, Source]) -> str:
        return "、".join(f"`{name}`{self._source(name, source)}" for name, source in facts.items())

    def _source(self, name: str, source: Source) -> str:
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
        return f"：{self.table.clocks[what].title}的起算日"

    def _duty(self, kind: str, rule: DutyRule) -> list[str]:
        limit = _limit(rule.limit) or (f"随{self.table.clocks[rule.clock].title}" if rule.clock else "")
        told = HOLDER_NAMES[rule.escalates] if rule.escalates else "无（县级督查）"
        within = self._phases(rule.within) if rule.within else "任何阶段"
        return [f"{rule.title}（`{kind}`）", limit, _codes([rule.segment]), rule.basis, within, told]

    def _phases(self, phases: Iterable[str] | None) -> str:
        if phases is None:
            return "任何阶段"
        return "、".join(self.procedure.phase_name(phase) for phase in self._in_order(phases))

    def _in_order(self, phases: Iterable[str]) -> list[str]:
        order = list(self.procedure.phases)
        return sorted((str(phase) for phase in phases), key=lambda one: order.index(one))


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell or NOTHING for cell in cells) + " |\n"


def _said(condition: Guard | When | Becomes) -> str:
    return (inspect.getdoc(condition) or "").split("\n", 1)[0]


def _permission(rule: Rule) -> str:
    return (
        f"`{rule.permission}`{'，或所依据文件指定的环节权限' if rule.by_step else ''}"
        if rule.permission
        else ""
    )


def _stored(rule: Rule) -> str:
    brought = ["材料或说明"] if rule.brings else []
    return "、".join([*([_codes(rule.content)] if rule.content else []), *brought])


def _who(rule: Rule) -> str:
    people = ["岗位"] if rule.permission else ["系统"] if rule.is_of_system else []
    return "、".join(
        [*people, *(["申请人"] if rule.applicant else []), *(["系统"] if rule.automatic else [])]
    )


def _clock(name: str, rule: ClockRule) -> list[str]:
    more = f"，可延长 {rule.extension} 日" if rule.extension else ""
    limit = f"{_limit(rule.limit)}{'，依所依据文件' if rule.guided else ''}{more}"
    return [f"{rule.title}（`{name}`）", limit, _codes([rule.segment]), rule.basis]


def _limit(limit: Limit | None) -> str:
    return f"{limit.n} {'日' if limit.unit == CALENDAR_DAY else '工作日'}" if limit else ""


def _codes(names: Iterable[str]) -> str:
    return "、".join(f"`{name}`" for name in names if name)


def pages(procedures: Iterable[Procedure]) -> dict[str, str]:
    """Return every page and every table of these procedures, by the name of its file."""
    tables = chain.from_iterable(((one, table) for table in one.tables) for one in procedures)
    return {
        name: text
        for one, table in tables
        for name, text in (
            (f"{one.name}-{table.version}.md", page(one, table)),
            (f"{one.name}-{table.version}.json", document(table)),
        )
    }
