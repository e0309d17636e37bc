"""
The rows of a procedure: acts, duties, clocks. Pure data; `effects` turns a row into what an event records.

What a row may say is the whole vocabulary of a rule table (docs/protocol.md §18): a table is printed, hashed and carried by
dossiers, so nothing may happen that does not stand in a row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tongban.procedures.circumstances import Circumstances

WORKING_DAY = "working_day"
CALENDAR_DAY = "day"
FILE = "material:"  # what the label of a file begins with; all else is text

type Guard = Callable[[Circumstances], str | None]
type When = Callable[[Circumstances], bool]
type Becomes = Callable[[Circumstances], str]
type Source = str | Mapping[str, Any]


class Holder(StrEnum):
    """Who holds a duty, seen from the act that opens it."""

    OWN = "own"  # the organisation of the role that acts
    CENTRE = "centre"  # the service centre of the role that acts
    APPLICANT = "applicant"
    WATCH = "watch"  # whoever is told that the duty named is late: its row says who


@dataclass(frozen=True, slots=True)
class Limit:
    """So many days of a unit."""

    n: int
    unit: str = WORKING_DAY

    def to_dict(self) -> dict[str, int | str]:
        """Return the limit as events write it."""
        return {"n": self.n, "unit": self.unit}


@dataclass(frozen=True, slots=True)
class Opens:
    """
    A duty that an act opens, if `when` holds after it.

    With `to`, the duty belongs to that role: the actor's side owes delivery first (送达), and the duty opens there, by an event of
    that side, when the news has arrived; without a duty, the news is all.
    """

    duty: str | None
    holder: Holder = Holder.OWN
    to: str = ""
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Starts:
    """A clock that an act starts: today, or on the day from which another clock ran."""

    clock: str
    since: str = ""


DAY: Source = "day"


def value(of: Any) -> Source:
    """A fact that is always the same."""
    return {"value": of}


def given(name: str) -> Source:
    """A fact that the act carries."""
    return {"given": name}


def more(by: int) -> Source:
    """A fact that counts."""
    return {"more": by}


def append(name: str) -> Source:
    """A list to which the act adds what it carries."""
    return {"append": name}


def clock_from(clock: str) -> Source:
    """The day from which a clock runs."""
    return {"clock": str(clock)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    One lawful act. `end` None: the phase stays, and the pen is not needed; or `becomes`, in its place, says from what the act
    carries to which phase it goes. `start` None: any phase of a matter that has begun.

    Who: `permission` None: no post does it, only the system. `applicant`: the applicant may do it too, or, without a permission,
    alone. `automatic`: modes in which the
    system does it too. `by_step`: the permission is what the papers say for the step named.
    When: `modes` (None: any), `power` (what the papers must give), `closes` (one of these must be owed), `needs`.
    What it carries: `given` (codes it must), `allows` (codes it may), `content` (what must be stored with it), `brings` (a new
    material, or words: an empty answer would use up the applicant's one chance).
    What follows: `facts` of its own side by source, `pen` (the role that gets it), `founds` the matter, `binds` a role, clocks,
    duties; and for the rows that every procedure has, `does`, by name (`effects.DOES`).
    `annotates`: a side that is parked may do it, in whatever phase, be it one that is unknown here. `overseers`: whoever supervises
    the division may do it too, of whatever organisation.
    """

    title: str
    role: str | None  # None: any role, about its own side
    start: frozenset[str] | None
    end: str | None = None
    becomes: Becomes | None = None
    permission: str | None = None
    applicant: bool = False
    automatic: frozenset[str] = frozenset()
    by_step: bool = False
    power: str | None = None
    modes: frozenset[str] | None = None
    basis: str
    closes: tuple[str, ...] = ()
    opens: tuple[Opens, ...] = ()
    founds: bool = False
    binds: str | None = None
    pen: str | None = None
    starts: Starts | None = None
    stops: tuple[str, ...] = ()
    pauses: str | None = None
    resumes: str | None = None
    extends: str | None = None
    needs: tuple[Guard, ...] = ()
    given: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    content: tuple[str, ...] = ()
    brings: bool = False
    facts: Mapping[str, Source] = field(default_factory=dict)
    does: str | None = None
    annotates: bool = False
    overseers: bool = False

    @property
    def moves(self) -> bool:
        """Whether it may change the phase, and so takes the pen."""
        return self.end is not None or self.becomes is not None

    @property
    def is_of_system(self) -> bool:
        """Whether no person does it."""
        return self.permission is None and not self.applicant


@dataclass(frozen=True, slots=True)
class DutyRule:
    """
    One kind of duty.

    `segment` names the limit that papers may shorten; `clock` names the clock whose due date counts instead of a limit of its
    own; `within` are the phases outside which the duty is void (empty: never); `escalates` is who has to answer when it is
    late, on the side that owes it (None: nobody, the county office's list shows it).
    """

    title: str
    limit: Limit | None
    basis: str
    within: frozenset[str] = frozenset()
    escalates: Holder | None = Holder.OWN
    segment: str = ""
    clock: str = ""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """
    A clock that law starts and stops.

    `guided`: papers may say how long it is; `segment`: papers may shorten it under that name; `extension` is by how much an act
    that extends it lengthens it, in the unit it runs in.
    """

    title: str
    limit: Limit
    basis: str
    guided: bool = False
    segment: str = ""
    extension: int = 0
