"""
What a procedure does besides its rules, on this node: the table it is found by, what the system adds to an act, what it does of itself.

A procedure that needs none of it has `Practice()`. Filled by the apps as Django starts (`apps.py` of each).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.kernel import vault
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.journal.fold import State
from tongban.procedures.models import Matter
from tongban.procedures.periods import Opening

type Watch = Callable[[datetime], int]
type Consequence = Callable[[State, Actor, datetime], None]


@dataclass(frozen=True, slots=True)
class Made:
    """
    What is made for an act before it is recorded: the codes, texts and files that it carries.

    `keep` is called in the transaction of the record; it raises `Superseded` where what was made counts no longer, as its
    number has been taken meanwhile. Then it is made anew.
    """

    keep: Callable[[], None]
    given: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


class Superseded(DomainError):
    """What was made for an act bears a number that another act has taken meanwhile."""

    code = "number_taken"
    status = 409


@dataclass(frozen=True, slots=True)
class Step:
    """A step that papers name: what it is called, its place among how many, and the permission it takes."""

    name: str
    place: int
    of: int
    permission: str


class Practice:
    """The practice of a procedure that has none of its own."""

    model: type[Matter] = Matter
    openings: Sequence[Opening] = ()  # by the calendar: one matter for each period

    def columns(self, state: State) -> dict[str, Any]:
        """Return the columns of the procedure's own table, besides those of every matter."""
        return {}

    def before(self, state: State, at: datetime) -> Matter | None:
        """Do what law does by itself before anybody acts; return the matter if anything was done."""
        return None

    def completed(self, state: State, act: str, role: str, at: datetime) -> dict[str, Any]:
        """Return what an act must carry and the system knows better than the actor."""
        return {}

    def filled(
        self, state: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
    ) -> tuple[dict[str, Any], Mapping[str, str]]:  # fmt: skip
        """
        Return the codes and texts that an act carries, from what somebody filled in: what has to be drawn from it, put together or
        signed first. Raises the refusal of what cannot stand.
        """
        return dict(given), texts

    def makes(self, act: str) -> Mapping[str, Any]:
        """Return the codes that are made for an act here, and typed by nobody, each with one that stands in until then."""
        return {}

    def make(
        self, state: State, after: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Made:  # fmt: skip
        """
        Return what an act carries besides what was typed; asked only where `makes` names something, of an act that is lawful.

        `after` is the state as the act will leave it. Raises the refusal of what cannot be made: then nothing is done.
        """
        raise NotImplementedError

    def consequence(self, act: str) -> Consequence | None:
        """Return what an act does in other tables, in one transaction with its record; most acts do nothing there."""
        return None

    def texts(self, act: str, by: Actor) -> Mapping[str, str]:
        """Return texts that belong to an act by where it is done."""
        return {}

    def content(self, number: str, act: str) -> Sequence[Mapping[str, Any]]:
        """Return content that an act brings besides its texts, and mark it as brought."""
        return ()

    def open(self, values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
        """Begin a matter by what somebody filled in; raises InvalidInput where nobody fills in anything for it."""
        raise InvalidInput("这种事项不能这样新建，未办理。请从它的来源办起。")

    def open_content(self, number: str, label: str, digest: str) -> tuple[str, str, bytes]:
        """Return name, media type and bytes of a piece of content that somebody may read."""
        return f"{label}.txt", "text/plain; charset=utf-8", vault.get(number, digest)

    def title_of(self, matter: Matter, label: str) -> str:
        """Return what a piece of content is called, by its label."""
        return matter.title_of_label(label)

    def done_how(self, given: Mapping[str, Any]) -> tuple[str, str]:
        """Return how something was done in somebody else's name, and by which organisation; nothing for most acts."""
        return "", ""

    def told(self, matter: Matter, label: str, text: str, before: str) -> str:
        """Return a text as people read it on a page; `before` is the last text of this label, or nothing."""
        return text

    def likely(self, state: State, act: str, role: str, terms: Any) -> dict[str, Any]:
        """Return the codes that an act would carry, as far as a rule looks at them."""
        return {}

    def arrived(self, matter: Matter, at: datetime) -> None:
        """Go on with a matter of which something has arrived here."""

    @property
    def watches(self) -> Sequence[Watch]:
        """What the system does of itself, time and again; each returns how much was done."""
        return ()

    def next_steps(self, numbers: Collection[str]) -> dict[str, Step]:
        """Return the step that comes next in each of these matters, where papers name steps."""
        return {}

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Return what people call that which matters are about, by label, as far as known here."""
        return {}


_PRACTICES: dict[str, Practice] = {}
_NONE = Practice()


def enter(procedure: str, practice: Practice) -> None:
    """Say how a procedure is practised here."""
    _PRACTICES[procedure] = practice


def of(procedure: str) -> Practice:
    """Return how a procedure is practised here."""
    return _PRACTICES.get(procedure, _NONE)


def everyone() -> list[Practice]:
    """Return all practices that are not the plain one."""
    return list(_PRACTICES.values())
