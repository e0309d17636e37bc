"""Looking a case up by its number, without signing in: phase, item and places, nothing of anybody."""

from django.http import HttpRequest
from ninja import Router, Schema

from tongban.cases import queries
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.procedures import queries as matters
from tongban.signin import throttle
from tongban.signin.address import address_of

router = Router(tags=["lookup"])


class LookupOut(Schema):
    """What whoever knows the number may know."""

    number: str
    phase: str
    item: str
    intake: str
    handling: str


@router.get("/{number}", auth=None, response=LookupOut, summary="凭办件编号查询进度")
def look_up(request: HttpRequest, number: str) -> LookupOut:
    address, at = address_of(request), clock.now()
    # Only numbers whose check fits count as guesses: a slip of the finger is told before.
    display = numbers.parse(number).display()
    account = f"lookup:{address}"
    try:
        throttle.ask(account=account, address=address, at=at)
    except throttle.Throttled as refusal:
        raise throttle.Throttled(
            "查询过于频繁：连续多次查不到办件。请稍后再试，或到收件地窗口查询。",
            retry_after=refusal.retry_after,
        ) from None
    try:
        case = queries.public_case(number)
    except NotFound:
        throttle.note_failure(account=account, address=address, at=at)
        raise
    known = matters.names(case)
    return LookupOut(
        number=display, phase=case.phase_name, item=queries.item_name(case),
        intake=known.get(case.intake_org, ""), handling=known.get(case.handling_org, ""),
    )  # fmt: skip
