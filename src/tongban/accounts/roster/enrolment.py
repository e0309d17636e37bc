"""Brings a roster into the node: what is missing is added, what differs is corrected, all of it or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tongban.accounts import commands, queries
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.people.models import Person, Post
from tongban.accounts.places.amending import amend_hall, amend_organisation, amend_window
from tongban.accounts.places.models import Hall, Organisation, Window
from tongban.accounts.roster.entries import (
    Entry,
    HallEntry,
    OrganisationEntry,
    PersonEntry,
    PostEntry,
    Roster,
    WindowEntry,
)
from tongban.accounts.roster.reading import refuse
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotFound


@dataclass(slots=True)
class Enrolled:
    """What came of a roster: places in the file by what was done, and the new people's passwords."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)  # by user name; kept nowhere else


def enrol(*, roster: Roster, peers: Mapping[str, str], by: Actor, at: datetime) -> Enrolled:
    """
    Register what the roster names; `peers` says which division each known peer's node serves.

    Repeating it changes nothing. Nothing is ever removed, and a post's powers are never changed: its code
    stands in events that were made with the old ones.

    Raises:
        InvalidInput: naming every refusal and its place in the file; nothing was registered.
    """
    work = _Enrolment(peers, by, at)
    with db.write():
        work.each(roster.organisations, work.organisation)
        work.each(roster.halls, work.hall)
        work.each(roster.windows, work.window)
        work.each(roster.posts, work.post)
        work.each(roster.people, work.person)
    return work.done


class _Enrolment:
    """One run over a roster; each method deals with one entry."""

    def __init__(self, peers: Mapping[str, str], by: Actor, at: datetime) -> None:
        self.peers, self.by, self.at = peers, by, at
        self.done = Enrolled()

    def each[E: Entry](self, entries: tuple[E, ...], act: Callable[[E], list[str]]) -> None:
        """Deal with all entries of a kind; later kinds rest on this one, so its faults end the run."""
        faults = []
        for entry in entries:
            try:
                act(entry).append(entry.place)
            except DomainError as refusal:
                faults.append(f"{entry.place}：{refusal}")
        refuse(faults)

    def organisation(self, entry: OrganisationEntry) -> list[str]:
        by, kind = self._for(entry.node), Organisation.Kind(entry.kind)
        there = Organisation.objects.filter(uscc=entry.uscc).first()
        if there is None:
            commands.register_organisation(
                uscc=entry.uscc, name=entry.name, short_name=entry.short_name, division=entry.division,
                kind=kind, role=entry.role, phone=entry.phone, node=entry.node, by=by, at=self.at,
            )  # fmt: skip
            return self.done.added
        if (there.node, there.division_code) != (entry.node, entry.division):
            raise InvalidInput("该机构已登记在另一节点或另一区划。请人工核实归属，程序不作更改。")
        phone = entry.phone or there.phone  # a list that leaves it out takes nothing away
        wanted = (entry.name, entry.short_name, kind, entry.role, phone)
        if (there.name, there.short_name, there.kind, there.role, there.phone) == wanted:
            return self.done.unchanged
        amend_organisation(
            organisation=there, name=entry.name, short_name=entry.short_name, kind=kind, role=entry.role,
            phone=phone, by=by, at=self.at,
        )  # fmt: skip
        return self.done.changed

    def hall(self, entry: HallEntry) -> list[str]:
        organisation = queries.organisation(entry.organisation)
        by = self._for(organisation.node)
        there = Hall.objects.filter(organisation=organisation, name=entry.name).first()
        facts = {"address": entry.address, "phone": entry.phone, "open_hours": entry.open_hours}
        if there is None:
            commands.add_hall(organisation=organisation, name=entry.name, **facts, by=by, at=self.at)
            return self.done.added
        if facts == {name: getattr(there, name) for name in facts}:
            return self.done.unchanged
        amend_hall(hall=there, **facts, by=by, at=self.at)
        return self.done.changed

    def window(self, entry: WindowEntry) -> list[str]:
        owner = queries.organisation(entry.hall_of)
        staffed_by = queries.organisation(entry.organisation or entry.hall_of)
        by, special = self._for(owner.node), entry.is_cross_province
        hall = Hall.objects.filter(organisation=owner, name=entry.hall).first()
        if hall is None:
            raise NotFound("hall_of 所指的机构没有名称如 hall 所写的大厅。请在 halls 中补上。")
        there = Window.objects.filter(hall=hall, label=entry.label).first()
        if there is None:
            commands.add_window(
                hall=hall, label=entry.label, organisation=staffed_by, is_cross_province=special,
                by=by, at=self.at,
            )  # fmt: skip
            return self.done.added
        if (there.organisation, there.is_cross_province) == (staffed_by, special):
            return self.done.unchanged
        amend_window(window=there, organisation=staffed_by, is_cross_province=special, by=by, at=self.at)
        return self.done.changed

    def post(self, entry: PostEntry) -> list[str]:
        organisation = self._here(entry.organisation)
        title, powers, supervises = (
            entry.title,
            frozenset(entry.permissions),
            entry.supervises,
        )
        if not title:
            standard = STANDARD_POSTS[entry.post]
            title, powers = standard.title, standard.permissions
            supervises = organisation.division_code if standard.supervises else ""
        there = Post.objects.filter(organisation=organisation, code=entry.post).first()
        if there is None:
            commands.add_post(
                organisation=organisation, code=entry.post, title=title, permissions=powers,
                supervises=supervises, by=self.by, at=self.at,
            )  # fmt: skip
            return self.done.added
        if (there.title, there.powers(), there.supervises) != (title, powers, supervises):
            raise InvalidInput("该岗位已登记，但名称、权限或监督范围不同。权限不作更改，请另设一个岗位。")
        return self.done.unchanged

    def person(self, entry: PersonEntry) -> list[str]:
        organisation = self._here(entry.organisation)
        post = Post.objects.filter(organisation=organisation, code=entry.post, is_active=True).first()
        if post is None:
            raise NotFound("该机构没有 post 所写的在用岗位。请在 posts 中补上。")
        there = Person.objects.filter(username=entry.username).first()
        if there is None:
            password = passwords.made_up(login=entry.username)
            commands.add_person(
                username=entry.username,
                password=password,
                name=entry.name,
                post=post,
                by=self.by,
                at=self.at,
                handed_out=True,
            )
            self.done.passwords[entry.username] = password
            return self.done.added
        if there.name != entry.name:
            raise InvalidInput("该账号已属于姓名不同的人员。请换一个账号；姓名写错的，先停用再另建。")
        if not there.is_active:
            raise InvalidInput("该账号已停用。请在账号管理页面恢复，或从文件中删去、换一个账号。")
        if there.appointments.filter(post=post, ends_at__isnull=True).exists():
            return self.done.unchanged
        commands.appoint(person=there, post=post, by=self.by, at=self.at)
        return self.done.added

    def _here(self, uscc: str) -> Organisation:
        organisation = queries.organisation(uscc)
        if not organisation.is_here:
            raise InvalidInput("该机构在对方节点，其岗位和人员由对方登记。请从文件中删去。")
        return organisation

    def _for(self, node: str) -> Actor:
        """Return who registers places of a node: for a peer's, the same actor as far as the peer's division reaches."""
        if not node:
            return self.by
        if node not in self.peers or not self.by.may(Permission.PEERS_MANAGE):
            raise InvalidInput(
                "node 不是已添加的对方节点。本节点的机构不写 node；对方的先用 tongban peer add 添加。"
            )
        return replace(self.by, supervises=self.peers[node])
