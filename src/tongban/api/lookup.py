"""Looking a case up without signing in, by its number and what only its owner has: phase, item and places, nothing of anybody."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from tongban.api.schemas import Body, Line
from tongban.cases import queries
from tongban.cases.models import Case
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures import queries as matters
from tongban.signin import lookups
from tongban.signin.address import address_of

router = Router(tags=["lookup"])


class LookupIn(Body):
    """
    The number, and the last four digits of a telephone that the application gives, or its answer code.

    A body and no address: parts of a telephone number must stand in no log and no history.
    """

    number: Line
    proof: Annotated[str, Field(max_length=40)]


class LookupOut(Schema):
    """What whoever has both may know; of what is no case, phase and title."""

    number: str
    phase: str
    item: str
    intake: str
    handling: str


@router.post("", auth=None, response=LookupOut, summary="凭办件编号和手机号后四位（或答复码）查询进度")
def look_up(request: HttpRequest, body: LookupIn) -> LookupOut:
    found = lookups.look_up(number=body.number, proof=body.proof, address=address_of(request), at=clock.now())
    display = numbers.parse(found.number).display()
    if not isinstance(found, Case):
        return LookupOut(number=display, phase=found.phase_name, item=found.title, intake="", handling="")
    known = matters.names(found)
    return LookupOut(
        number=display, phase=found.phase_name, item=queries.item_name(found),
        intake=known.get(found.intake_org, ""), handling=known.get(found.handling_org, ""),
    )  # fmt: skip
