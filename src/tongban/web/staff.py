"""How pages name staff: colleagues of this node by name and post, those of another as of another: their office stands beside."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from tongban.accounts.people import colleagues
from tongban.accounts.people.colleagues import Colleague
from tongban.procedures.queries import Entry


def names_of(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Return what to call each of these, by pseudonym; nobody is called nothing."""
    wanted = set(pseudonyms)
    known = colleagues.known(wanted)
    return {one: _here(known[one]) if one in known else _elsewhere(one) for one in wanted}


def named(entries: Iterable[Entry]) -> list[Entry]:
    """Return lines of a timeline with staff called as pages call them."""
    lines = list(entries)
    names = names_of(line.staff for line in lines)
    return [replace(line, staff=names[line.staff]) for line in lines]


def _here(colleague: Colleague) -> str:
    return _("%(name)s（%(post)s）") % {"name": colleague.name, "post": _(colleague.post)}


def _elsewhere(pseudonym: str) -> str:
    return _("对方工作人员") if pseudonym else ""
