"""Who hands in what, for the tests of this app."""

from datetime import UTC, datetime
from typing import Any, Final

from tests.materials import samples
from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.catalogue.models import Offering
from tongban.materials import commands
from tongban.materials.models import Draft, Material

MONDAY: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)
NUMBER: Final = "3417237K2M202603024XW9A0QTC"
OTHER: Final = "3417237K2M202603025XW9A0QTC"
OFFERING: Final = "11341723MB1524561K4340125001000"

ZHANG = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant="A-zhang", assurance=2)
LI = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant="A-li", assurance=2)
GUIDE: Final[dict[str, Any]] = {
    "materials": [
        {"code": "application", "name": "申请书", "required": True, "shared": None,
         "accept": ["application/pdf", "application/ofd"], "max_bytes": 1 << 20},
        {"code": "id", "name": "身份证明", "required": True, "shared": None},
        {"code": "licence", "name": "营业执照", "required": True, "shared": True},
        {"code": "photo", "name": "照片", "required": False, "shared": None},
        {"code": "mandate", "name": "授权委托书", "required": True, "shared": None, "when": {"agent": [True]}},
    ],
}  # fmt: skip


def window(organisation: str = "11341723MB1524561K", *permissions: Permission) -> Actor:
    return Actor(
        kind=ActorKind.STAFF,
        channel=Channel.COUNTER,
        organisation=organisation,
        post="window",
        staff="S-wang",
        permissions=frozenset(permissions or {Permission.CASE_FILE}),
    )


def an_offering(**changes: Any) -> Offering:
    facts = {
        "code": OFFERING, "name": "学历公证", "division": "341723", "organisation": "11341723MB1524561K",
        "state": Offering.State.IN_USE,
    }  # fmt: skip
    return Offering.objects.create(**{**facts, **changes})


def a_draft(number: str = NUMBER, by: Actor = ZHANG) -> Draft:
    if not Offering.objects.filter(code=OFFERING).exists():
        an_offering()
    return commands.open_draft(number=number, offering_code=OFFERING, by=by, at=MONDAY)


def handed_in(data: bytes | None = None, **changes: Any) -> Material:
    given: dict[str, Any] = {
        "number": NUMBER, "code": "id", "name": "张三身份证.pdf", "data": data or samples.pdf_file(),
        "by": ZHANG, "at": MONDAY, "guide": GUIDE,
    }  # fmt: skip
    return commands.add_material(**{**given, **changes})
