"""
What a procedure is, as the engine sees it: its words, its tables, what its papers mean. Pure.

The impure part (which row it is found by, what the system does of itself) is `practice.Practice`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import NOTHING_SAID, Terms
from tongban.procedures.disposal import GROUNDS
from tongban.procedures.papers_named import Papers
from tongban.procedures.tables import Table

type Documents = Mapping[str, Mapping[str, Any]]  # papers by kind


def _no_terms(papers: Documents) -> Terms:
    return NOTHING_SAID


def _of_founder(state: State, founder: str) -> Papers | None:
    bound = state.roles.get(founder)
    return bound["papers"] if bound else None


def _no_label(state: State) -> str:
    return ""


def _nothing_wrong(
    papers: Papers, terms: Any, binding: Mapping[str, Any] | None, asked: "Asked"
) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """About whom papers are asked: the node of the founding role, the day, and whether they counted before."""

    founder: str
    day: str
    pinned_before: bool


@dataclass(frozen=True, slots=True)
class Gathers:
    """
    That matters of a procedure are parents: the act of the system that says to which phase its children have brought one.

    `of` are the procedures whose matters, about this one and begun on its node, are its children. The act carries `children`,
    their phases by number, and its row `becomes` by a function of these and nothing else.
    """

    act: str
    of: Collection[str]


@dataclass(frozen=True, slots=True)
class Procedure:
    """
    A procedure: its name as events carry it, what people call a matter of it, its roles and phases in words, and its tables.

    `kinds` are the kinds of papers it rests on, `terms` what these say, `papers_of` which count in a state, `wrong_papers` what
    is wrong with some that an event binds. `label` is what a matter is about, for lists (an item's code); `opened` the founder's
    fact that says when it began. `told` are the labels of content that an applicant may
    read, `visited` those that a visitor may, `supervised` those of what offices wrote, for who supervises. `public`: whoever knows
    the number is told the phase. `gathers`: its matters are parents of others. The last table is the one by which this program writes.
    """

    name: str
    title: str
    roles: Mapping[str, str]
    phases: Mapping[str, str]
    terminal: frozenset[str]
    tables: tuple[Table, ...]
    kinds: Collection[str] = ()
    terms: Callable[[Documents], Terms] = _no_terms
    papers_of: Callable[[State, str], Papers | None] = _of_founder
    wrong_papers: Callable[[Papers, Any, Mapping[str, Any] | None, Asked], str | None] = _nothing_wrong
    label: Callable[[State], str] = _no_label
    opened: str = "opened_on"
    gathers: Gathers | None = None
    words: Mapping[str, str] = field(default_factory=dict)  # of codes that its rows print: modes, powers
    codes: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # what an actor may choose, by name and code
    labels: Mapping[str, str] = field(default_factory=dict)  # of content, in words
    told: frozenset[str] = frozenset()
    visited: frozenset[str] = frozenset()
    supervised: frozenset[str] = frozenset()
    public: bool = False
    reads: str = ""  # the permission that opens its content
    supervises: str = ""  # the permission that sees a county's matters

    @property
    def present(self) -> Table:
        """The table by which this program writes."""
        return self.tables[-1]

    @property
    def founder(self) -> str:
        """The role that begins a matter."""
        return self.present.founder

    @property
    def choices(self) -> Mapping[str, Mapping[str, str]]:
        """What an actor may choose, by name and code: its own, and that of every procedure."""
        return {"ground": GROUNDS, **self.codes}

    def is_for(self, powers: Collection[str]) -> bool:
        """Return whether a post with these powers has anything to do with such matters; to destroy content is of all alike."""
        named = self.present.permissions | {self.reads, self.supervises}
        return not named.isdisjoint(powers)

    def phase_name(self, phase: str) -> str:
        """Return a phase in the words people use; one that only a newer neighbour knows by its code."""
        return self.phases.get(phase, phase)

    def role_name(self, role: str) -> str:
        """Return a role in the words people use."""
        return self.roles.get(role, role)


def by_word(*names: Mapping[Any, str]) -> dict[str, str]:
    """Return names by their words as text: a procedure's own kinds of words are enumerations."""
    return {str(word): name for some in names for word, name in some.items()}
