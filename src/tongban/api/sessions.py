"""Signing in and out, and who one is."""

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Field, Router, Schema, Status

from tongban.accounts.access.actor import Actor, Channel
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.schemas import Body, Line
from tongban.kernel.time import clock
from tongban.procedures.queries import names_of
from tongban.signin import opened, second, sessions
from tongban.signin.address import address_of
from tongban.signin.opened import Opened

router = Router(tags=["sessions"])
Password = Annotated[str, Field(max_length=256)]


class StaffSignIn(Body):
    """Name and password, and the post, where the person holds several."""

    username: Line
    password: Password
    post: Annotated[int, Field(ge=1, le=2**31)] | None = None
    channel: Literal["desk", "counter"] = "desk"


class ApplicantSignIn(Body):
    """Login name or mobile number, and password."""

    login: Line
    password: Password
    channel: Literal["web", "mobile", "kiosk", "tv"] = "web"


class SecondStep(Body):
    """A code of the telephone, or a recovery code."""

    code: Annotated[str, Field(max_length=40)]


class ActorOut(Schema):
    """Who acts: place, post and powers; pseudonyms, never names."""

    kind: str
    channel: str
    organisation: str
    organisation_name: str
    post: str
    pseudonym: str
    assurance: int
    permissions: list[str]
    supervises: str


class SessionOut(Schema):
    """A session; `csrf_token` goes into the header `X-CSRFToken` of every write."""

    actor: ActorOut
    csrf_token: str
    last_sign_in: datetime | None
    last_device: str
    failures_since: int
    password_renew_by: date | None


class EndedOut(Schema):
    """How many sessions have ended."""

    ended: int


@router.post("", auth=None, response=SessionOut, summary="工作人员登录")
def sign_in_staff(request: HttpRequest, body: StaffSignIn) -> SessionOut:
    actor = sessions.sign_in(
        request, username=body.username, password=body.password, post=body.post,
        channel=Channel(body.channel), address=address_of(request), at=clock.now(),
    )  # fmt: skip
    return _session(request, actor)


@router.post("/second", auth=None, response=SessionOut, summary="工作人员登录第二步")
def sign_in_second(request: HttpRequest, body: SecondStep) -> SessionOut:
    at = clock.now()
    actor = second.prove_by_code(request, code=body.code, address=address_of(request), at=at)
    return _session(request, actor or actor_of(request))


@router.post("/applicant", auth=None, response=SessionOut, summary="申请人登录")
def sign_in_applicant(request: HttpRequest, body: ApplicantSignIn) -> SessionOut:
    actor = sessions.sign_in_applicant(
        request, login=body.login, password=body.password, channel=Channel(body.channel),
        address=address_of(request), at=clock.now(),
    )  # fmt: skip
    return _session(request, actor)


@router.get("", auth=SIGNED_IN, response=SessionOut, summary="当前登录者")
def current(request: HttpRequest) -> SessionOut:
    return _session(request, actor_of(request))


@router.delete("", auth=SIGNED_IN, response={204: None}, summary="退出登录")
def sign_out(request: HttpRequest) -> Status[None]:
    sessions.sign_out(request)
    return Status(204, None)


@router.get("/all", auth=SIGNED_IN, response=list[Opened], summary="本人所有登录着的会话")
def list_sessions(request: HttpRequest) -> list[Opened]:
    return opened.of(request, by=actor_of(request), is_over=sessions.is_over, at=clock.now())


@router.delete("/all", auth=SIGNED_IN, response=EndedOut, summary="结束本人的其他会话")
def end_other_sessions(request: HttpRequest) -> EndedOut:
    return EndedOut(ended=opened.end_others(request, by=actor_of(request)))


@router.delete("/all/{session}", auth=SIGNED_IN, response={204: None}, summary="结束本人的一个会话")
def end_session(request: HttpRequest, session: str) -> Status[None]:
    opened.end_one(mark=session, by=actor_of(request))
    return Status(204, None)


def _session(request: HttpRequest, actor: Actor) -> SessionOut:
    before = sessions.before(request)
    return SessionOut(
        actor=_shown(actor), csrf_token=get_token(request), last_sign_in=before.at, last_device=before.device,
        failures_since=before.failures,
        password_renew_by=request.session.get(sessions.RENEW),
    )  # fmt: skip


def _shown(actor: Actor) -> ActorOut:
    return ActorOut(
        kind=actor.kind, channel=actor.channel, organisation=actor.organisation,
        organisation_name=names_of([actor.organisation]).get(actor.organisation, ""), post=actor.post,
        pseudonym=actor.staff or actor.applicant, assurance=actor.assurance,
        permissions=sorted(actor.permissions), supervises=actor.supervises,
    )  # fmt: skip
