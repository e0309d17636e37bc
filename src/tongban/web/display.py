"""How a page is shown: channel, 长辈版, contrast, language, navigation. Set by the server as attributes of <html>."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, gettext_lazy

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind
from tongban.cases import finding
from tongban.kernel.errors import NotFound
from tongban.notices import queries as notices
from tongban.web import account, desks
from tongban.web.called import Who, called

COOKIE = settings.SESSION_COOKIE_NAME.removesuffix("session") + "display"
HOTLINE = "12345"
STEPS = ("", "1", "2", "3")  # 100 %, 125 %, 150 %, 187.5 %


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the main navigation."""

    title: Any
    url: str
    current: str  # the value of aria-current: page, true on the pages below it, or nothing


@dataclass(frozen=True, slots=True)
class Display:
    """What templates ask about how to show themselves."""

    channel: str
    elder: str
    contrast: bool
    language: str
    place: str
    organisation: str
    demo: bool
    telephone: str  # whom users of the platform ring
    who: Who | None  # who is signed in
    unread: str = ""  # how many messages nobody has read; nothing where there are none
    finder: bool = False  # whether somebody may look for cases
    elder_mode: bool = False  # 长辈版 of the public: few things on a page, help at hand
    offers_english: bool = True  # not where the page is a form, which is Chinese only
    help: str = ""  # the section of the manual that is about this desk
    nav: list[NavEntry] = field(default_factory=list)

    @property
    def next_elder(self) -> str:
        """The next larger step, coming round to the first."""
        return "1" if self.elder == STEPS[-1] else str(int(self.elder or 0) + 1)


def chosen(request: HttpRequest) -> dict[str, str]:
    """Return what the visitor chose, from the cookie; anything else in it is ignored."""
    pairs = (part.partition("=")[::2] for part in request.COOKIES.get(COOKIE, "").split("&"))
    allowed = {"elder": STEPS, "contrast": ("", "1")}
    return {name: value for name, value in pairs if value in allowed.get(name, ())}


def in_elder_mode(request: HttpRequest) -> bool:
    """Return whether the visitor is of the public and has chosen 长辈版, which for them is a mode and not only a size."""
    actor: Actor | None = getattr(request, "actor", None)
    public = actor is None or actor.kind is ActorKind.APPLICANT
    return public and bool(chosen(request).get("elder"))


def context(request: HttpRequest) -> Mapping[str, Any]:
    """Give every template `display`, `actor` and `arrival`."""
    return {
        "display": SimpleLazyObject(lambda: display_of(request)),
        "actor": getattr(request, "actor", None),
        "arrival": SimpleLazyObject(lambda: account.arrival(request)),
    }


def display_of(request: HttpRequest) -> Display:
    """Return how to show the page of this request."""
    actor: Actor | None = getattr(request, "actor", None)
    mine = chosen(request)
    staff = actor is not None and actor.kind is ActorKind.STAFF
    return Display(
        channel="clerk" if staff else "web",
        elder=mine.get("elder", ""),
        contrast=bool(mine.get("contrast")),
        language=get_language() or "zh-hans",
        place=place_name(settings.NODE.division),
        organisation=_organisation_name(settings.NODE.organisation),
        demo=settings.NODE.demo,
        unread=_unread(actor),
        telephone=settings.NODE.telephone or HOTLINE,
        who=called(actor) if actor is not None else None,
        finder=actor is not None and staff and finding.may_find(actor),
        elder_mode=in_elder_mode(request),
        offers_english=not request.path.startswith(reverse("web:draft", args=["-"])[:-2]),
        help=_help(request, actor),
        nav=_nav(request, actor),
    )


def _unread(actor: Actor | None) -> str:
    count = notices.unread(actor) if actor else 0
    return f"{notices.MOST}+" if count > notices.MOST else str(count or "")


def place_name(division: str) -> str:
    """Return a division's full name, such as 安徽省池州市青阳县; the code where it has no name here."""
    try:
        return _division(division)
    except NotFound:
        return division


def _organisation_name(uscc: str) -> str:
    try:
        return _organisation(uscc)
    except NotFound:
        return uscc


# Only names are remembered, not that there is none: the next list of divisions or offices may bring it.
@lru_cache(maxsize=4096)
def _division(code: str) -> str:
    name = accounts.full_name(code)
    if not name:
        raise NotFound(f"区划代码 {code} 不在行政区划表中。")
    return name


@lru_cache(maxsize=256)
def _organisation(uscc: str) -> str:
    return accounts.organisation(uscc).name


def _nav(request: HttpRequest, actor: Actor | None) -> list[NavEntry]:
    if in_elder_mode(request):
        return []  # 长辈版 leads from its first page, one thing at a time
    entries: list[tuple[Any, str]] = [
        (gettext_lazy("首页"), reverse("web:home")), (gettext_lazy("办事"), reverse("web:items"))
    ]  # fmt: skip
    if actor is None:
        entries.append((gettext_lazy("查进度"), reverse("web:lookup")))
    else:
        entries += [(desk.title, desk.url) for desk in desks.of(actor)]
        if actor.kind is ActorKind.APPLICANT:
            entries.append((gettext_lazy("查进度"), reverse("web:lookup")))
    return [NavEntry(title, url, _current(request.path, url)) for title, url in entries]


def _help(request: HttpRequest, actor: Actor | None) -> str:
    """Return the manual's section on the desk that the page is of, else on the reader's first desk, else the list of sections."""
    own = desks.of(actor) if actor is not None else []
    here = next((desk for desk in own if request.path.startswith(desk.url)), own[0] if own else None)
    return reverse("web:help-section", args=[here.help]) if here else reverse("web:help")


def _current(path: str, entry: str) -> str:
    if path == entry:
        return "page"
    # A draft is one of my cases that is not filed yet; under the first page lies everything.
    below = (entry, "/drafts/") if entry == reverse("web:my-cases") else (entry,)
    return "true" if entry != reverse("web:home") and path.startswith(below) else ""
