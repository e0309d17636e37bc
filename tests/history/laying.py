"""
History, laid by SQL: copies of matters that were really carried to their end, with all that is kept about each of them.

Every table stands in one of three tables here, or a test fails: what a matter leaves behind, what time leaves behind besides,
and what does not grow. Copies of events and contents are empty: rows are counted, not bytes.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.db import connection, models

from tongban.accounts.models import Shift
from tongban.api.models import IdempotencyKey
from tongban.cases.models import Case
from tongban.figures.models import Share
from tongban.kernel.accesses import SIGN_IN
from tongban.kernel.journal import numbers
from tongban.kernel.models import (
    Access,
    Content,
    Duty,
    Event,
    Outstanding,
    Seal,
    SealedHead,
    SealNode,
    Statement,
    SubjectKey,
)
from tongban.letters.models import Letter
from tongban.materials.models import Draft, Material
from tongban.measuring import history
from tongban.notices.models import Dispatch, Notice
from tongban.procedures.models import Bearer, Consultation, DossierExport, Handled, Matter, Note, Party, Trace
from tongban.rights.models import DataCopy
from tongban.supervision.models import LookAlarm, LookDay

type Model = type[models.Model]
type Told = dict[
    str, str
]  # column → what stands there in a copy: SQL over the row `t` and the copy's `g.n` and `g.number`

GAP = 10_000_000  # what lies before the open matters is numbered below
OTHERS = "CASE t.applicant WHEN '' THEN '' ELSE 'O' || substr(g.number, 15) END"
DRAWN = "substr(g.number, 19)"  # what of a number is drawn at random, with its check
OWN_HASH, OWN_WHO = "substr(t.hash, 1, 30) || g.number", "substr(t.who, 1, 40) || g.number"
# An agreement's number is its own, an offering's code is shared.
OWN_LABEL = "CASE t.procedure WHEN 'agreement' THEN g.number ELSE t.label END"

# The window's book is of one day, and what lies behind was taken in on others.
LONG_AGO: Told = {"received_on": "'2020-01-02'"}
# What a matter leaves behind: the column with its number, and what else differs from copy to copy.
OF_A_MATTER: dict[Model, tuple[str, Told]] = {
    # Ten times as many matters are of ten times as many people.
    Matter: ("number", {"applicant": OTHERS, "label": OWN_LABEL}), Party: ("matter_id", {}), Case: ("matter_id", LONG_AGO),
    Duty: ("subject", {}), Event: ("subject", {"hash": OWN_HASH, "raw": "''", "body": "''"}), Content: ("subject", {"sealed": "NULL"}),
    # A key opens nothing under another number.
    SubjectKey: ("subject", {"wrapped": "NULL", "destroyed_at": "CURRENT_TIMESTAMP"}), Outstanding: ("subject", {}),
    Statement: ("subject", {"hash": OWN_HASH, "raw": "''"}), SealedHead: ("subject", {}), Access: ("matter", {}),
    Draft: ("number", {"applicant": OTHERS}), Material: ("number", {}), DossierExport: ("number", {}), Share: ("number", {}),
    Letter: ("subject", {"serial": f"substr(t.serial, 1, 24) || '-' || {DRAWN}", "code": f"(t.id %% 100) || 'L' || {DRAWN}"}),
    Notice: ("matter", {"event": "substr(t.event, 1, 30) || g.number", "applicant": OTHERS}),
    # The copy of a notice has a number that nobody knows here, so a copy of what was sent of it stands with the same one.
    Dispatch: ("matter", {"way": "substr(g.number, 19, 8)"}),
    # People of one name, and cases that one member of staff has dealt with, are ever more.
    Trace: ("matter_id", {}), Bearer: ("matter_id", {}), Handled: ("matter_id", {}), Note: ("matter_id", {}),
    Consultation: ("number", {}),
}  # fmt: skip
# What time leaves behind: the oldest row is copied, each copy somewhat different.
OF_TIME: dict[Model, Told] = {
    Shift: {}, LookDay: {"who": OWN_WHO}, LookAlarm: {"who": OWN_WHO}, DataCopy: {},
    IdempotencyKey: {"key": "t.key || '-' || g.number"}, Seal: {"epoch": "0", "size": "CAST(g.number AS int)"},
    SealNode: {"epoch": "0", "index": "CAST(g.number AS int)"},
}  # fmt: skip
STAYS: dict[str, str] = {
    **dict.fromkeys(
        ("Item", "Offering", "Guide", "Division", "Organisation", "Hall", "Window", "Post", "Person", "Appointment", "Applicant",
         "Authenticator", "StaffIdentity", "ExternalIdentity", "ApiKey", "CalendarYear", "Peer", "ClockWitness", "SelfNode",
         "NodeKey", "EpochRecord", "Agreement", "Mark", "ContentType", "SealAuthority", "Issuer"),
        "as many as there are people, places, items and neighbours, and a version now and then",
    ),
    **dict.fromkeys(("Device", "PastPassword", "RecoveryCode", "SecondReset"), "the last few of a person"),
    **dict.fromkeys(("Begun", "FailedAttempt", "Session", "Upload", "Unheard", "Gathering", "SmsCode"), "swept away once it is over"),
    **dict.fromkeys(("Fork", "Evidence", "Unjudged"), "what neighbours did wrong: a human looks at each"),
    **dict.fromkeys(("Grant", "Leave"), "now and then, by people"),
    "StaffList": "the last one of a manager, for a day",
    "Series": "one a year for each kind of letter",
    **dict.fromkeys(("Figure", "Opened"), "one a month: ten times as many are ten times the years"),
    "Probe": "one row",
    "OptOut": "as many as there are people who have said so",
    "SavedView": "a few of each person",
    "Look": "is Access by another name",
}  # fmt: skip


def unnamed() -> set[str]:
    """Return the tables of which nobody has said whether they grow, and what is named here and is no table."""
    told = {model.__name__ for model in (*OF_A_MATTER, *OF_TIME)} | STAYS.keys()
    return {model.__name__ for model in apps.get_models()} ^ told


def leave_a_gap() -> None:
    """Let what is written from now on be numbered far above what is there, so that history can be laid in between."""
    with connection.cursor() as cursor:
        for model in (*OF_A_MATTER, *OF_TIME):
            table = model._meta.db_table
            if not isinstance(model._meta.pk, models.AutoField):
                continue
            if connection.vendor == "postgresql":
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, GAP])
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, GAP])


def copies(number: str, count: int, *, before: bool = False) -> None:
    """Lay `count` copies of a matter behind everything that is there, or before all that came after the gap."""
    entropy = f"{number} {count} {before}"
    named = [str(numbers.issue(number[:6], entropy, 1, date(2026, 3, 2))) for _ in range(count)]
    for model, (key, told) in OF_A_MATTER.items():
        _copy(model, {**told, key: "g.number"}, named, key, number, before=before)


def passed_time(count: int) -> None:
    """Lay `count` copies of what time leaves behind besides, numbered on from those that are there."""
    signed_in = Access.objects.filter(doing=SIGN_IN).latest("pk").pk
    _copy(Access, {}, [""] * count, "id", signed_in)
    for model, told in OF_TIME.items():
        there = model._base_manager.count()
        oldest = model._base_manager.order_by("pk").values_list("pk", flat=True).first()
        assert oldest, f"nothing of {model.__name__} to copy"
        _copy(model, told, [str(n) for n in range(there, there + count)], "id", oldest)


def _copy(model: Model, told: Told, named: Sequence[str], key: str, of: Any, *, before: bool = False) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    in_the_gap = {"id": f"(SELECT MAX(id) FROM {table} WHERE id < {GAP}) + row_number() OVER ()"}
    numbers_itself = any(isinstance(one, models.AutoField) for one in model._meta.local_concrete_fields)
    history.lay(model, {**told, **(in_the_gap if before and numbers_itself else {})}, named, key, of)
