"""What commands about staff share: somebody by user name, and who of them stands at the keyboard."""

from typing import TYPE_CHECKING

import click

from tongban.accounts.access.actor import Actor
from tongban.commandline.node import operator
from tongban.kernel.errors import NotFound

if TYPE_CHECKING:
    from tongban.accounts.models import Person


def person(username: str) -> "Person":
    """Return the account in use of this user name; raises NotFound."""
    from tongban.accounts.models import Person
    from tongban.accounts.people import logins

    visible = Person.objects.visible_to(operator())
    found = visible.filter(username=logins.plain(username), is_active=True).first()
    if found is None:
        raise NotFound("未作更改：没有这个在用的账号。请用 tongban office show 查看。")
    return found


def at_the_keyboard(username: str) -> Actor:
    """Return who acts, once they have given password and code; raises as `second.identify`."""
    from tongban.kernel.time import clock
    from tongban.signin import second

    password = click.prompt(f"{username} 的密码", hide_input=True, err=True)
    code = click.prompt(f"{username} 的验证码或恢复码", err=True)
    return second.identify(username=username, password=password, code=code, at=clock.now())
