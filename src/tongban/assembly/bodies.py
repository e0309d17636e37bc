"""
How many bytes a request may bring, by its path and by who says to be calling: asked before any of them is read.

Only what costs nothing is looked at: a session cookie or key is not yet a good one, and a node that is named has not
yet signed. Who brings neither has a few KB, which is all that signing in takes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.conf import settings

from tongban.exchange import queries as exchange
from tongban.exchange.gateway import SENDER
from tongban.exchange.wire import MAX_MESSAGE, MessageRefused
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.materials.commands import DEFAULT_MAX_BYTES
from tongban.web.receiving import REQUEST

KB: Final = 1024
MB: Final = 1024 * KB
FROM_ANYBODY: Final = 16 * KB
MULTIPART: Final = "multipart/form-data"
FINGERPRINT: Final = len("sm3:") + 64  # what else is asked for is not even remembered


class Who(StrEnum):
    """For whom the bytes of a row are; everybody else has FROM_ANYBODY at most."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed_in"  # brings a session cookie or a key
    PEER = "peer"  # names a node that is a peer of this one


@dataclass(frozen=True, slots=True)
class Row:
    """Bodies for paths that begin with `path`, of one kind or of any."""

    path: re.Pattern[str]
    most: int
    who: Who = Who.SIGNED_IN
    kind: str = ""


# The first that fits counts.
ROWS: Final = (
    Row(re.compile(r"/api/v1/sessions"), 4 * KB, Who.ANYBODY),
    Row(re.compile(r"/exchange/"), MAX_MESSAGE, Who.PEER),
    Row(re.compile(r"/uploads/"), DEFAULT_MAX_BYTES),
    Row(re.compile(r"/api/v1/matters/[^/]+/acts/"), 15 * MB),  # files of 10 MB, as base64
    Row(re.compile(r"/api/"), 32 * MB, kind=MULTIPART),
    Row(re.compile(r"/api/"), 128 * KB),
    Row(re.compile(r"/"), REQUEST + MB, kind=MULTIPART),  # files, and what was typed beside them
    Row(re.compile(r"/"), 512 * KB),
)  # fmt: skip


class RequestTooLarge(DomainError):
    """The body is larger than this path takes, or than it takes from somebody who has not signed in; none of it was read."""

    code = "request_too_large"
    status = 413


class RequestTooSlow(DomainError):
    """The body did not come within its time; what had come was let go."""

    code = "request_too_slow"
    status = 408


class RequestsTooMany(DomainError):
    """The bodies that are on their way now fill what the process keeps for them."""

    code = "requests_too_many"
    status = 503


class LengthUnreadable(InvalidInput):
    """The length of the body is no number."""

    code = "length_unreadable"
    status = 400


def row_of(environ: Mapping[str, Any]) -> Row:
    """Return the row that a request falls under."""
    path, kind = environ["PATH_INFO"], environ.get("CONTENT_TYPE", "")
    return next(
        (row for row in ROWS if row.path.match(path) and (not row.kind or kind.startswith(row.kind))),
        ROWS[-1],
    )


def most(environ: Mapping[str, Any]) -> int:
    """Return how many bytes a request may bring; asks the database where a node must be a peer."""
    row = row_of(environ)
    is_one = row.who is Who.ANYBODY or (_is_peer if row.who is Who.PEER else _is_signed_in)(environ)
    return row.most if is_one else min(row.most, FROM_ANYBODY)


def length_of(environ: Mapping[str, Any]) -> int:
    """
    Return how many bytes a request says to bring.

    Raises:
        LengthUnreadable: it says something that is no number.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise LengthUnreadable("请求的长度不能识别，未处理。请检查后重发。")
    return int(length[:20])


def ask(environ: Mapping[str, Any]) -> None:
    """
    Let a request pass whose body is not too large by what it says of it.

    Raises:
        RequestTooLarge: it is. MessageRefused: it is a large message of nobody who is a peer. LengthUnreadable.
    """
    length = length_of(environ)
    if length and length > most(environ):
        raise too_large(environ)


def too_large(environ: Mapping[str, Any]) -> DomainError:
    """Return the refusal of a body that is larger than its path takes."""
    row = row_of(environ)
    if row.who is Who.PEER and not _is_peer(environ):
        return MessageRefused("消息较大，而没有写明来自本节点的哪个对方节点，未处理。请对方检查后重发。")
    if row.who is Who.SIGNED_IN and not _is_signed_in(environ):
        return RequestTooLarge("请求过大，未处理：没有登录时只接受很小的请求。请先登录，再提交。")
    return RequestTooLarge("请求过大，未处理。请分次提交，或压缩后重试。")


def _is_signed_in(environ: Mapping[str, Any]) -> bool:
    return "HTTP_AUTHORIZATION" in environ or settings.SESSION_COOKIE_NAME in environ.get("HTTP_COOKIE", "")


def sender_named(environ: Mapping[str, Any]) -> str:
    """Return the node that a message names as its sender, which is not proved yet; nothing where it names none."""
    return str(environ.get("HTTP_" + SENDER.upper().replace("-", "_"), ""))


def _is_peer(environ: Mapping[str, Any]) -> bool:
    named = sender_named(environ)
    return len(named) == FINGERPRINT and exchange.is_peer(named)
