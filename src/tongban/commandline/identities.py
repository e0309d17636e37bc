"""`tongban office identity`: who of the staff signs in by an identity provider."""

from typing import TYPE_CHECKING, Any

import click

from tongban.accounts.access.actor import SYSTEM
from tongban.commandline import staff
from tongban.commandline.node import as_json, on_a_node, operator, show_json
from tongban.configuration.staff_providers import StaffProviderConfig
from tongban.kernel.errors import NotFound

if TYPE_CHECKING:
    from tongban.accounts.models import StaffIdentity


@click.group("identity")
def command() -> None:
    """人员在单位认证平台的身份：绑定后可用平台登录；平台由 config.toml 的 staff_identity_provider 设置。"""


@command.command("bind")
@click.argument("username")
@click.argument("provider", metavar="KEY")
@click.option("--by", metavar="USERNAME", help="以哪位账号管理员的名义办理；缺省为本节点的操作员。")
@on_a_node
def bind(username: str, provider: str, by: str | None) -> None:
    """把一个账号绑定到平台 KEY 的一个主体标识（subject）；标识由命令询问，不写在命令行里。"""
    from tongban.accounts.people import staff_identities
    from tongban.kernel.time import clock

    person, chosen = staff.person(username), _provider(provider)
    actor = staff.at_the_keyboard(by) if by else operator()
    subject = click.prompt(f"{username} 在“{chosen.name}”的主体标识", err=True)
    staff_identities.bind(
        person=person, issuer=chosen.issuer, subject=subject.strip(), by=actor, at=clock.now()
    )
    click.echo(f"已绑定 {person.pseudonym}，本人可用“{chosen.name}”登录")


@command.command("unbind")
@click.argument("username")
@click.argument("provider", metavar="KEY")
@click.option("--by", metavar="USERNAME", help="以哪位账号管理员的名义办理；缺省为本节点的操作员。")
@on_a_node
def unbind(username: str, provider: str, by: str | None) -> None:
    """解除绑定，其登录随即结束；已停用的账号也可解除。平台不再接入的，KEY 写其 issuer。"""
    from tongban.accounts.models import Person
    from tongban.accounts.people import logins, staff_identities
    from tongban.kernel.time import clock

    person = Person.objects.filter(username=logins.plain(username)).first()
    if person is None:
        raise NotFound("未作更改：没有这个在用的账号。请用 tongban office identity list 查看。")
    # No organisation answers for somebody without a post; the node itself does.
    own = operator() if person.appointments.filter(ends_at__isnull=True).exists() else SYSTEM
    actor = staff.at_the_keyboard(by) if by else own
    issuer = provider if "://" in provider else _provider(provider).issuer
    staff_identities.unbind(person=person, issuer=issuer, by=actor, at=clock.now())
    click.echo(f"已解除 {person.pseudonym} 的绑定，其登录都已结束")


@command.command("list")
@as_json
@on_a_node
def listed(as_json: bool) -> None:
    """列出已绑定的账号，以及仍可用密码登录的账号管理员（应急账号）；主体标识不显示。"""
    from tongban.accounts.models import StaffIdentity
    from tongban.accounts.people import staff_identities

    rows = StaffIdentity.objects.bound().select_related("person").order_by("person__username", "issuer")
    bound = [_told(one) for one in rows]
    spare = sorted(one.username for one in staff_identities.managers_with_passwords())
    if as_json:
        show_json({"bound": bound, "managers_with_passwords": spare})
        return
    for one in bound:
        state = "本人已用过" if one["confirmed_at"] else "本人还没有用过"
        click.echo(
            f"{one['username']}  {one['pseudonym']}  {one['issuer']}  {one['bound_at']:%Y-%m-%d}  {state}"
        )
    if not bound:
        click.echo("还没有绑定。")
    click.echo(
        f"可用密码登录的账号管理员：{'、'.join(spare) or '没有（平台故障时，请用本命令解除一位的绑定）'}"
    )


def _told(one: "StaffIdentity") -> dict[str, Any]:
    return {
        "username": one.person.username, "pseudonym": one.person.pseudonym, "issuer": one.issuer,
        "bound_at": one.bound_at, "confirmed_at": one.confirmed_at,
    }  # fmt: skip


def _provider(key: str) -> StaffProviderConfig:
    from tongban.signin.providers import offered_to_staff

    for one in offered_to_staff():
        if one.key == key:
            return one
    raise NotFound(f"未作更改：config.toml 中没有 key 为 {key} 的 staff_identity_provider。请核对。")
