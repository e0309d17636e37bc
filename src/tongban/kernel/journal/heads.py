"""The form of a statement of heads: exactly its members, each of its kind (docs/protocol.md §6). Pure."""

import re

from tongban.kernel import limits
from tongban.kernel.crypto import digest
from tongban.kernel.journal.events import parse_time

FORMAT = "tongban-heads/2"
MEMBERS = frozenset({"format", "procedure", "subject", "signer", "at", "heads", "keys", "signatures"})

_CHAIN = re.compile(limits.CHAIN_FORM, re.ASCII)


def is_well_formed(document: object) -> bool:
    """Return whether a document has exactly the members of a statement, each of its kind; no look at signatures."""
    if not isinstance(document, dict) or document.keys() != MEMBERS or document["format"] != FORMAT:
        return False
    heads, keys = document["heads"], document["keys"]
    texts = (document[name] for name in ("procedure", "subject", "signer", "at"))
    if not all(isinstance(text, str) for text in texts) or not isinstance(heads, dict) or not heads:
        return False
    if not isinstance(keys, dict) or not all(
        digest.is_digest(node) and _is_count(number) for node, number in keys.items()
    ):
        return False
    try:
        parse_time(document["at"])
    except ValueError:
        return False
    return document["signer"] in keys and all(_is_head(chain, head) for chain, head in heads.items())


def _is_head(chain: object, head: object) -> bool:
    return (
        isinstance(chain, str) and _CHAIN.fullmatch(chain) is not None
        and isinstance(head, list) and len(head) == 2 and _is_count(head[0]) and digest.is_digest(head[1])
    )  # fmt: skip


def _is_count(value: object) -> bool:
    return type(value) is int and 1 <= value <= limits.INTEGER
