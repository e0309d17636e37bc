"""What a copy of somebody's data is made of, in order: account, record of access, drafts, matters, then the page that leads to all."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Applicant
from tongban.kernel.errors import DomainError
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.rights import account, files, of_drafts, of_matters, reading
from tongban.rights.archive import Part
from tongban.rights.fields import FIELDS, FORMAT

Document = dict[str, Any]


def of(applicant: Applicant, by: Actor, at: datetime) -> Iterator[Part]:
    """Yield the files of a copy; `by` is whose account it is, and nothing is in it that they could not see themselves."""
    budget, index = files.Budget(), reading.Index(at)
    yield Part("fields.json", [_json({"format": FORMAT, "fields": FIELDS})])
    about = {"format": FORMAT, "made_at": at, **account.document(applicant, by)}
    yield Part("account.json", [_json(about)])
    yield Part("access.json", _list(account.accesses_of(applicant)))
    latest = list(islice(account.accesses_of(applicant), reading.MOST_ROWS))
    yield Part("access.html", [reading.rows(latest).encode()])
    index.add_account(about)
    for draft in materials.drafts_of(by):
        document, contents = of_drafts.document(draft, budget)
        yield from _one(f"drafts/{draft.number}", document, contents, index)
    # By number first: a row of many with its state must not lie in memory with all others.
    for number in list(matters.matters(by).values_list("number", flat=True)):
        document, contents = of_matters.document(number, by, at, budget)
        yield from _one(f"matters/{number}", document, contents, index)
    yield Part("index.html", [index.page().encode()])


def _one(
    place: str, document: Document, contents: Iterable[files.Held], index: reading.Index
) -> Iterator[Part]:
    """Yield the files of a draft or a matter, and then what is said of it, with what became of each."""
    for held in contents:
        try:
            name, data = held.open_()
        except DomainError as refusal:
            held.entry["why_not"] = str(refusal)
            continue
        held.entry["path"] = f"{place}/{name}"
        yield Part(held.entry["path"], [data])
    yield Part(f"{place}.json", [_json(document)])
    yield Part(f"{place}.html", [reading.page(document).encode()])
    index.add(place, document)


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1, default=_moment).encode()


def _list(rows: Iterable[Document]) -> Iterator[bytes]:
    """Yield a list of documents, a row at a time: a record of three years is long."""
    before = b"[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False, default=_moment).encode()
        before = b",\n"
    yield b"[]" if before == b"[\n" else b"\n]"


def _moment(value: datetime | date) -> str:
    return value.isoformat()
