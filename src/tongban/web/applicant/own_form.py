"""What an applicant's own case was filed with: the form, the guide it follows, and where it goes."""

from typing import Any

from tongban.cases.models import Case
from tongban.cases.terms import GUIDE
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import Offering
from tongban.kernel import vault
from tongban.kernel.errors import NotFound
from tongban.materials import queries as materials
from tongban.procedures.papers_named import one
from tongban.procedures.queries import Piece
from tongban.procedures.rule import FILE
from tongban.web.display import place_name


def of(case: Case) -> dict[str, Any]:
    """Return the form as filed; empty once it was destroyed."""
    return {} if vault.is_destroyed(case.number) else materials.form_of(case.number)


def guide_of(case: Case) -> dict[str, Any] | None:
    """Return the guide that a case follows, if this node holds it."""
    bound = case.state["roles"].get("handling") or case.state["roles"]["intake"]
    try:
        return catalogue.document_by_digest(one(bound["papers"], GUIDE)["digest"])
    except NotFound:
        return None  # the case waits, parked, for its papers


def material_name(guide: dict[str, Any] | None, piece: Piece) -> str:
    """Return what the guide calls the material that a file was handed in for."""
    code = piece.label.removeprefix(FILE)
    named = {material["code"]: material["name"] for material in guide["materials"]} if guide else {}
    return str(named.get(code, code))


def place_of(case: Case) -> str:
    """Return the place that decides, as its offering names it."""
    offering = Offering.objects.filter(code=case.offering).first()
    return place_name(offering.division) if offering else ""
