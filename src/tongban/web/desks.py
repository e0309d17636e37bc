"""
Where people's work is (办公台): one table of desks, read by sign-in, navigation and tests.

A post begins where the first desk is that lets it in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.web import designs
from tongban.web.archive.keepers import keeps_archive


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk: what the navigation calls it, its page, and whom it lets in."""

    title: Any
    page: str
    lets: Callable[[Actor], bool]
    argument: str = ""
    help: str = "matters"  # its section of the manual

    @property
    def url(self) -> str:
        """The address of its first page."""
        return reverse(self.page, args=[self.argument] if self.argument else [])


def _posts(permission: str, *, without: str = "") -> Callable[[Actor], bool]:
    return lambda actor: actor.may(permission) and not (without and actor.may(without))


SPECIAL = (
    Desk(_("我的办件"), "web:my-cases", lambda actor: actor.kind is ActorKind.APPLICANT, help="applicant"),
    Desk(_("专窗"), "web:counter", _posts(Permission.CASE_RECEIVE), help="window"),
    Desk(_("待办"), "web:queue", _posts(Permission.CASE_CONTENT), help="officer"),
    Desk(_("办件"), "web:case-list", _posts(Permission.CASE_CONTENT), help="officer"),
    Desk(_("督办"), "web:supervision", _posts(Permission.CASE_SUPERVISE), help="supervisor"),
    Desk(_("档案"), "web:archive", keeps_archive, help="archive"),
    Desk(_("账号管理"), "web:managers", _posts(Permission.ACCOUNTS_MANAGE), help="accounts"),
    Desk(_("访问与管理记录"), "web:audit", _posts(Permission.AUDIT_READ), help="supervisor"),
    Desk(_("对方县"), "web:peers", _posts(Permission.PEERS_MANAGE, without=Permission.CASE_SUPERVISE)),
)


def desks() -> list[Desk]:
    """Return all desks: the special ones, then one for each procedure that the desk pattern shows."""
    return [
        *SPECIAL,
        *(Desk(one.title, "web:desk-list", one.lets, one.procedure) for one in designs.everyone()),
    ]


def of(actor: Actor) -> list[Desk]:
    """Return the desks that let somebody in, in order."""
    return [desk for desk in desks() if desk.lets(actor)]


def first(actor: Actor) -> str:
    """Return the address at which somebody's work begins; the queue says what a post without cases does, and where."""
    return next((desk.url for desk in of(actor)), reverse("web:queue"))
