"""How pages name staff: colleagues of this node by name and post, those of another as of another: their office stands beside; and posts."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from tongban.accounts.people import colleagues
from tongban.accounts.people.colleagues import Colleague
from tongban.procedures.listing import known_names
from tongban.procedures.queries import Entry
from tongban.supervision import looks


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


def places_called(places: Iterable[str]) -> dict[str, str]:
    """Return organisations and posts, written `organisation:post`, in words."""
    titles = looks.titles_of(list(places))
    names = known_names(place.partition(":")[0] for place in titles)
    return {
        place: " · ".join(
            filter(None, (names.get(place.partition(":")[0], place.partition(":")[0]), title and _(title)))
        )
        for place, title in titles.items()
    }


def _here(colleague: Colleague) -> str:
    return _("%(name)s（%(post)s）") % {"name": colleague.name, "post": _(colleague.post)}


def _elsewhere(pseudonym: str) -> str:
    return _("对方工作人员") if pseudonym else ""
