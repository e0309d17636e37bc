"""
What the door writes into the record of access: by route and number, never by path; from where and in which session.

Comes right after the middleware that knows who is calling, so that what it sees is what they were told in the end.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.people import sealed
from tongban.kernel import accesses, attempts
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.signin import routes
from tongban.signin.actor import ActorRequest
from tongban.signin.address import whole_address_of
from tongban.signin.keys import BadApiKey
from tongban.signin.routes import How, Route

MARK = 16  # hexadecimal digits of a keyed hash: enough to tell sessions apart, nothing to sign in with


class RequestOccasion(accesses.Occasion):
    """The occasion that a request is."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def doing(self) -> str:  # type: ignore[override]
        """The route, by name."""
        return route_of(self._request)

    @property
    def address(self) -> bytes | None:  # type: ignore[override]
        """From where, sealed."""
        address = whole_address_of(self._request)[:64]
        return _sealed(settings.NODE.home, address) if address else None

    @property
    def session(self) -> str:  # type: ignore[override]
        """A mark of the session; none of a machine's key."""
        # As it is now: signing in gives another key to the session.
        key = self._request.session.session_key
        return "" if self.kind or not key else sealed.mark(f"look:{key}")[:MARK]

    @property
    def kind(self) -> str:  # type: ignore[override]
        """A machine, where a key says so; else as the actor is."""
        request = cast(ActorRequest, self._request)
        known = getattr(request, "actor", None) is not None and request.by_key
        return accesses.Kind.MACHINE if known else ""


class LookMiddleware:
    """Writes down what was shown, changed or refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and write down that this was answered; content only once that is written."""
        occasion = RequestOccasion(request)
        with accesses.during(occasion):
            response = self.get_response(request)
            _note(cast(ActorRequest, request), response, occasion)
        return response


def _note(request: ActorRequest, response: HttpResponse, occasion: RequestOccasion) -> None:
    status, actor, name = response.status_code, request.actor, occasion.doing
    if status == 304 or request.resolver_match is None:
        return  # nothing was shown
    at, matter, route = clock.now(), _matter(request), routes.of(name)
    if actor is None:
        if status == 403 or (status == 401 and isinstance(request.refusal, BadApiKey)):
            attempts.note(code=_code(response), doing=name, at=at, matter=matter)
        return
    if not _is_noted(actor, route, status, matter):
        return
    if route is not None and route.how is How.CONTENT and status < 400:
        if not occasion.written:
            accesses.write_now(noting.row(actor, at=at, matter=matter))
    elif status != 503:  # then nothing was shown or done, and nothing can be written
        accesses.note(noting.row(actor, at=at, result=_result(response), matter=matter))


def _is_noted(actor: Actor, route: Route | None, status: int, matter: str) -> bool:
    """Return whether an answer is written down: of staff and machines all of recorded routes, of applicants content and refusals."""
    if status == 403 or (status == 404 and matter):
        return True
    if route is None or route.how is How.ITSELF:
        return False
    is_content = route.how is How.CONTENT and status < 400
    return actor.kind is ActorKind.STAFF or status == 409 or is_content


def _result(response: HttpResponse) -> str:
    status = response.status_code
    return accesses.OK if status < 400 else accesses.FAILED if status >= 500 else _code(response)


def _code(response: HttpResponse) -> str:
    return str(getattr(response, "refused_as", "") or _PLAIN.get(response.status_code, "refused"))


_PLAIN = {401: "not_signed_in", 403: "not_permitted", 404: "not_found", 422: "invalid_input"}


def route_of(request: HttpRequest) -> str:
    """Return the name of what answers a request: a page's, or that of an operation of the API."""
    match = request.resolver_match
    if match is None:
        return "request"
    # One address of the API has an operation for each method.
    operations = getattr(getattr(match.func, "__self__", None), "operations", ())
    for operation in operations:
        if request.method in operation.methods:
            return str(operation.view_func.__name__)
    return match.url_name or getattr(match.func, "__name__", "") or "request"


def _matter(request: HttpRequest) -> str:
    """Return the number of the matter that a request is about; nothing where somebody typed something else in its place."""
    typed = request.resolver_match.kwargs.get("number", "") if request.resolver_match else ""
    try:
        return str(numbers.parse(typed)) if typed else ""
    except numbers.BadNumber:
        return ""


@lru_cache(maxsize=4096)
def _sealed(home: Path, address: str) -> bytes:
    return sealed.seal(address)
