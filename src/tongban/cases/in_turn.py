"""Several acts at one press, each recorded as the act it is, in order; one that is refused ends it, and what is recorded stays."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from tongban.cases.models import Case
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError


class Step(Protocol):
    """What does one act on a case, and returns the case after it; raises a DomainError where it is refused."""

    def __call__(self, *, case: Case) -> Case:
        """Do it."""
        ...


@dataclass(frozen=True, slots=True)
class Came:
    """How far it came: the case, the acts that are recorded, and the one that was refused, if one was, and why."""

    case: Case
    done: tuple[Act, ...]
    stopped: Act | None = None
    refusal: DomainError | None = None


def in_turn(case: Case, steps: Iterable[tuple[Act, Step]], *, done: tuple[Act, ...]) -> Came:
    """Do acts one after another until one is refused; `done` are those that came before."""
    for act, step in steps:
        try:
            case = step(case=case)
        except DomainError as refusal:
            return Came(case, done, act, refusal)
        done = (*done, act)
    return Came(case, done)
