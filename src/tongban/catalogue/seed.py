"""
The guides that come with the product, as templates, and how a county turns them into its own.

A template names a role ("market_supervision") where a county has an organisation. What nobody has verified is
marked in the template and stays marked in the guide.
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.catalogue import commands, fields, guides
from tongban.catalogue.models import Guide

DATA: Final = Path(__file__).parent / "data"
ITEMS_FILE: Final = DATA / "items.json"
COUNTY_LEVEL: Final = "4"  # 行使层级, GB/T 39046 A.2
SCANS: Final = ["application/pdf", "image/jpeg", "image/png"]
TEN_MEBIBYTES: Final = 10 * 1024 * 1024

Document = dict[str, Any]
_MAY: Final = ("window_questions",)  # as `_SAME`, where the template has it

# What stands in a template and in the guide under the same name.
_SAME: Final = (
    "name", "name_in", "aliases", "subject", "theme", "conditions", "limits", "kind", "handling_type", "review_steps",
    "identity", "modes", "modes_note", "fee", "result", "delivery", "legal_basis", "steps", "pitfalls", "channels",
    "verification",
)  # fmt: skip


@cache
def templates() -> dict[str, Document]:
    """Return the templates that come with the product, by key."""
    files = sorted((DATA / "guides").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def example(key: str) -> Document:
    """Return a form of template `key`, filled in by demo people who do not exist."""
    filled: Document = json.loads(json.dumps(templates()[key]["example"]))
    return filled


def offering_code(key: str, uscc: str) -> str:
    """
    Return the implementation code (实施编码) of template `key` at an organisation.

    USCC, level and the 12 characters of the basic code (GB/T 39554.1). The basic codes of most
    templates are illustrative, which the guide says in `verification.code_official`.
    """
    basic: str = templates()[key]["basic_code"]
    return f"{uscc}{COUNTY_LEVEL}{basic}"


def documents_for(county: Document) -> list[Document]:
    """
    Return the guide documents of a county, as version 1, in order of their keys.

    `county` holds `division`, `node` (fingerprint) and `organisations`: role key to (USCC, name).
    Offerings whose role the county has not filled are left out.
    """
    roles = county["organisations"]
    return [
        _document(key, template, county) for key, template in templates().items() if template["role"] in roles
    ]


def publish(county: Document, *, at: datetime, sign: Callable[[Document], Document]) -> list[Guide]:
    """
    Publish the county's guides, each in the name of its organisation; return what is new.

    Publishing again publishes only what differs from the current version.
    """
    published = []
    for document in documents_for(county):
        by = Actor(
            kind=ActorKind.SYSTEM,
            channel=Channel.SYSTEM,
            organisation=document["organisation"]["uscc"],
            permissions=frozenset({Permission.CATALOGUE_PUBLISH}),
        )
        try:
            published.append(commands.publish_guide(document=document, by=by, at=at, sign=sign))
        except commands.GuideUnchanged:
            continue
    return published


def _document(key: str, template: Document, county: Document) -> Document:
    uscc, name = county["organisations"][template["role"]]
    parts = [_part(step) for step in template["form"]["steps"]]
    own = {material["code"] for material in template["materials"]}
    shared = [m for part in parts for m in part.get("materials", ()) if m["code"] not in own]
    rules = [rule for part in parts for rule in part.get("rules", ())] + template["form"]["rules"]
    document = {
        "format": guides.FORMAT,
        "offering": offering_code(key, uscc),
        "node": county["node"],
        "item": template["item"],
        "organisation": {"uscc": uscc, "name": name},
        "division": county["division"],
        "materials": [_material(material) for material in [*template["materials"], *shared]],
        "form": fields.form_schema(template["form"]["title"], parts, rules),
        **{part: template[part] for part in _SAME},
        **{part: template[part] for part in _MAY if part in template},
    }
    return guides.numbered(document, 1)


def _part(step: str | Document) -> Document:
    """Return a step of a form; a name stands for one that many forms share."""
    return _shared_steps()[step] if isinstance(step, str) else step


def _material(material: Document) -> Document:
    return {"accept": SCANS, "max_bytes": TEN_MEBIBYTES, **material}


@cache
def _shared_steps() -> dict[str, Document]:
    steps: dict[str, Document] = json.loads((DATA / "shared-steps.json").read_text(encoding="utf-8"))
    return steps
