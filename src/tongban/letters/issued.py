"""The letters that were issued in a case, on either side, by what its events name: nothing is opened."""

from dataclasses import dataclass

from tongban.cases import queries
from tongban.cases.models import Case
from tongban.catalogue.kinds import Kind
from tongban.kernel.journal import writer as journal
from tongban.letters import sorts

LABEL = "letter"  # how the content of an act that makes a letter is called


@dataclass(frozen=True, slots=True)
class Issued:
    """A letter: of which act, at which place of the story, and the file it is."""

    kind: str
    title: str
    serial: str
    act: str
    place: int
    digest: str


def of_case(case: Case) -> list[Issued]:
    """Return the letters of a case, the oldest first."""
    guide = queries.guide_of(case)
    kind = str(guide["kind"]) if guide else Kind.SERVICE
    found = []
    for place, event in enumerate(journal.events_of(case.number)):
        name = sorts.of_act(event.kind, event.given)
        digest = next((str(piece["digest"]) for piece in event.content if piece["label"] == LABEL), "")
        if name and digest:
            serial = str(event.given.get("serial", ""))
            found.append(Issued(name, sorts.sort(name, kind).title, serial, event.kind, place, digest))
    return found
