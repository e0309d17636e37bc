"""Neighbours: agreements, the state of the exchange, and answers taken for another place's case."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile
from pydantic import AfterValidator

from tongban.accounts.access.actor import Permission
from tongban.agreements import queries as agreements
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.drafts import MaterialCode
from tongban.api.idempotency import once_outside
from tongban.exchange import queries, third_party
from tongban.kernel.crypto.keychain import fingerprint_typed
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock

router = Router(tags=["peers"], auth=SIGNED_IN)
Fingerprint = Annotated[
    str, Field(pattern=r"^(sm3:)?([0-9A-Fa-f]{4} ?){16}$"), AfterValidator(fingerprint_typed)
]


SAME = (
    "node", "name", "url", "division", "organisation", "state", "trouble", "heard_at", "reached_at", "skew",
    "speaks",
)  # fmt: skip


class AgreementOut(Schema):
    """One version of an agreement (通办协议); `document` is what both sides signed."""

    agreement_id: str
    version: int
    digest: str
    state: str
    valid_from: date
    valid_to: date | None
    ended_on: date | None
    document: dict[str, Any]


class TroubleOut(Schema):
    """A case that does not get through to a peer: how often it was tried, when it is tried next, and why it failed."""

    subject: str
    attempts: int
    next_at: datetime
    trouble: str


class PeerOut(Schema):
    """
    Another node, how far behind the exchange with it is, and what does not get through.

    `skew`: by how many seconds its clock stands ahead of ours; `speaks_ours`: it knows the rule table we write by.
    """

    node: str
    name: str
    url: str
    division: str
    organisation: str
    state: str
    trouble: str
    heard_at: datetime | None
    reached_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    skew: int | None
    speaks: dict[str, Any]
    speaks_ours: bool
    troubles: list[TroubleOut]


class AnswerOut(Schema):
    """Under which digest the intake adopted the answer."""

    adopted: str


@router.get("/agreements", response=list[AgreementOut], summary="通办协议")
def list_agreements(request: HttpRequest) -> list[AgreementOut]:
    actor = actor_of(request)
    return [AgreementOut.from_orm(one) for one in agreements.visible_to(actor)[:200]]


@router.get("/peers", response=list[PeerOut], summary="对方节点与交换进度")
def list_peers(request: HttpRequest) -> list[PeerOut]:
    actor = actor_of(request)
    if not (actor.may(Permission.PEERS_MANAGE) or actor.may(Permission.CASE_SUPERVISE)):
        raise NotPermitted("您的岗位不能查看对方节点。请由节点管理员或督办人员查看。")
    lag = queries.lag()
    troubles = queries.troubles()
    return [
        PeerOut.model_validate(
            {
                **{name: getattr(one, name) for name in SAME}, **_behind(lag.get(one.node, {})),
                "speaks_ours": queries.speaks_ours(one), "troubles": troubles.get(one.node, []),
            }
        )
        for one in queries.visible_to(actor)
    ]  # fmt: skip


def _behind(lag: Mapping[str, object]) -> dict[str, object]:
    return {"waiting": lag.get("waiting", 0), "waiting_since": lag.get("oldest")}


@router.post("/third-window/answers", response={201: AnswerOut}, summary="第三地窗口代收补正答复")
@once_outside
def send_answer(
    request: HttpRequest,
    case: Annotated[str, Form(max_length=60)],
    intake: Form[Fingerprint],
    code: Annotated[str, Form(max_length=40)],
    seen: Annotated[str, Form(max_length=20)],
    codes: Annotated[list[MaterialCode], Form(default_factory=list)],
    files: Annotated[list[UploadedFile], File(default_factory=list)],
    note: Annotated[str, Form(max_length=20_000)] = "",
) -> Status[AnswerOut]:
    if len(codes) != len(files):
        raise InvalidInput("未送出：每份文件须有一个材料编码（codes 与 files 数量相同）。请改正后重试。")
    adopted = third_party.send_answer(
        case=str(numbers.parse(case)), intake=intake, note=note, code=code, seen=seen, by=actor_of(request), at=clock.now(),
        files=[(code, file.name or "", file.read()) for code, file in zip(codes, files, strict=True)],
    )  # fmt: skip
    return Status(201, AnswerOut(adopted=adopted))
