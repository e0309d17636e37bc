"""
The shape of what peers send: messages and answers, asked by one strict schema each before anything reads them
(docs/protocol.md §11). Pure. An answer that is not of its shape is no answer.
"""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from tongban.kernel import limits

type Schema = dict[str, Any]

DIGEST: Schema = {"type": "string", "pattern": f"^{limits.DIGEST_FORM}$"}
_WORD: Schema = {"type": "string", "pattern": f"^{limits.ROLE_FORM}$"}
_SUBJECT: Schema = {"type": "string", "pattern": f"^{limits.SUBJECT_FORM}$"}
_CHAIN: Schema = {"type": "string", "pattern": f"^{limits.CHAIN_FORM}$"}
_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_SMALL: Schema = {"type": "integer", "minimum": 0, "maximum": limits.INTEGER}
_TEXT: Schema = {"type": "string", "maxLength": 500}
_LARGE: Schema = {"type": "string"}
_DOCUMENT: Schema = {"type": "object"}
_EVENT: Schema = {
    "type": "object", "required": ["event", "body"], "additionalProperties": False,
    "properties": {
        "event": {"type": "string", "maxLength": limits.EVENT_BYTES},
        "body": {"type": ["string", "null"], "maxLength": limits.BODY_BYTES},
    },
}  # fmt: skip


def _some(value: Schema, most: int) -> Schema:
    return {"type": "array", "items": value, "maxItems": most}


def _or_null(value: Schema) -> Schema:
    return {"anyOf": [{"type": "null"}, value]}


def _having(
    must: Mapping[str, Schema], may: Mapping[str, Schema] | None = None, *, more: bool = False
) -> Schema:
    return {
        "type": "object", "properties": {**must, **(may or {})}, "required": sorted(must), "additionalProperties": more
    }  # fmt: skip


SPEAKS: Schema = {
    "type": "object", "propertyNames": _WORD, "maxProperties": 64,
    "additionalProperties": _some(_having({"version": _SMALL, "digest": DIGEST}), 64),
}  # fmt: skip
_ENVELOPE: dict[str, Schema] = {
    "format": _TEXT, "from": DIGEST, "to": DIGEST, "at": _TEXT, "chain": _some(_DOCUMENT, 1000),
    "signatures": {"type": "array"},
}  # fmt: skip
_MATTER = {"procedure": _WORD, "subject": _SUBJECT}
_INCLUSION = _some(
    _having({"chain": _CHAIN, "seq": _SMALL, "leaf": _COUNT, "path": _some(DIGEST, 64)}), limits.TERMS
)  # fmt: skip
_KEYS: Schema = {
    "type": "object", "propertyNames": DIGEST, "additionalProperties": _some(_DOCUMENT, 1000), "maxProperties": 50
}  # fmt: skip
_PAPERS: Schema = {
    "type": "object", "propertyNames": DIGEST, "additionalProperties": _DOCUMENT, "maxProperties": 200
}  # fmt: skip

MESSAGES: dict[str, Schema] = {
    "tongban-transfer/2": _having(
        {
            **_ENVELOPE, **_MATTER, "events": _some(_EVENT, limits.EVENTS), "statements": _some(_DOCUMENT, 200),
            "seal": _or_null(_DOCUMENT), "proof": _or_null(_having({"from": _COUNT, "path": _some(DIGEST, 64)})),
            "inclusion": _INCLUSION, "seals": _some(_DOCUMENT, 50), "epochs": _some(_DOCUMENT, 100), "keys": _KEYS,
            "papers": _PAPERS,
        }
    ),
    "tongban-content-request/2": _having({**_ENVELOPE, **_MATTER, "digest": DIGEST, "index": _SMALL}),
    "tongban-papers-request/2": _having({**_ENVELOPE, "held": _some(DIGEST, 10_000)}),
    "tongban-answer-taken/2": _having(
        {**_ENVELOPE, **_MATTER, "key_number": _SMALL, "wrapped": _LARGE, "sealed": _LARGE}
    ),
    "tongban-recovery/2": _having({**_ENVELOPE, "epoch": _SMALL, "begin": {"type": "boolean"}}),
    "tongban-seals/2": _having({**_ENVELOPE}),
}  # fmt: skip

_ANSWER = {**_ENVELOPE, "answers": DIGEST, "speaks": SPEAKS}
_HELD_SEAL = _or_null(_having({"epoch": _SMALL, "size": _COUNT}))
_REFUSED = _having(
    {"code": {"type": "string", "maxLength": 60}, "sentence": {"type": "string", "maxLength": 2000}}
)
REFUSAL = _having({**_ANSWER, "refused": _REFUSED}, {"held_seal": _HELD_SEAL})

ANSWERS: dict[str, Schema] = {
    "tongban-transfer/2": _having(
        {
            **_ANSWER, "statement": _or_null(_DOCUMENT), "forked": _some(_EVENT, limits.EVENTS),
            "missing_keys": _some(DIGEST, 50), "missing_papers": _some(DIGEST, 200), "held_seal": _HELD_SEAL,
        }
    ),
    "tongban-content-request/2": _having(
        {**_ANSWER, **_MATTER, "digest": DIGEST, "index": _SMALL, "key_number": _SMALL, "wrapped": _LARGE, "sealed": _LARGE}
    ),
    "tongban-papers-request/2": _having({**_ANSWER, "papers": _PAPERS, "keys": _KEYS}),
    "tongban-answer-taken/2": _having({**_ANSWER, "adopted": DIGEST}),
    "tongban-recovery/2": _having(
        {**_ANSWER, "left": _COUNT, "seal": _or_null(_DOCUMENT), "your_chain": _some(_DOCUMENT, 1000)}
    ),
    "tongban-seals/2": _having({**_ANSWER, "seal": _or_null(_DOCUMENT)}),
}  # fmt: skip

_messages = {name: jsonschema_rs.validator_for(schema) for name, schema in MESSAGES.items()}
_answers = {name: jsonschema_rs.validator_for(schema) for name, schema in ANSWERS.items()}
_refusal = jsonschema_rs.validator_for(REFUSAL)


class Misshapen(ValueError):
    """A message or answer is not of the shape of its kind; says which member."""


def demand_message(document: Mapping[str, Any]) -> None:
    """Ask whether a message of a known kind has its shape; raises Misshapen."""
    _demand(_messages[document["format"]], document)


def demand_answer(kind: str, document: Mapping[str, Any]) -> None:
    """Ask whether an answer to a message of `kind`, or a refusal, has its shape; raises Misshapen."""
    _demand(_refusal if "refused" in document else _answers[kind], document)


def _demand(validator: Any, document: Mapping[str, Any]) -> None:
    error = next(iter(validator.iter_errors(document)), None)
    if error is not None:
        # Never the message: it quotes what was sent.
        raise Misshapen(".".join(str(step) for step in error.instance_path)[:80] or "document")
