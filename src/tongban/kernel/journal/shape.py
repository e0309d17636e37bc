"""
The shape of an event and of its body: one strict schema, asked before law and before effect (docs/protocol.md §2–5).

Pure. What does not fit is malformed: refused, and nothing of it kept. Built once from the words of `limits`.
"""

import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from tongban.kernel import limits
from tongban.kernel.crypto import canon

type Schema = dict[str, Any]

_NAME = re.compile(rf"[0-9]+|{limits.WORD_FORM}|{limits.CHAIN_FORM}|{limits.DUTY_FORM}", re.ASCII)


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^(?:{pattern})$"}


def _exactly(**members: Schema) -> Schema:
    return {
        "type": "object", "properties": members, "required": sorted(members), "additionalProperties": False
    }  # fmt: skip


def _named(name: str, value: Schema, most: int) -> Schema:
    return {
        "type": "object", "propertyNames": _text(name), "additionalProperties": value, "maxProperties": most
    }  # fmt: skip


def _list(value: Schema, most: int, least: int = 0, **more: Any) -> Schema:
    return {"type": "array", "items": value, "minItems": least, "maxItems": most, **more}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, schema]}


_COUNT: Schema = {"type": "integer", "minimum": 1, "maximum": limits.INTEGER}
_TERM: Schema = {"type": "integer", "minimum": 1, "maximum": limits.TERMS}
_DIGEST, _CHAIN, _WORD = _text(limits.DIGEST_FORM), _text(limits.CHAIN_FORM), _text(limits.WORD_FORM)
_ROLE, _DUTY, _SUBJECT = _text(limits.ROLE_FORM), _text(limits.DUTY_FORM), _text(limits.SUBJECT_FORM)
_TIME = _text(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_DAY = {**_text(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}"), "format": "date"}
_PERSON = _text(rf"[0-9A-Z]{{0,{limits.PSEUDONYM}}}")
_ORG = _text(r"[0-9A-Z]{0,18}")
_SHORT: Schema = {"type": "string", "maxLength": 120}
_PLACE: Schema = {"type": "array", "prefixItems": [_COUNT, _DIGEST], "minItems": 2, "maxItems": 2}
_LIMIT = _exactly(n={"type": "integer", "minimum": 0, "maximum": 100_000}, unit=_text("working_day|day"))
_CALENDAR = _text(r"[0-9]{4}\.[0-9]{1,5}")
_WITHIN = _list(_WORD, 40)
_DATES = {"due": _or_null(_DAY), "calendar": _or_null(_CALENDAR)}
_PAPER = _exactly(
    kind=_WORD, id={"type": "string", "minLength": 1, "maxLength": 80}, version=_COUNT, digest=_DIGEST
)
_BINDING = _exactly(
    role=_ROLE, term=_TERM, node=_DIGEST, org=_ORG, office=_ORG, papers=_list(_PAPER, 8)
)  # fmt: skip
_THEN = _exactly(
    kind=_WORD, holder=_text("org|office|applicant"), limit=_or_null(_LIMIT), basis=_SHORT, within=_WITHIN
)  # fmt: skip
_OPENED = _exactly(
    id=_DUTY, kind=_WORD, holder=_exactly(org=_ORG, node=_DIGEST), limit=_or_null(_LIMIT), basis=_SHORT,
    within=_WITHIN, about=_or_null(_DUTY), to=_or_null(_CHAIN), to_node=_or_null(_DIGEST), then=_or_null(_THEN),
    **{"from": _DAY}, **_DATES,
)  # fmt: skip
_PAUSE: Schema = {
    "type": "array",
    "prefixItems": [_DAY, _or_null(_DAY), _SHORT],
    "minItems": 3,
    "maxItems": 3,
}
_CLOCK: Schema = {
    "type": "object", "additionalProperties": False,
    "properties": {
        "state": _text("running|paused|stopped"), "from": _DAY, "limit": _LIMIT, "pauses": _list(_PAUSE, 64),
        "basis": _SHORT, "ended": _DAY, **_DATES,
    },
    "required": ["state", "from", "limit", "pauses", "basis", "due", "calendar"],
}  # fmt: skip
_EFFECTS: Schema = {
    "type": "object", "additionalProperties": False,
    "properties": {
        "phase": {"type": "array", "prefixItems": [_text(f"|{limits.WORD_FORM}"), _WORD], "minItems": 2, "maxItems": 2},
        "pen": _text(f"|{limits.ROLE_FORM}"), "bind": _list(_BINDING, 8, 1),
        "clocks": _named(limits.WORD_FORM, _CLOCK, 8), "facts": _named(limits.WORD_FORM, {}, limits.FACTS),
        "close": _list(_DUTY, limits.DUTIES), "open": _list(_OPENED, limits.DUTIES),
        "look": _named(limits.DUTY_FORM, _PERSON, limits.DUTIES), "claim": _named(limits.DUTY_FORM, _PERSON, limits.DUTIES),
        "due": _named(f"{limits.DUTY_FORM}|{limits.WORD_FORM}", _exactly(**_DATES), limits.DUTIES),
        "redact": _named(limits.DIGEST_FORM, _SHORT, limits.DUTIES),
        "withhold": _or_null(_exactly(chain=_CHAIN, seq=_COUNT, hash=_DIGEST)),
        "succeed": _exactly(**{"role": _ROLE, "term": _TERM, "from": _DIGEST, "node": _DIGEST}),
        "release": _or_null(_exactly(park=_DIGEST, struck=_or_null(_COUNT))),
    },
}  # fmt: skip
ENVELOPE: Schema = _exactly(
    format=_text("tongban-event/2"), suite=_text("sm2-sm3-sm4"), procedure=_ROLE, subject=_SUBJECT, node=_DIGEST,
    role=_ROLE, term=_TERM, epoch=_COUNT, seq=_COUNT, kind=_WORD, rules=_exactly(version=_COUNT, digest=_DIGEST),
    at=_TIME, prev=_DIGEST, seen=_named(limits.CHAIN_FORM, _PLACE, 40),
    refs=_list(_exactly(procedure=_ROLE, subject=_SUBJECT, chain=_CHAIN, seq=_COUNT, hash=_DIGEST), limits.REFS),
    body=_DIGEST, effects=_EFFECTS,
    content=_list(
        _exactly(digest=_DIGEST, size={"type": "integer", "minimum": 0, "maximum": limits.CONTENT_SIZE}),
        limits.CONTENTS,
    ),
    hash=_DIGEST,
)  # fmt: skip
_CODE: Schema = {"type": "string", "maxLength": 40}
BODY: Schema = _exactly(
    salt=_text("[0-9a-f]{32}"),
    actor=_exactly(
        kind=_text("staff|applicant|system|peer"), org=_CODE, post=_CODE, staff=_CODE, applicant=_CODE, channel=_CODE,
        assurance={"type": "integer", "minimum": 0, "maximum": 9},
    ),
    given={"type": "object"}, labels=_list({"type": "string", "maxLength": 80}, limits.CONTENTS),
)  # fmt: skip

_envelope = jsonschema_rs.validator_for(ENVELOPE, validate_formats=True)  # a day must exist
_body = jsonschema_rs.validator_for(BODY)


class Misshapen(ValueError):
    """A document does not have the shape of an event or of a body; says where."""


def demand_envelope(document: Mapping[str, Any]) -> None:
    """
    Ask whether `document` has the shape of an envelope.

    Raises:
        Misshapen: it has not. BeyondLimits: too deep, too long, too large.
    """
    _demand(_envelope, document)
    if f"{document['role']}/{document['term']}" in document["seen"]:
        raise Misshapen("seen: its own chain")
    # Sizes of content are the one kind of number that may be larger.
    limits.demand_plain({name: value for name, value in document.items() if name != "content"})
    if len({piece["digest"] for piece in document["content"]}) != len(document["content"]):
        raise Misshapen("content: named twice")
    for name, value in document["effects"].get("facts", {}).items():
        if len(canon.encode(value)) > limits.FACT_BYTES:
            raise Misshapen(f"facts.{name}: too large")


def demand_body(document: Mapping[str, Any]) -> None:
    """Ask whether `document` has the shape of a body; raises as `demand_envelope`."""
    limits.demand_plain(document)
    _demand(_body, document)


def _demand(validator: Any, document: Mapping[str, Any]) -> None:
    error = next(iter(validator.iter_errors(document)), None)
    if error is not None:
        # Never the message, nor names that are none of ours: they quote what was sent.
        where = ".".join(str(step) if _NAME.fullmatch(str(step)) else "*" for step in error.instance_path)
        raise Misshapen(f"{where[:80] or 'document'}: {type(error.kind).__name__}")
