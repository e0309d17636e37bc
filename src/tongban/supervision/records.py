"""Records of access for other systems: one JSON object a line, or RFC 5424 syslog; field names are stable (docs/operations.md)."""

import json
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from tongban.accounts.people import sealed
from tongban.kernel.accesses import OK
from tongban.kernel.errors import InvalidInput
from tongban.kernel.models import Access

FACILITY = 13  # log audit
INFORMATIONAL, WARNING = 6, 4
ELEMENT = "tongban@32473"  # a number of the documentation's own (RFC 5612): this program has none
WAITS = 10.0  # seconds for a collector to take a line
_LONGEST_ID = 32


def between(since: datetime, until: datetime) -> QuerySet[Access]:
    """Return the records from a moment to another, in the order of writing."""
    return Access.objects.filter(at__gte=since, at__lt=until).order_by("pk")


def document(row: Access) -> dict[str, Any]:
    """Return a record by its stable names; the address in clear."""
    return {
        "id": row.pk, "at": row.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "node": settings.NODE.name, "who": row.who, "kind": row.kind, "organisation": row.organisation,
        "post": row.post, "channel": row.channel, "address": address(row), "session": row.session, "device": row.device,
        "action": row.doing, "matter": row.matter, "content": row.content, "result": row.result, "count": row.count,
    }  # fmt: skip


def address(row: Access) -> str:
    """Return from where something was done; nothing where that is not known."""
    return sealed.open_(row.address) if row.address is not None else ""


def as_json(row: Access) -> str:
    """Return a record as one line of JSON."""
    return json.dumps(document(row), ensure_ascii=False)


def as_syslog(row: Access) -> str:
    """Return a record as one message of RFC 5424: all of it in the structured element, the result as its text."""
    said = document(row)
    priority = FACILITY * 8 + (INFORMATIONAL if row.result == OK else WARNING)
    values = " ".join(
        f'{name}="{_escaped(value)}"' for name, value in said.items() if value != "" and name != "at"
    )
    action = "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in row.doing)[:_LONGEST_ID]
    return f"<{priority}>1 {said['at']} {settings.NODE.name} tongban - {action or '-'} [{ELEMENT} {values}] {row.result}"


def _escaped(value: object) -> str:
    text = str(value)
    for sign in '\\"]':
        text = text.replace(sign, "\\" + sign)
    return text


def send(lines: Iterable[str], target: str) -> int:
    """
    Send messages to a collector, `tls://host:port`, `tcp://host:port` or `udp://host:port`; return how many.

    By TCP and TLS each is preceded by its length (RFC 6587, RFC 5425). By TLS the collector shows a certificate for its host
    that this machine trusts, or nothing is sent.

    Raises:
        InvalidInput: that is no such address. OSError: nobody takes them, or it is not who it should be.
    """
    scheme, _, place = target.partition("://")
    host, _, port = place.rpartition(":")
    if scheme not in ("udp", "tcp", "tls") or not host or not (port.isascii() and port.isdigit()):
        raise InvalidInput(
            f"{target} 不是接收地址，没有导出。请写 tls://主机:端口、tcp://主机:端口 或 udp://主机:端口。"
        )
    count = 0
    with closing(_connected(scheme, host.strip("[]"), int(port))) as way:
        for count, data in enumerate(_framed(lines, scheme), 1):  # noqa: B007  # how many there were
            way.sendall(data)
        if isinstance(way, ssl.SSLSocket):
            # Said and heard (RFC 5425 §4.4): a line that is simply dropped may take with it what was sent last.
            with suppress(OSError):
                way.unwrap()
    return count


def _framed(lines: Iterable[str], scheme: str) -> Iterator[bytes]:
    for line in lines:
        data = line.encode()
        yield data if scheme == "udp" else b"%d %s" % (len(data), data)


def _connected(scheme: str, host: str, port: int) -> socket.socket:
    if scheme != "udp":
        way = socket.create_connection((host, port), timeout=WAITS)
        return ssl.create_default_context().wrap_socket(way, server_hostname=host) if scheme == "tls" else way
    family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
    way = socket.socket(family, socket.SOCK_DGRAM)
    way.settimeout(WAITS)
    way.connect((host, port))
    return way
