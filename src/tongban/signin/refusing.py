"""What the edges note of a request that was refused: who it was, what they were told, which view it was; no address, no value."""

from django.http import HttpRequest

from tongban.kernel import attempts
from tongban.kernel.time import clock


def note(request: HttpRequest, code: str) -> None:
    """Write down that a request was answered with a refusal of this `code`."""
    actor, match = getattr(request, "actor", None), request.resolver_match
    attempts.note(
        code=code, doing=(match.url_name if match else "") or "request", at=clock.now(),
        who=(actor.staff or actor.applicant) if actor else "", organisation=actor.organisation if actor else "",
    )  # fmt: skip
