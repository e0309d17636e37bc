"""What an act of an agreement's course carries: the document put together and signed by what somebody filled in."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.agreements import commands, documents, queries
from tongban.agreements.documents import Document
from tongban.agreements.words import DOCUMENT, DRAFTED_BY, LABELS, TERMS, Role
from tongban.catalogue import queries as catalogue
from tongban.kernel import identity
from tongban.kernel.crypto import canon
from tongban.kernel.errors import InvalidInput
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock

NAMED = {title: name for name, title in documents.SEGMENTS.items()}
MOST = 3500  # bytes of codes of items that an event holds beside the rest
WITHOUT_END = frozenset({"长期", "-"})


def drafted(
    values: Mapping[str, str],
    other: Mapping[str, str],
    agreement: str,
    by: Actor,
    at: datetime,
    before: Document | None,
) -> Document:
    """Return a signed draft by what somebody filled in; what they leave empty stays as it was before."""
    typed = {name: str(values.get(name, "")).strip() for name in DRAFTED_BY}
    was = before or {
        "powers": [],
        "items": documents.ALL_ITEMS,
        "limits": {},
        "valid_from": "",
        "valid_to": None,
    }
    last = queries.last_version(was["id"]) if before else None
    is_change = last is not None and last.version >= was["version"]
    # A text that is still negotiated keeps its first day; a change begins today, or when it says.
    first = typed["valid_from"] or ("" if is_change else was["valid_from"])
    until = typed["valid_to"] or was["valid_to"] or ""
    return commands.drafted(
        by=by, at=at, other=other, agreement_id=agreement,
        powers=_words(typed["powers"]) or was["powers"], items=_items(typed["items"]) or was["items"],
        limits=_limits(typed["limits"]) if typed["limits"] else was["limits"],
        valid_from=_day("valid_from", first) if first else None,
        valid_to=None if until in WITHOUT_END or not until else _day("valid_to", until),
    )  # fmt: skip


def codes(document: Document) -> dict[str, Any]:
    """Return what a row carries of a document, and its digest; raises AgreementInvalid where it names too many items."""
    items = document["items"]
    if len(canon.encode(items)) > MOST:
        raise documents.AgreementInvalid(
            f"通办协议 {document['id']} 列的事项过多，未拟定。请改为全部事项，或分几份协议。"
        )
    return {
        "powers": ",".join(document["powers"]), "items": items if isinstance(items, str) else ",".join(items),
        "limits": ",".join(f"{name}={days}" for name, days in sorted(document["limits"].items())),
        "valid_from": document["valid_from"], "valid_to": document["valid_to"] or "", "version": document["version"],
        "digest": documents.digest_of(document),
    }  # fmt: skip


def texts(document: Document) -> dict[str, str]:
    """Return a document as it is signed, and in words."""
    return {DOCUMENT: text(document), TERMS: documents.in_words(document)}


def text(document: Mapping[str, Any]) -> str:
    """Return a document as it is signed."""
    return canon.encode(dict(document)).decode()


def notice(state: State, by: Actor, at: datetime, typed: str) -> Document:
    """Return the signed notice that the version agreed ends; raises NotPermitted, NotFound, InvalidInput."""
    commands.ask_to_sign(by)
    row = queries.agreement_by_digest(str(state.fact(Role.PROPOSER, "agreed", "")))
    day = _day("last_day", typed) if typed else clock.official_day(at)
    return identity.sign(documents.end_notice(row.document, identity.fingerprint(), day))


def _words(typed: str) -> list[str]:
    return [one for one in re.split(r"[\s,，、；;]+", typed) if one]


def demand_other(document: Document, before: Document) -> None:
    """Ask whether a text says anything else than the one before; its first day alone is no change. Raises AgreementInvalid."""
    if all(document[name] == before[name] for name in ("powers", "items", "limits", "valid_to")):
        raise documents.AgreementInvalid(f"通办协议 {before['id']} 的文本没有改动，未送出。请改动后再送。")


def _items(typed: str) -> str | list[str]:
    words = _words(typed)
    if words in ([documents.ALL_ITEMS], ["全部"]):
        return documents.ALL_ITEMS
    meant = {word: catalogue.codes_of(word) for word in words}
    strangers = [word[:40] for word, codes in meant.items() if not codes]
    if strangers:
        raise InvalidInput(
            f"目录里没有事项“{'、'.join(strangers[:5])}”，未拟定。请填事项名称、事项编码或实施编码，每行一个。"
        )
    return sorted({code for codes in meant.values() for code in codes})


def _limits(typed: str) -> dict[str, int]:
    limits = {}
    for one in _words(typed):
        name, _, days = one.partition("=")
        name = NAMED.get(name, name)
        if not (days.isascii() and days.isdigit() and len(days) < 4):
            raise InvalidInput(
                f"缩短的时限应写成 时限=天数，如 推送=1，“{one[:40]}”不是，未拟定。请改正后重试。"
            )
        limits[name] = int(days)
    return limits


def _day(name: str, typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise InvalidInput(f"{LABELS[name]}应写成 2026-01-01 这样的日期，未办理。请改正后重试。") from None
