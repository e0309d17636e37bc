"""
A list of staff that comes in as a file: what it would change is shown first, and done once whoever sent it confirms.

What is confirmed is what was shown: the lines are kept sealed, and where something has changed meanwhile so that they would do something
else, nothing is done and it is shown anew.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from tongban.accounts import identifiers
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.people import granting, sealed, staffing
from tongban.accounts.people.models import Person, Post
from tongban.accounts.people.pseudonyms import new_pseudonym
from tongban.accounts.roster import directory
from tongban.accounts.roster.drafts import StaffList
from tongban.accounts.roster.sheet import Line, read
from tongban.kernel import db
from tongban.kernel.crypto import digest
from tongban.kernel.errors import DomainError, NotFound, NotPermitted

KEPT: Final = timedelta(days=1)
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
_USERNAME: Final = re.compile("[a-z0-9][a-z0-9._-]+", re.ASCII)


class ListChangedMeanwhile(DomainError):
    """What the list would do is no longer what was shown; nothing was changed, and it is shown anew."""

    code = "staff_list_changed_meanwhile"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a line would do: for whom, which post; or why it does nothing."""

    line: Line
    what: str
    why: str = ""
    person: int = 0
    post: int = 0
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A list with what it would do, and the mark by which it is confirmed as it was shown."""

    code: str
    rows: tuple[Planned, ...]
    mark: str

    @property
    def does_something(self) -> bool:
        """Whether confirming it would change anything."""
        return any(row.what in (NEW, CHANGED) for row in self.rows)


def send(*, data: bytes, by: Actor, at: datetime) -> Shown:
    """
    Keep a list of staff until it is confirmed, and return what it would do; an earlier one of the same person is given up.

    Raises:
        NotPermitted: `by` manages no accounts. NoStaffList: see `sheet.read`.
    """
    _ask(by)
    lines = read(data)
    text = json.dumps([asdict(line) for line in lines], ensure_ascii=False)
    with db.write():
        StaffList.objects.filter(made_by=by.staff).delete()
        StaffList.objects.filter(made_at__lt=at - KEPT).delete()
        kept = StaffList.objects.create(
            code=new_pseudonym(), made_by=by.staff, made_at=at, lines_sealed=sealed.seal(text)
        )
    return _shown(kept.code, lines, by)


def shown(*, code: str, by: Actor, at: datetime) -> Shown:
    """Return a list that `by` sent within a day, with what it would do now; raises NotFound."""
    found = StaffList.objects.filter(code=code, made_by=by.staff, made_at__gte=at - KEPT).first()
    if found is None:
        raise NotFound("没有导入：没有这份名单，或已导入、已过一天。请重新上传。")
    lines = [Line(**one) for one in json.loads(sealed.open_(found.lines_sealed))]
    return _shown(found.code, lines, by)


def confirm(*, code: str, mark: str, by: Actor, at: datetime) -> list[tuple[Person, str]]:
    """
    Do what a list was shown to do, all of it or nothing; return the new people with their passwords, which are kept nowhere.

    Raises:
        NotFound: see `shown`. ListChangedMeanwhile: it would do something else now.
        as `granting.add` and `granting.give`.
    """
    made: list[tuple[Person, str]] = []
    with db.write():
        present = shown(code=code, by=by, at=at)
        if present.mark != mark:
            raise ListChangedMeanwhile(
                "没有导入：上传之后人员或岗位有变动，结果会与刚才所列的不同。请重新核对后确认。"
            )
        posts = {post.pk: post for post in directory.posts(by)}
        people: dict[str, Person] = {}
        for row in present.rows:
            if row.what == NEW and row.line.username not in people:
                password = passwords.made_up(login=row.line.username)
                person, _given = granting.add(
                    username=row.line.username,
                    name=row.line.name,
                    password=password,
                    post=posts[row.post],
                    by=by,
                    at=at,
                )
                people[row.line.username] = person
                made.append((person, password))
            elif row.what in (NEW, CHANGED):
                person = people.get(row.line.username) or Person.objects.get(pk=row.person)
                if row.post:
                    granting.give(person=person, post=posts[row.post], by=by, at=at)
            else:
                continue
            if row.telephone:
                staffing.set_telephone(person=person, telephone=row.telephone, by=by, at=at)
        StaffList.objects.filter(code=code).delete()
    return made


def _ask(by: Actor) -> None:
    if not by.may(Permission.ACCOUNTS_MANAGE):
        raise NotPermitted("没有导入：您的岗位没有账号管理权限。请联系本节点的账号管理员。")


def _shown(code: str, lines: Sequence[Line], by: Actor) -> Shown:
    posts = directory.posts(by)
    there = {
        one.username: one
        for one in Person.objects.filter(username__in=[line.username.lower() for line in lines])
    }
    names: dict[str, str] = {}
    taken: set[tuple[str, int]] = set()
    rows = [_planned(line, posts, there, names, taken, by) for line in lines]
    mark = digest.tagged("tongban-staff-list/1", {"code": code, "rows": [asdict(row) for row in rows]})
    return Shown(code, tuple(rows), mark)


def _planned(
    line: Line, posts: list[Post], there: dict[str, Person], names: dict[str, str], taken: set[tuple[str, int]], by: Actor
) -> Planned:  # fmt: skip
    """Return what a line would do, after those before it: `names` by user name, and the posts they give."""
    fault = line.fault or _fault_of_form(line, names)
    if fault:
        return Planned(line, REFUSED, fault)
    post, fault = _post(line, posts)
    if post is None:
        return Planned(line, REFUSED, fault)
    if (line.username, post.pk) in taken:
        return Planned(line, REFUSED, "与前面一行重复")
    telephone = identifiers.mobile(line.telephone) if line.telephone else ""
    waits = "能作决定的岗位，等另一位账号管理员复核" if granting.is_by_two(post) else ""
    person = there.get(line.username)
    if person is None:
        names.setdefault(line.username, line.name)
        taken.add((line.username, post.pk))
        return Planned(line, NEW, waits, post=post.pk, telephone=telephone)
    fault = _fault_of_person(person, line, by)
    if fault:
        return Planned(line, REFUSED, fault)
    names.setdefault(line.username, line.name)
    taken.add((line.username, post.pk))
    holds = person.appointments.filter(post=post, ends_at=None).exists()
    proposed = person.grants.filter(post=post, outcome="").exists()
    rings = telephone if telephone != person.telephone else ""
    if holds or proposed:
        why = "改手机号" if rings else "这个岗位正等复核" if proposed else ""
        return Planned(line, CHANGED if rings else SAME, why, person=person.pk, telephone=rings)
    try:
        staffing.demand_fit(person, post)
    except DomainError as refusal:
        return Planned(line, REFUSED, str(refusal))
    why = f"增加岗位；{waits}" if waits else "增加岗位"
    return Planned(line, CHANGED, why, person=person.pk, post=post.pk, telephone=rings)


def _fault_of_form(line: Line, names: dict[str, str]) -> str:
    if not all((line.name, line.username, line.organisation, line.post)):
        return "姓名、账号、机构、岗位都要填"
    if not _USERNAME.fullmatch(line.username) or len(line.username) > staffing.LONGEST_USERNAME:
        return "账号须为两个以上的小写字母、数字、点、下划线或横线，至多 60 个"
    if line.telephone and not identifiers.is_valid(identifiers.mobile, line.telephone):
        return "手机号不是 11 位手机号"
    if names.get(line.username, line.name) != line.name:
        return "同一账号在前面写有另一姓名"
    return ""


def _post(line: Line, posts: list[Post]) -> tuple[Post | None, str]:
    wanted = line.organisation
    here = [
        post for post in posts
        if wanted in (post.organisation.name, post.organisation.short_name) or wanted.upper() == post.organisation.uscc
    ]  # fmt: skip
    if not here:
        return None, "没有这个机构，或不在您的管理范围内，或还没有岗位"
    if len({post.organisation_id for post in here}) > 1:
        return None, "有同名的机构，请改填统一社会信用代码"
    fitting = [post for post in here if line.post in (post.title, post.code)]
    if len(fitting) != 1:
        return None, f"该机构的岗位有：{'、'.join(post.title for post in here)}"
    return fitting[0], ""


def _fault_of_person(person: Person, line: Line, by: Actor) -> str:
    """Return why nothing is done for an account that is there already; says nothing of people beyond reach but that the name is taken."""
    if not Person.objects.visible_to(by).filter(pk=person.pk).exists():
        return "账号已被使用，请换一个"
    if person.name != line.name:
        return "账号已属于姓名不同的人员"
    if not person.is_active:
        return "账号已停用，请在此人的页面恢复"
    if person.pseudonym == by.staff:
        return "不能为本人办理"
    for one in person.appointments.filter(ends_at=None).select_related("post__organisation"):
        try:
            ask_to_manage_organisation(by, one.post.organisation)
        except DomainError:
            return "此人现在别的管理范围任职，请先办理调动"
    return ""
