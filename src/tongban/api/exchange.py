"""Where other nodes knock: messages in, signed answers out. Who they are is proved by their signatures."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tongban.api import problems
from tongban.exchange import commands, receiving
from tongban.kernel.crypto import canon
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock


@require_GET
def card(request: HttpRequest) -> HttpResponse:
    try:
        return HttpResponse(canon.encode(commands.card(clock.now())), content_type="application/json")
    except DomainError as refusal:
        return problems.of_refusal(refusal)


@csrf_exempt
@require_POST
def messages(request: HttpRequest) -> HttpResponse:
    """Our client takes a problem document for silence, and tries again later."""
    try:
        return HttpResponse(receiving.receive(request.body, clock.now()), content_type="application/json")
    except DomainError as refusal:
        return problems.of_refusal(refusal)
    except (KeyError, TypeError, ValueError) as error:  # signed by a peer, and still not a message
        return problems.of_bug(error)
