"""
A rule table, and the document whose digest events name (docs/protocol.md §18).

Pure. A table is all that effects depend on: rows, duties, clocks, bases, limits. One changed word makes another digest, so two
builds can never mean two tables by one name. What is released is never edited: the next version is a new table beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tongban.accounts.access.actor import Permission
from tongban.kernel.crypto import digest
from tongban.procedures.circumstances import Terms
from tongban.procedures.rule import ClockRule, DutyRule, Holder, Opens, Rule

FORMAT = "tongban-rules/1"
TOLERANCE = 10  # minutes by which clocks of nodes may differ before a human is asked
KEEP = 10  # years for which content is kept after a matter ended, where its papers name no other
WAIT = 10  # days between the approval of a destruction and the destruction: so long it may be taken back
PROMISE = 30  # days within which an answer to a supervision says that the work will be done
APPEAL = 60  # days after which nobody can object any more to what a side no longer has to do with (行政复议法 第二十条)
# What only archivists do is of all procedures alike, and makes no post one that has to do with such matters.
_ARCHIVISTS = frozenset({str(Permission.ARCHIVE_DESTROY), str(Permission.ARCHIVE_APPROVE)})


@dataclass(frozen=True)
class Table:
    """One version of the rules of a procedure. Looked up by words as they travel: a key that is not there is unknown here."""

    procedure: str
    version: int
    founder: str
    roles: tuple[str, ...]
    rules: Mapping[Any, Rule]  # by words: known ones compare equal to their text
    duties: Mapping[Any, DutyRule]
    clocks: Mapping[Any, ClockRule] = field(default_factory=dict)
    carries: frozenset[str] = frozenset()  # the modes whose course these rules carry
    otherwise: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    # For how many years content is kept after a matter ended in a phase, where neither its papers nor KEEP count.
    keeps: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The table as it is printed, hashed and carried by dossiers."""
        return {
            "format": FORMAT, "procedure": self.procedure, "version": self.version, "founder": str(self.founder),
            "roles": [str(role) for role in self.roles], "carries": _words(self.carries),
            "acts": {str(kind): _row(rule) for kind, rule in self.rules.items()},
            "duties": {str(kind): _duty(rule) for kind, rule in self.duties.items()},
            "clocks": {str(name): _clock(rule) for name, rule in self.clocks.items()},
            "otherwise": dict(self.otherwise), "keeps": {str(phase): years for phase, years in self.keeps.items()},
            "limits": {**self.limits, "minutes": TOLERANCE, "keep": KEEP, "wait": WAIT, "appeal": APPEAL, "promise": PROMISE},
        }  # fmt: skip

    @cached_property
    def digest(self) -> str:
        """What events name."""
        return digest.tagged(FORMAT, self.document)

    @property
    def name(self) -> dict[str, Any]:
        """The table as an event names it."""
        return {"version": self.version, "digest": self.digest}

    @cached_property
    def phases(self) -> frozenset[str]:
        """The phases this table knows: those from and to which its acts go."""
        rules = self.rules.values()
        ends = {rule.end for rule in rules if rule.end is not None}
        return frozenset(ends.union(*(rule.start or () for rule in rules))) - {""}

    @cached_property
    def by_step(self) -> frozenset[str]:
        """The kinds of duties that are ended by a step which the papers name."""
        return frozenset(kind for rule in self.rules.values() if rule.by_step for kind in rule.closes)

    @cached_property
    def ends(self) -> Mapping[str, str]:
        """Whose a duty is: the permission of the first act that ends it and nothing else."""
        alone = [rule for rule in self.rules.values() if rule.permission and len(rule.closes) == 1]
        return {rule.closes[0]: str(rule.permission) for rule in reversed(alone)}

    @cached_property
    def permissions(self) -> frozenset[str]:
        """What posts need for its acts, but for destroying content."""
        needed = {str(rule.permission) for rule in self.rules.values() if rule.permission}
        return frozenset(needed - _ARCHIVISTS)

    @cached_property
    def closed_by(self) -> Mapping[str, frozenset[str]]:
        """The permissions of the acts that end a duty, by its kind."""
        found: dict[str, frozenset[str]] = {}
        for rule in self.rules.values():
            for kind in rule.closes if rule.permission else ():
                found[str(kind)] = found.get(str(kind), frozenset()) | {str(rule.permission)}
        return found

    def years_kept(self, phase: str, terms: Terms) -> int:
        """Return for how many calendar years content is kept after a matter ended in a phase: as the table, the papers, or KEEP say."""
        return self.keeps.get(phase) or terms.keeps() or KEEP

    def escalates(self, kind: str) -> Holder | None:
        """Return who answers when a duty is late; of a kind that only a newer table knows, the side's own organisation."""
        rule = self.duties.get(kind)
        return Holder.OWN if rule is None else rule.escalates

    def title_of_act(self, kind: str) -> str:
        """Return the name of an act as people say it; one of another version by its code."""
        rule = self.rules.get(kind)
        return rule.title if rule else kind

    def title_of_duty(self, kind: str) -> str:
        """Return what a duty is called; one of another version by its code."""
        rule = self.duties.get(kind)
        return rule.title if rule else kind


def known(tables: Iterable[Table]) -> dict[str, Table]:
    """Return tables by their digests."""
    return {table.digest: table for table in tables}


def _words(words: Iterable[str]) -> list[str]:
    return sorted(str(word) for word in words)


def _word(word: str | None) -> str | None:
    return None if word is None else str(word)


def _row(rule: Rule) -> dict[str, Any]:
    starts = rule.starts
    return {
        "role": _word(rule.role), "from": None if rule.start is None else _words(rule.start), "to": _word(rule.end),
        "becomes": rule.becomes.__name__ if rule.becomes else None,
        "staff": rule.permission is not None, "applicant": rule.applicant,
        "system": "any" if rule.is_of_system else _words(rule.automatic), "by_step": rule.by_step,
        "modes": None if rule.modes is None else _words(rule.modes), "power": _word(rule.power),
        "basis": rule.basis, "closes": [str(duty) for duty in rule.closes],
        "opens": [_opens(one) for one in rule.opens],
        "founds": rule.founds, "binds": _word(rule.binds), "pen": _word(rule.pen),
        "starts": {"clock": str(starts.clock), "since": str(starts.since) or None} if starts else None,
        "stops": [str(clock) for clock in rule.stops], "pauses": _word(rule.pauses), "resumes": _word(rule.resumes),
        "extends": _word(rule.extends),
        "needs": [guard.__name__ for guard in rule.needs], "given": list(rule.given), "allows": list(rule.allows),
        "content": list(rule.content), "brings": rule.brings,
        "facts": {name: source if isinstance(source, str) else dict(source) for name, source in rule.facts.items()},
        "does": rule.does, "annotates": rule.annotates, "overseers": rule.overseers,
    }  # fmt: skip


def _opens(one: Opens) -> dict[str, Any]:
    return {
        "duty": _word(one.duty), "holder": str(one.holder), "to": str(one.to) or None,
        "when": one.when.__name__ if one.when else None,
    }  # fmt: skip


def _duty(rule: DutyRule) -> dict[str, Any]:
    return {
        "limit": rule.limit.to_dict() if rule.limit else None, "basis": rule.basis, "within": _words(rule.within),
        "segment": rule.segment, "clock": str(rule.clock), "escalates": _word(rule.escalates),
    }  # fmt: skip


def _clock(rule: ClockRule) -> dict[str, Any]:
    return {
        "limit": rule.limit.to_dict(), "basis": rule.basis, "guided": rule.guided, "segment": rule.segment,
        "extension": rule.extension,
    }  # fmt: skip
