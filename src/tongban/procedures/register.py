"""The procedures this program knows, by name. Pure; filled once, by `known_procedures`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from tongban.kernel.journal.fold import State
from tongban.procedures.procedure import Procedure
from tongban.procedures.tables import Table, known

_PROCEDURES: dict[str, Procedure] = {}
_TABLES: dict[str, dict[str, Table]] = {}  # by procedure, by digest


class UnknownProcedure(KeyError):
    """A procedure that this program does not know."""


def enter(procedure: Procedure) -> None:
    """Make a procedure known; entering it again puts it in place of the one before."""
    _PROCEDURES[procedure.name] = procedure
    _TABLES[procedure.name] = known(procedure.tables)


@contextmanager
def only(procedures: Iterable[Procedure]) -> Iterator[None]:
    """Know these procedures and no others for a while: what a node of another version, or a test, speaks."""
    global _PROCEDURES, _TABLES
    before = _PROCEDURES, _TABLES
    _PROCEDURES = {one.name: one for one in procedures}
    _TABLES = {name: known(one.tables) for name, one in _PROCEDURES.items()}
    try:
        yield
    finally:
        _PROCEDURES, _TABLES = before


def of(name: str) -> Procedure:
    """Return the procedure of a name; raises UnknownProcedure."""
    try:
        return _PROCEDURES[name]
    except KeyError:
        raise UnknownProcedure(name) from None


def find(name: str) -> Procedure | None:
    """Return the procedure of a name, or nothing."""
    return _PROCEDURES.get(name)


def everyone() -> Iterable[Procedure]:
    """Return all procedures, in the order in which they were entered."""
    return list(_PROCEDURES.values())


def is_gathered(procedure: str) -> bool:
    """Return whether matters of a procedure are children of others."""
    return any(one.gathers and procedure in one.gathers.of for one in _PROCEDURES.values())


def names() -> list[str]:
    """Return the names of all procedures."""
    return list(_PROCEDURES)


def table(procedure: str, digest: str) -> Table | None:
    """Return the table that a digest names, if it is known."""
    return _TABLES.get(procedure, {}).get(digest)


def speaks() -> dict[str, list[dict[str, Any]]]:
    """Return what this node can say to others: the versions of each procedure it knows."""
    return {name: [one.name for one in tables.values()] for name, tables in _TABLES.items()}


def called(matter: State) -> str:
    """Return what people call a matter, with its number: “办件 33…”; of an unknown procedure, the number alone."""
    return named(matter.procedure, matter.subject)


def named(procedure: str, subject: str) -> str:
    """Return what people call a matter of a procedure, with its number."""
    found = _PROCEDURES.get(procedure)
    return f"{found.title} {subject}" if found else subject
