"""What leaves the process to ask an identity provider: typed calls with a time-out."""

from collections.abc import Mapping
from typing import Any

import httpx

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LARGEST = 1 << 20


class Unreachable(Exception):
    """The provider does not answer, or not with a JSON document."""


class Refused(Exception):
    """The provider refuses a token; its code for the reason is the message."""


def metadata(issuer: str) -> dict[str, Any]:
    """Return the provider's own description (OpenID Connect Discovery 1.0); raises Unreachable."""
    return _document(_call("GET", f"{issuer}/.well-known/openid-configuration"))


def keys(address: str) -> dict[str, Any]:
    """Return the keys that the provider signs with; raises Unreachable."""
    return _document(_call("GET", address))


def token(address: str, form: Mapping[str, str], *, client: str, secret: str, method: str) -> dict[str, Any]:
    """
    Exchange a code for tokens (RFC 6749 §4.1.3), authenticating by `method` as the provider's metadata names it.

    Raises:
        Unreachable: no answer. Refused: the code is not, or no longer, good.
    """
    sent = dict(form)
    auth: httpx.BasicAuth | None = None
    if method == "client_secret_post":
        sent |= {"client_id": client, "client_secret": secret}
    else:
        auth = httpx.BasicAuth(client, secret)
    answer = _call("POST", address, data=sent, auth=auth)
    if answer.status_code in (400, 401):
        raise Refused(str(_json(answer).get("error", answer.status_code))[:60])
    return _document(answer)


def user(address: str, access_token: str) -> dict[str, Any]:
    """Return what the provider tells about who signed in (userinfo); raises Unreachable."""
    return _document(_call("GET", address, headers={"Authorization": f"Bearer {access_token}"}))


def _call(method: str, address: str, **more: Any) -> httpx.Response:
    try:
        # Redirects would carry the secret somewhere that nobody configured.
        answer = httpx.request(method, address, timeout=TIMEOUT, follow_redirects=False, **more)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(type(error).__name__) from None
    return answer


def _document(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        raise Unreachable(f"HTTP {answer.status_code}")
    return _json(answer)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json() if len(answer.content) <= LARGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unreachable("no JSON document")
    return found
