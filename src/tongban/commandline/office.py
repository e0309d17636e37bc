"""`tongban office`: organisations, posts, people, keys for machines and seals on this node."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongban.commandline import identities, seals, staff
from tongban.commandline.node import READABLE, as_json, on_a_node, operator, read_json, show_json
from tongban.kernel.crypto.keychain import fingerprint_groups
from tongban.kernel.errors import NotFound

if TYPE_CHECKING:
    from tongban.accounts.models import ApiKey, Post


@click.group("office")
def command() -> None:
    """机构、大厅、窗口、岗位、人员、电子印章，以及程序调用接口所用的密钥。"""


command.add_command(identities.command)
command.add_command(seals.command)


@command.command("load")
@click.argument("file", type=READABLE)
@as_json
@on_a_node
def load(file: Path, as_json: bool) -> None:
    """
    登记文件（格式 tongban-offices/1）所列的机构、大厅、窗口、岗位和人员；有一处不符，就全部不登记。

    已有的不重复登记；机构名称、大厅和窗口的情况不同的，按文件更正；不删除任何内容。新人员的密码只显示这一次。
    """
    from tongban.accounts.roster import enrolment
    from tongban.accounts.roster import reading as roster
    from tongban.exchange import queries
    from tongban.kernel.time import clock

    # A province or prefecture answers for the divisions under it.
    known = queries.visible_to(operator()).exclude(state="removed")
    peers = {peer.node: re.sub("(0000|00)$", "", peer.division) for peer in known}
    wanted = roster.read(read_json(file))
    done = enrolment.enrol(roster=wanted, peers=peers, by=operator(), at=clock.now())
    if as_json:
        show_json(
            {
                "added": done.added, "changed": done.changed, "unchanged": done.unchanged,
                "passwords": done.passwords,
            }
        )  # fmt: skip
        return
    click.echo(f"新登记 {len(done.added)} 项，更正 {len(done.changed)} 项，未变 {len(done.unchanged)} 项")
    for place in done.changed:
        click.echo(f"已更正：{place}")
    if done.passwords:
        click.echo("新人员的密码（只显示这一次，请分别交给本人）：")
    for username, password in done.passwords.items():
        click.echo(f"{username}  {password}")


@command.command("show")
@click.argument("uscc", required=False, default="")
@as_json
@on_a_node
def show(uscc: str, as_json: bool) -> None:
    """列出机构（或一个机构）的大厅、岗位、人员、密钥和最近登录时间；人员只显示账号和化名。"""
    from tongban.accounts.roster.roll import roll

    rows = roll(for_actor=operator(), uscc=uscc.strip().upper())
    if as_json:
        show_json(rows)
        return
    for row in rows:
        where = (
            f"在对方节点 {fingerprint_groups(row['node'])[:9]}"
            if row["node"]
            else f"最近登录 {_moment(row['last_sign_in'])}"
        )
        click.echo(f"{row['uscc']}  {row['name']}（{row['division']}）  {where}")
        for hall in row["halls"]:
            click.echo(f"  大厅 {hall['name']}：{'、'.join(hall['windows']) or '没有窗口'}")
        for post in row["posts"]:
            _tell_post(post)
    if not rows:
        click.echo("还没有机构。请用 tongban office load 登记。")


@command.command("password")
@click.argument("username")
@as_json
@on_a_node
def password(username: str, as_json: bool) -> None:
    """给忘记密码的人员一个新的随机密码，只显示这一次；用旧密码的登录随即失效。"""
    from tongban.accounts import commands
    from tongban.accounts.access import passwords
    from tongban.kernel.time import clock

    person = staff.person(username)
    new = passwords.made_up(login=person.username)
    commands.reset_password(person=person, new=new, by=operator(), at=clock.now())
    if as_json:
        show_json({"username": person.username, "password": new})
        return
    click.echo(f"{person.username}  {new}")


@command.group("second")
def second() -> None:
    """丢失全部第二因素（手机、通行密钥、恢复码）的人员：一人申请重置，另一人复核。"""


@second.command("reset")
@click.argument("username")
@click.option("--by", metavar="USERNAME", help="以哪位账号管理员的名义申请；缺省为本节点的操作员。")
@on_a_node
def reset(username: str, by: str | None) -> None:
    """申请重置一个人员的第二因素；24 小时内须由另一人复核。"""
    from tongban.accounts.people import resetting
    from tongban.kernel.time import clock

    person = staff.person(username)
    actor = staff.at_the_keyboard(by) if by else operator()
    resetting.ask(person=person, by=actor, at=clock.now())
    click.echo(f"已申请重置 {person.pseudonym}，请另一人在 24 小时内用 tongban office second confirm 复核。")


@second.command("confirm")
@click.argument("username")
@click.option("--by", metavar="USERNAME", required=True, help="复核人：另一位账号管理员或督办专员。")
@as_json
@on_a_node
def confirm(username: str, by: str, as_json: bool) -> None:
    """复核并重置：删除该人员的第二因素和恢复码，给一个须修改的新密码，只显示这一次。"""
    from tongban.accounts.access import passwords
    from tongban.accounts.people import resetting
    from tongban.kernel.time import clock

    person = staff.person(username)
    actor, new = staff.at_the_keyboard(by), passwords.made_up(login=person.username)
    resetting.confirm(person=person, password=new, by=actor, at=clock.now())
    if as_json:
        show_json({"username": person.username, "password": new})
        return
    click.echo(f"{person.username}  {new}")


@command.command("leave")
@click.argument("username")
@click.option("--post", metavar="POST-ID|USCC:POST", help="只免去这一个岗位，账号保留；缺省为离职。")
@on_a_node
def leave(username: str, post: str | None) -> None:
    """办理离职：免去全部岗位并停用账号，认领的事项退回待认领；所办的记录保留。"""
    from tongban.accounts import commands
    from tongban.accounts.access.actor import SYSTEM
    from tongban.kernel.time import clock
    from tongban.procedures import standing_in

    person = staff.person(username)
    open_ones = person.appointments.filter(ends_at__isnull=True).select_related("post__organisation")
    if post is not None:
        held = open_ones.filter(post=_post(post)).first()
        if held is None:
            raise NotFound("任职未变更：该人员不在此岗位任职。请用 tongban office show 查看。")
        commands.end_appointment(appointment=held, by=operator(), at=clock.now())
        click.echo(f"已免去 {person.pseudonym} 的岗位“{held.post.title}”")
        return
    freed, _left = standing_in.pass_on(person=person, to=None, at=clock.now())
    if freed:
        click.echo(f"已退回待认领 {freed} 项")
    # No organisation answers for somebody without a post; the node itself does.
    by = operator() if open_ones else SYSTEM
    commands.deactivate_person(person=person, by=by, at=clock.now())
    click.echo(f"已停用 {person.pseudonym}，其岗位均已免去")


@command.group("key")
def key() -> None:
    """程序调用接口所用的密钥：以一个岗位的权限办理。"""


@key.command("issue")
@click.argument("post", metavar="POST-ID|USCC:POST")
@click.option("--label", required=True, help="用途，便于日后核查。")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="最后一天；最长一年，缺省一年。")
@click.option(
    "--from", "addresses", multiple=True, metavar="CIDR", help="只能从此网段使用；可写多次，缺省不限。"
)
@click.option(
    "--only", multiple=True, metavar="PERMISSION", help="只限岗位的这项权限；可写多次，缺省为全部。"
)
@as_json
@on_a_node
def issue(
    post: str,
    label: str,
    until: datetime | None,
    addresses: tuple[str, ...],
    only: tuple[str, ...],
    as_json: bool,
) -> None:
    """签发一个密钥；密钥只显示这一次。"""
    from tongban.accounts import commands
    from tongban.kernel.time import clock

    made, token = commands.issue_api_key(
        post=_post(post), label=label, until=until.date() if until else None, addresses=addresses, only=only,
        by=operator(), at=clock.now(),
    )  # fmt: skip
    if as_json:
        show_json({"prefix": made.prefix, "label": made.label, "until": _last_day(made), "token": token})
        return
    click.echo(f"已签发 {made}，只显示这一次：\n{token}")


@key.command("revoke")
@click.argument("prefix")
@on_a_node
def revoke(prefix: str) -> None:
    """立即吊销一个密钥；前缀见 tongban office show。"""
    from tongban.accounts import commands
    from tongban.accounts.models import ApiKey
    from tongban.kernel.time import clock

    visible = ApiKey.objects.visible_to(operator()).select_related("post__organisation")
    found = visible.filter(prefix=prefix.strip().upper()).first()
    if found is None:
        raise NotFound("密钥未吊销：没有这个前缀的密钥。请用 tongban office show 查看。")
    commands.revoke_api_key(key=found, by=operator(), at=clock.now())
    click.echo(f"已吊销 {found}")


@command.command("keys")
@as_json
@on_a_node
def keys(as_json: bool) -> None:
    """列出未吊销的密钥：岗位、有效期、限用的网段和权限、最近使用；30 天内到期的标出。"""
    from tongban.accounts.models import ApiKey
    from tongban.accounts.people.bounds_of_keys import WARNED_BEFORE, ends_at
    from tongban.kernel.time import clock

    now = clock.now()
    visible = ApiKey.objects.visible_to(operator()).filter(revoked_at__isnull=True)
    found = sorted(visible.select_related("post__organisation"), key=ends_at)
    if as_json:
        show_json(
            [
                {
                    "prefix": one.prefix, "label": one.label, "organisation": one.post.organisation.uscc,
                    "post": one.post.code, "until": _last_day(one), "expired": ends_at(one) <= now,
                    "from": one.addresses, "only": one.scopes, "last_used_at": one.last_used_at,
                }
                for one in found
            ]
        )  # fmt: skip
        return
    for one in found:
        end = ends_at(one)
        state = "（已到期）" if end <= now else "（即将到期）" if end <= now + WARNED_BEFORE else ""
        click.echo(
            f"{one.prefix}  {one.label}  {one.post.organisation.uscc}:{one.post.code}  至 {_last_day(one)}{state}"
        )
        click.echo(
            f"  网段 {'、'.join(one.addresses) or '不限'}  权限 {'、'.join(one.scopes) or '岗位全部'}"
            f"  最近使用 {_moment(one.last_used_at)}"
        )
    if not found:
        click.echo("没有密钥。")


def _last_day(key: "ApiKey") -> str:
    from tongban.accounts.people.bounds_of_keys import ends_at
    from tongban.kernel.time import clock

    return clock.official_day(ends_at(key) - timedelta(microseconds=1)).isoformat()


def _post(words: str) -> "Post":
    from tongban.accounts.models import Post

    uscc, colon, code = words.strip().partition(":")
    visible = Post.objects.visible_to(operator()).select_related("organisation")
    wanted = {"organisation__uscc": uscc.upper(), "code": code} if colon else {"pk": uscc}
    found = visible.filter(**wanted).first() if colon or re.fullmatch("[0-9]{1,9}", uscc) else None
    if found is None:
        raise NotFound(f"没有岗位 {words}。请写编号或“统一社会信用代码:岗位代码”，见 tongban office show。")
    return found


def _tell_post(post: dict[str, Any]) -> None:
    click.echo(f"  岗位 {post['id']}  {post['code']}  {post['title']}")
    for one in post["people"]:
        click.echo(f"    {one['username']}  {one['pseudonym']}  最近登录 {_moment(one['last_sign_in'])}")
    for one in post["keys"]:
        click.echo(f"    密钥 {one['prefix']}  {one['label']}  最近使用 {_moment(one['last_used_at'])}")


def _moment(value: datetime | None) -> str:
    from django.utils import timezone

    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else "从未"
