"""Fills a demo node with one of the demo counties; refuses to touch any other node."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.demo_counties import COUNTIES, STAFF_NAMES, County, Office, uscc_of
from tongban.accounts.models import Applicant, Authenticator, Organisation, Person, Post
from tongban.accounts.people import second
from tongban.accounts.roster.standard_posts import STANDARD_POSTS, StandardPost
from tongban.kernel import db
from tongban.kernel.errors import NotPermitted

# Known to everybody, which is why it exists only where a node was made as a demo.
PASSWORD = "kua-sheng-tong-ban"

__all__ = ["PASSWORD", "DemoAccount", "introduce_county", "offices_of", "seed_county", "uscc_of"]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account to sign in with on a demo node."""

    username: str
    password: str
    what: str  # organisation and post, or applicant
    is_staff: bool


def seed_county(key: str, at: datetime) -> list[DemoAccount]:
    """
    Make this node the demo county `key` (qingyang, jiashan, third); return its accounts, to be printed.

    Can be repeated: a county that is there already is left alone.

    Raises:
        NotPermitted: this is no demo node.
    """
    if not settings.NODE.demo:
        raise NotPermitted("演示数据未载入：本节点不是演示节点。演示账号只能存在于演示节点。")
    county = COUNTIES[key]
    commands.load_divisions()
    if not Organisation.objects.filter(uscc=uscc_of(key, "service_centre"), node="").exists():
        # Half a county would be taken for a whole one at the next start.
        with db.write():
            _settle(key, node="", at=at)
            _staff(key, at)
            _register_applicants(county, at)
    return _accounts(county)


def introduce_county(key: str, *, node: str, at: datetime) -> None:
    """
    Register the offices, halls and windows of a demo county that sits on the peer `node` (fingerprint).

    Raises:
        NotPermitted: this is no demo node.
    """
    if not settings.NODE.demo:
        raise NotPermitted("演示数据未载入：本节点不是演示节点。请通过机构登记功能添加对方机构。")
    if not Organisation.objects.filter(uscc=uscc_of(key, "service_centre")).exists():
        commands.load_divisions()
        with db.write():
            _settle(key, node=node, at=at)


def offices_of(key: str) -> dict[str, tuple[str, str]]:
    """Return the county's offices: role (as guide templates name it) to USCC and name."""
    county = COUNTIES[key]
    return {office.role: (uscc_of(key, office.role), _name(county, office)) for office in county.offices()}


def _name(county: County, office: Office) -> str:
    if office.role == "township":
        town = county.town[0]
        return f"{county.name}{town}{'办事处' if town.endswith('街道') else '人民政府'}（演示）"
    return f"{county.name}{office.name}（演示）"


def _settle(key: str, *, node: str, at: datetime) -> None:
    county = COUNTIES[key]
    for place, office in enumerate(county.offices(), 1):
        is_town = office.role == "township"
        organisation = commands.register_organisation(
            uscc=uscc_of(key, office.role),
            name=_name(county, office),
            short_name=county.town[0] if is_town else county.name + office.name,
            division=county.town[1] if is_town else county.division,
            kind=Organisation.Kind(office.kind),
            role=office.role,
            phone=f"{county.area_code}-0001{place:03d}",
            node=node,
            by=SYSTEM,
            at=at,
        )
        if office.role in {"service_centre", "township"}:
            _open_hall(county, organisation, at)


def _open_hall(county: County, organisation: Organisation, at: datetime) -> None:
    in_town = organisation.kind == Organisation.Kind.TOWNSHIP
    hall = commands.add_hall(
        organisation=organisation,
        name=f"{organisation.short_name}{'便民服务中心' if in_town else '办事大厅'}（演示）",
        address=f"{county.name}{county.town[0] if in_town else ''}演示路{2 if in_town else 1}号",
        phone=f"{county.area_code}-0000{2 if in_town else 1:03d}",
        open_hours="工作日 8:30–12:00，14:00–17:30",
        by=SYSTEM,
        at=at,
    )
    labels = ["跨省通办窗口"] if in_town else ["跨省通办专窗 1", "跨省通办专窗 2"]
    for label in labels:
        commands.add_window(
            hall=hall, label=label, organisation=organisation, is_cross_province=True, by=SYSTEM, at=at
        )
    if not in_town:
        commands.add_window(hall=hall, label="综合窗口 3", organisation=organisation, by=SYSTEM, at=at)


def _staff(key: str, at: datetime) -> None:
    county = COUNTIES[key]
    names = iter(STAFF_NAMES)
    for office in county.offices():
        organisation = Organisation.objects.get(uscc=uscc_of(key, office.role))
        posts: dict[str, Post] = {}
        for login, code in office.staff:
            if code not in posts:
                posts[code] = _post(organisation, code, STANDARD_POSTS[code], at)
            person = commands.add_person(
                username=f"{county.letters}-{login}",
                password=PASSWORD,
                name=next(names),
                post=posts[code],
                by=SYSTEM,
                at=at,
            )
            if second.is_demanded(posts[code].powers()):
                _enrol(person, at)


def secret_of(username: str) -> str:
    """Return the secret of a demo account's codes: anybody can compute it, so it proves nothing but the way."""
    return base64.b32encode(
        hashlib.sha256(f"tongban demo, no secret: {username}".encode()).digest()[:20]
    ).decode()


def _enrol(person: Person, at: datetime) -> None:
    second.add(
        person=person, kind=Authenticator.Kind.TOTP, label="演示验证码", secret=secret_of(person.username),
        by=SYSTEM, at=at,
    )  # fmt: skip


def _post(organisation: Organisation, code: str, standard: StandardPost, at: datetime) -> Post:
    return commands.add_post(
        organisation=organisation,
        code=code,
        title=standard.title,
        permissions=standard.permissions,
        supervises=organisation.division_code if standard.supervises else "",
        by=SYSTEM,
        at=at,
    )


def _register_applicants(county: County, at: datetime) -> None:
    for login, name, number in county.applicants:
        applicant = commands.register_applicant(
            login=f"{county.letters}-{login}",
            password=PASSWORD,
            kind=Applicant.Kind.PERSON,
            by=SYSTEM,
            at=at,
        )
        commands.verify_applicant(applicant=applicant, name=name, number=number, by=SYSTEM, at=at)


def _accounts(county: County) -> list[DemoAccount]:
    staff = [
        DemoAccount(
            username=f"{county.letters}-{login}",
            password=PASSWORD,
            what=f"{_name(county, office)} {STANDARD_POSTS[code].title}{_steps(STANDARD_POSTS[code])}",
            is_staff=True,
        )
        for office in county.offices()
        for login, code in office.staff
    ]
    applicants = [
        DemoAccount(
            username=f"{county.letters}-{login}", password=PASSWORD, what=f"申请人 {name}", is_staff=False
        )
        for login, name, _ in county.applicants
    ]
    return staff + applicants


def _steps(post: StandardPost) -> str:
    return "（两步登录）" if second.is_demanded(frozenset(map(str, post.permissions))) else ""
