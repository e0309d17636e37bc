"""What somebody typed or an address says, read strictly: superscripts and other digits count as figures to Python, and as none here."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit


def whole(text: str, *, digits: int = 7) -> int | None:
    """Return the whole number that a text is, of at most so many digits; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def day(text: str) -> date | None:
    """Return the day that a text is, as `2026-01-31`; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def scanned(text: str) -> str:
    """Return the case number in what a scanner read of a receipt: an address, or what a node signed; anything else as it is."""
    if text.startswith(("https://", "http://")):
        return parse_qs(urlsplit(text).query).get("number", [text])[0]
    if not text.startswith("{"):
        return text
    try:
        return str(json.loads(text)["subject"])
    except (ValueError, KeyError, TypeError):
        return text
