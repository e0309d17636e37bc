"""The sessions that somebody has opened: from where and with what, which they can look at and end."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest

from tongban.accounts.access.actor import Actor
from tongban.accounts.people import opened
from tongban.accounts.people.opened import Session
from tongban.kernel import db
from tongban.kernel.errors import NotFound
from tongban.signin import session_store
from tongban.signin.session_store import SIGNED_IN

MARK: Final = 16  # signs of a stored key by which its owner names a session
_BROWSERS: Final = (
    ("MicroMessenger", "微信"), ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS: Final = (
    ("HarmonyOS|OpenHarmony", "HarmonyOS"), ("Windows", "Windows"), ("Android", "Android"), ("iPhone|iPad", "iOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A session of one's own that is open; `session` names it. The address is shortened to its network."""

    session: str
    is_this: bool
    begun_at: datetime
    seen_at: datetime
    channel: str
    address: str
    browser: str


def note(request: HttpRequest, *, owner: str, channel: str, address: str, at: datetime) -> None:
    """Keep that `owner` has opened the session of this request; where they have too many, the oldest ends."""
    request.session.save()  # whose it is stands in the table from now on
    with db.write():
        Session.objects.filter(key=key_of(request)).update(
            owner=owner, begun_at=at, channel=channel, address=shortened(address), browser=family(request)
        )
        opened.end_oldest(owner)


def of(request: HttpRequest, *, by: Actor, is_over: Any, at: datetime) -> list[Opened]:
    """Return what `by` has opened and is still open, the newest first; `is_over` says it of what a session holds."""
    mine = key_of(request)
    return [
        Opened(
            row.key[:MARK], row.key == mine, row.begun_at, datetime.fromtimestamp(row.told[SIGNED_IN]["seen"], UTC),
            row.channel, row.address, row.browser,
        )
        for row in opened.of(_owner(by))
        if row.begun_at and SIGNED_IN in row.told and not is_over(row.told[SIGNED_IN], at)
    ]  # fmt: skip


def end_one(*, mark: str, by: Actor) -> None:
    """
    End a session of one's own.

    Raises:
        NotFound: there is none of this mark.
    """
    good = re.fullmatch(f"[0-9a-f]{{{MARK}}}", mark)
    if not good or not _owner(by) or not opened.end(owner=_owner(by), only=mark):
        raise NotFound("没有结束登录：没有这个登录，可能已经结束。请刷新后再看。")


def end_others(request: HttpRequest, *, by: Actor) -> int:
    """End all sessions of one's own but the present one; return how many that were."""
    return opened.end(owner=_owner(by), but=key_of(request)) if _owner(by) else 0


def key_of(request: HttpRequest) -> str:
    """Return the key of the request's session as it is stored."""
    return session_store.stored(request.session.session_key or "")


def family(request: HttpRequest) -> str:
    """Return the kind of browser and system that a request names, and no more of it."""
    told = request.headers.get("User-Agent", "")
    names = (
        next((name for sign, name in kinds if re.search(sign, told)), "") for kinds in (_BROWSERS, _SYSTEMS)
    )
    return " · ".join(name for name in names if name)


def shortened(address: str) -> str:
    """Return the network of an address (IPv4 /24, IPv6 /48); nothing where there is none."""
    try:
        found = ipaddress.ip_interface(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found.ip, 24 if found.version == 4 else 48), strict=False))


def _owner(by: Actor) -> str:
    return by.staff or by.applicant
