"""
An applicant's own account: telephone and login name, a copy of all data, closing it.

Each write asks for the password again (or for a fresh sign-in with the provider, where the account has none), so it is meant each
time and carries no key against pressing twice.
"""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Router, Schema, Status

from tongban.accounts import identifiers
from tongban.accounts.models import Applicant
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.files import copy_of_data
from tongban.api.schemas import Body, Line
from tongban.kernel.time import clock
from tongban.rights import closing, copying
from tongban.signin import changing, proving
from tongban.signin.address import address_of

router = Router(tags=["account"], auth=SIGNED_IN)


class Proof(Body):
    """The present password; empty for an account that signs in with a provider."""

    password: Annotated[str, Field(max_length=256)] = ""


class TelephoneIn(Proof):
    """Another mobile number."""

    telephone: Line


class LoginIn(Proof):
    """Another login name."""

    login: Line


class AccountOut(Schema):
    """One's own account, hidden as far as its owner knows it anyway; in full it stands in the copy."""

    pseudonym: str
    kind: str
    login: str
    telephone: str
    name: str
    identity_number: str
    assurance: int
    has_password: bool
    registered_at: datetime


class HinderingOut(Schema):
    """A matter that is going on, so that the account cannot be closed."""

    number: str
    procedure: str
    phase: str
    phase_name: str


class ClosingOut(Schema):
    """What closing the account would mean now: what hinders it, how many drafts would go, how many matters would stay."""

    hindering: list[HinderingOut]
    drafts: int
    staying: int


@router.get("", response=AccountOut, summary="本人账号")
def show_account(request: HttpRequest) -> AccountOut:
    return _shown(proving.applicant_of(request))


@router.post("/telephone", response=AccountOut, summary="更改手机号（须再次输入密码）")
def change_telephone(request: HttpRequest, body: TelephoneIn) -> AccountOut:
    own = _proven(request, body)
    changing.change_telephone(request, applicant=own, telephone=body.telephone, at=clock.now())
    return _shown(own)


@router.post("/login", response=AccountOut, summary="更改账号（须再次输入密码）")
def change_login(request: HttpRequest, body: LoginIn) -> AccountOut:
    own = _proven(request, body)
    changing.change_login(request, applicant=own, login=body.login, at=clock.now())
    return _shown(own)


@router.post("/copy", response={200: Any}, summary="取本人的数据副本（ZIP，须再次输入密码）")
def copy_data(request: HttpRequest, body: Proof) -> StreamingHttpResponse:
    own = _proven(request, body)
    return copy_of_data(copying.begin(applicant=own, by=actor_of(request), at=clock.now()))


@router.get("/closing", response=ClosingOut, summary="注销账号会怎样")
def show_closing(request: HttpRequest) -> ClosingOut:
    proving.applicant_of(request)
    follows = closing.what_follows(actor_of(request))
    return ClosingOut(
        hindering=[HinderingOut.from_orm(row) for row in follows.hindering], drafts=follows.drafts,
        staying=len(follows.staying),
    )  # fmt: skip


@router.post("/close", response={204: None}, summary="注销账号（须再次输入密码）")
def close_account(request: HttpRequest, body: Proof) -> Status[None]:
    own = _proven(request, body)
    closing.close(applicant=own, by=actor_of(request), at=clock.now())
    request.session.flush()
    return Status(204, None)


def _proven(request: HttpRequest, body: Proof) -> Applicant:
    return proving.prove(request, password=body.password, address=address_of(request), at=clock.now())


def _shown(own: Applicant) -> AccountOut:
    is_number = identifiers.is_valid(identifiers.mobile, own.login)
    return AccountOut(
        pseudonym=own.pseudonym, kind=own.kind, login=identifiers.mask_mobile(own.login) if is_number else own.login,
        telephone=identifiers.mask_mobile(own.telephone), name=identifiers.mask_name(own.name),
        identity_number=identifiers.mask_id(own.identity_number), assurance=own.assurance,
        has_password=bool(own.password), registered_at=own.registered_at,
    )  # fmt: skip
