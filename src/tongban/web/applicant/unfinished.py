"""What somebody was typing when the session ended: set aside, sealed, and given back after signing in again."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse, QueryDict

from tongban.accounts import sealed
from tongban.signin.actor import ActorRequest

KEY: Final = "unfinished"
MOST_CHARACTERS: Final = 64 * 1024


def kept_for_later(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Set aside what is sent to `view` with a session that has just ended; stands above `signed_in`."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        known = cast(ActorRequest, request)
        # Only for who had a session: nobody fills our table without one.
        if request.method == "POST" and known.actor is None and known.refusal is not None:
            text = request.POST.urlencode()
            if len(text) <= MOST_CHARACTERS:
                request.session[KEY] = {"path": request.path, "typed": sealed.seal(text).hex()}
        return view(request, *args, **kwargs)

    return checked


def taken_up(request: HttpRequest) -> QueryDict | None:
    """Return once what was set aside for this page; the page has asked whether it is the reader's own."""
    kept = request.session.get(KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[KEY]
    return QueryDict(sealed.open_(bytes.fromhex(kept["typed"])))
