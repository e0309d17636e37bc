"""
What somebody was typing when their session ended: set aside, and given back on its page after they sign in again.

It lies in the browser's session on the server, sealed with the node's key, for half an hour, and only whoever typed
it gets it back. Files are not kept. Who typed is told by the page: its CSRF secret is new with every sign-in, and a
signed cookie holds whose pages carried which (keyed hashes of both).
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, CSRF_TOKEN_LENGTH
from django.urls import reverse
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.accounts.people import sealed
from tongban.kernel.time import clock

KEY: Final = "unfinished"
COOKIE: Final = settings.SESSION_COOKIE_NAME.removesuffix("session") + "pages"
SALT: Final = "tongban.web.pages"
KEPT: Final = timedelta(minutes=30)
# Twice the longest text of an act, in UTF-8; and so many pages at once, so that nobody fills our table.
MOST_BYTES: Final = 160 * 1024
PAGES: Final = 3
READERS: Final = 4
# Passwords are typed here.
NEVER_KEPT: Final = frozenset(
    {
        "sign-in",
        "password",
        "account-password",
        "account-telephone",
        "account-login",
        "account-copy",
        "account-close",
        "second",
        "authenticators",
        "resets",
        "sign-in-post",
        "staff-identities",
        "lookup",
        "lookup-send",
        "lookup-code",
        "lookup-leave",
        "managers",
        "managers-new",
        "managers-import",
        "managers-person",
        "find",
    }
)
COOKIE_AGE: Final = timedelta(days=7)
# Addresses that only take something, and the page whose form sends it there.
FORM_STANDS_ON: Final = {
    "sign-out": "home", "lookup-send": "lookup", "lookup-leave": "lookup", "draft-material-remove": "draft-materials",
    "my-case-act": "my-case", "my-case-materials": "my-case",
    "counter-take": "counter", "counter-act": "counter-case", "counter-materials": "counter-case",
    "officer-claim": "officer-case", "officer-reveal": "officer-case",
    "supervision-release": "supervised-case", "supervision-press": "supervised-case", "dossier": "supervised-case",
    "desk-claim": "desk-matter", "look-alarm-close": "look-alarms",
    "archive-act": "archive-file",
    "saved-views": "case-list", "many": "queue", "supervision-press-many": "supervision", "supervision-sheet": "supervision",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What was typed: where it was sent, the fields, and a sentence for the page that shows it again."""

    path: str
    data: QueryDict
    notice: str


def page_of(request: HttpRequest) -> str:
    """Return the address of the page on which the form of this request stands."""
    match = request.resolver_match
    name = FORM_STANDS_ON.get(match.url_name or "") if match else None
    if match is None or name is None:
        return request.path
    keys = {key: value for key, value in match.kwargs.items() if key in ("number", "procedure")}
    return reverse(f"web:{name}", kwargs=keys)


def author_of(request: HttpRequest) -> str:
    """Return the mark of who was signed in when the page that sends this was drawn; nothing if that is not known."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    if len(token) != CSRF_TOKEN_LENGTH or set(token) - set(CSRF_ALLOWED_CHARS):
        return ""
    return dict(_readers(request)).get(_page_mark(_secret_of(token)), "")


def mark_of(actor: Actor) -> str:
    """Return the mark under which somebody's typing is kept."""
    return sealed.lookup(f"typist:{actor.kind}:{actor.staff or actor.applicant}")[:24]


def keep(request: HttpRequest, author: str) -> bool:
    """Set aside what was sent, for `author`; return whether there was something and it is kept."""
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    text = json.dumps(fields, ensure_ascii=False)
    match = request.resolver_match
    if not author or not fields or match is None or match.url_name in NEVER_KEPT:
        return False
    if len(text.encode()) > MOST_BYTES:
        return False
    entry = {
        "page": page_of(request), "path": request.path, "who": author, "files": bool(request.FILES),
        "until": (clock.now() + KEPT).timestamp(), "typed": sealed.seal(text).hex(),
    }  # fmt: skip
    others = [one for one in _held(request, author) if one["page"] != entry["page"]]
    request.session[KEY] = [*others[1 - PAGES :], entry]
    if getattr(request, "actor", None) is None:
        request.session.set_expiry(int(KEPT.total_seconds()))
    return True


def waits(request: HttpRequest) -> bool:
    """Return whether something waits for somebody to sign in."""
    return any(one["until"] > clock.now().timestamp() for one in request.session.get(KEY, ()))


def taken_up(request: HttpRequest) -> Unfinished | None:
    """Return, once, what the reader of this page had typed into it."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or not request.session.get(KEY):
        return None
    held = _held(request, mark_of(actor))
    found = next((one for one in held if one["page"] == request.path), None)
    if found is None:
        return None
    request.session[KEY] = [one for one in held if one is not found]
    data = QueryDict(mutable=True)
    for name, values in json.loads(sealed.open_(bytes.fromhex(found["typed"]))).items():
        data.setlist(name, values)
    notice = _("登录失效前填写的内容已经找回，请核对后再提交。")
    if found["files"]:
        notice += _("文件没有保留，请重新选择。")
    return Unfinished(found["path"], data, notice)


def remember_reader(request: HttpRequest, response: HttpResponse) -> None:
    """Note whose pages carry the present CSRF secret; drop what others or too long ago have typed."""
    actor: Actor | None = getattr(request, "actor", None)
    secret = request.META.get("CSRF_COOKIE", "")
    if actor is None or "Authorization" in request.headers:
        return
    who = mark_of(actor)
    if request.session.get(KEY):
        held = _held(request, who)
        if len(held) != len(request.session[KEY]):
            request.session[KEY] = held
    if "_session_expiry" in request.session:
        request.session.set_expiry(None)  # it was that of what waited
    pair = (_page_mark(secret), who)
    known = _readers(request)
    if secret and pair not in known:
        value = signing.dumps([*known[1 - READERS :], pair], salt=SALT)
        response.set_cookie(
            COOKIE, value, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )  # fmt: skip


def _held(request: HttpRequest, who: str) -> list[dict[str, Any]]:
    now = clock.now().timestamp()
    return [one for one in request.session.get(KEY, ()) if one["who"] == who and one["until"] > now]


def _readers(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        pairs = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
    except signing.BadSignature:
        return []
    return [(str(page), str(who)) for page, who in pairs]


def _secret_of(token: str) -> str:
    """Return the secret in a form's token, which Django shifts by a mask of its own in front of it."""
    mask, shifted = token[:CSRF_SECRET_LENGTH], token[CSRF_SECRET_LENGTH:]
    place = {letter: number for number, letter in enumerate(CSRF_ALLOWED_CHARS)}
    return "".join(CSRF_ALLOWED_CHARS[place[b] - place[a]] for a, b in zip(mask, shifted, strict=True))


def _page_mark(secret: str) -> str:
    return sealed.lookup(f"page:{secret}")[:24]
