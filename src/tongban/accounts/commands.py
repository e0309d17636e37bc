"""Everything that changes accounts. Places and posts are here; people and applicants have a room beside it."""

from datetime import datetime

from django.db import IntegrityError

from tongban.accounts import identifiers
from tongban.accounts.access.actor import Actor
from tongban.accounts.access.authority import ask_to_manage, ask_to_manage_organisation, reaches
from tongban.accounts.people import telling
from tongban.accounts.people.applicants import register_applicant, verify_applicant
from tongban.accounts.people.keys import issue_api_key, mark_used, revoke_api_key
from tongban.accounts.people.leavetaking import deactivate_person, end_appointment
from tongban.accounts.people.models import Post
from tongban.accounts.people.staffing import (
    PowersApart,
    add_person,
    appoint,
    change_password,
    record_sign_in,
    reset_password,
)
from tongban.accounts.permissions import at_odds, known
from tongban.accounts.places.divisions import load_divisions
from tongban.accounts.places.models import Division, Hall, Organisation, Window
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted

__all__ = [
    "add_hall",
    "add_person",
    "add_post",
    "add_window",
    "appoint",
    "change_password",
    "deactivate_person",
    "end_appointment",
    "issue_api_key",
    "load_divisions",
    "mark_used",
    "record_sign_in",
    "register_applicant",
    "register_organisation",
    "reset_password",
    "revoke_api_key",
    "verify_applicant",
]


class AlreadyRegistered(DomainError):
    """There is one already; nothing was changed."""

    code = "already_registered"


def register_organisation(
    *,
    uscc: str,
    name: str,
    short_name: str,
    division: str,
    kind: Organisation.Kind,
    role: str = "",
    phone: str = "",
    node: str = "",
    by: Actor,
    at: datetime,
) -> Organisation:
    """
    Register an organisation (机构) on this node, or on the peer whose fingerprint is `node`.

    Raises:
        NotPermitted: `by` may not manage accounts of `division`.
        InvalidInput: the USCC's check character is wrong, or the division is unknown.
        AlreadyRegistered: another organisation has this USCC. Which of two nodes it belongs to is a
            question for people, so a second claim never overwrites the first.
    """
    ask_to_manage(by, division=division)
    try:
        uscc = identifiers.uscc(uscc)
    except identifiers.BadIdentifier as error:
        raise InvalidInput(f"机构未登记：{error}") from None
    # Townships and villages (9 and 12 digits) are known by the county above them.
    if not Division.objects.filter(code=division[:6]).exists():
        raise InvalidInput(f"机构未登记：区划代码 {division} 不在行政区划表中。请先载入最新区划表。")
    try:
        with db.write():
            return Organisation.objects.create(
                uscc=uscc,
                name=name,
                short_name=short_name,
                division_code=division,
                kind=kind,
                role=role,
                phone=phone,
                node=node,
            )
    except IntegrityError:
        raise AlreadyRegistered(
            f"机构未登记：统一社会信用代码 {uscc} 已登记给其他机构或节点。请人工核实归属。"
        ) from None


def add_hall(
    *,
    organisation: Organisation,
    name: str,
    address: str,
    phone: str = "",
    open_hours: str = "",
    by: Actor,
    at: datetime,
) -> Hall:
    """
    Add a hall (大厅) that `organisation` runs.

    Raises:
        NotPermitted: `by` may not manage accounts there.
        AlreadyRegistered: the organisation has a hall of this name.
    """
    ask_to_manage_organisation(by, organisation)
    try:
        with db.write():
            return Hall.objects.create(
                organisation=organisation, name=name, address=address, phone=phone, open_hours=open_hours
            )
    except IntegrityError:
        raise AlreadyRegistered(
            f"大厅未添加：{organisation} 已有名为“{name}”的大厅。请换一个名称。"
        ) from None


def add_window(
    *,
    hall: Hall,
    label: str,
    organisation: Organisation,
    is_cross_province: bool = False,
    by: Actor,
    at: datetime,
) -> Window:
    """
    Add a window (窗口) to a hall, staffed by `organisation`.

    Raises:
        NotPermitted: `by` may not manage accounts of the hall's organisation.
        AlreadyRegistered: the hall has a window of this name.
    """
    ask_to_manage_organisation(by, hall.organisation)
    try:
        with db.write():
            return Window.objects.create(
                hall=hall, label=label, organisation=organisation, is_cross_province=is_cross_province
            )
    except IntegrityError:
        raise AlreadyRegistered(f"窗口未添加：{hall} 已有“{label}”。请换一个名称。") from None


def add_post(
    *,
    organisation: Organisation,
    code: str,
    title: str,
    permissions: frozenset[str],
    supervises: str = "",
    by: Actor,
    at: datetime,
) -> Post:
    """
    Add a post (岗位) with its permissions; `supervises` is a division-code prefix, "" for none.

    Raises:
        NotPermitted: `by` may not manage accounts there, or would grant a reach beyond its own.
        InvalidInput: a permission is unknown, or the reach is not a division-code prefix.
        PowersApart: it would read the record of access and do what stands in it.
        AlreadyRegistered: the organisation has a post of this code.
    """
    ask_to_manage_organisation(by, organisation)
    if supervises and by.supervises and not reaches(by.supervises, supervises):
        raise NotPermitted("岗位未添加：监督范围超出您自己的管理范围。请缩小监督区划。")
    if supervises and not by.supervises and by.organisation:
        raise NotPermitted("岗位未添加：您的岗位没有监督范围，不能授予他人监督范围。")
    if supervises and not (supervises.isdigit() and len(supervises) in (2, 4, 6, 9, 12)):
        raise InvalidInput(f"岗位未添加：监督区划 {supervises} 不是区划代码或其前缀。请改正后重试。")
    unknown = {str(value) for value in permissions} - known()
    if unknown:
        raise InvalidInput(f"岗位未添加：未知权限 {'、'.join(sorted(unknown))}。请改正后重试。")
    if others := at_odds(permissions):
        raise PowersApart(
            f"岗位未添加：查看访问记录的岗位不能同时有 {'、'.join(others)}。请分设岗位，由不同的人担任。"
        )
    try:
        with db.write():
            post = Post.objects.create(
                organisation=organisation,
                code=code,
                title=title,
                permissions=sorted(str(value) for value in permissions),
                supervises=supervises,
            )
            telling.of_post("post_made", post, by=by, at=at)
            return post
    except IntegrityError:
        raise AlreadyRegistered(
            f"岗位未添加：{organisation} 已有代码为 {code} 的岗位。请换一个代码。"
        ) from None
