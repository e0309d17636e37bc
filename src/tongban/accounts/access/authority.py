"""Who may manage accounts, and where."""

from typing import Protocol

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.kernel.errors import NotPermitted


class Organisation(Protocol):
    """An organisation, as far as authority over it goes; the table is in `places`, which stands upon this room."""

    @property
    def uscc(self) -> str:
        """Its unified social credit code."""
        ...

    @property
    def division_code(self) -> str:
        """Where it stands."""
        ...


def ask_to_manage(by: Actor, *, division: str, organisation: str = "") -> None:
    """
    Let pass who may manage accounts of `organisation` (USCC) in `division`.

    That is the node itself, or a post with the permission: for its own organisation, and for every
    division that it supervises.

    Raises:
        NotPermitted: the post lacks the permission, or its reach ends before this place.
    """
    if by.kind is ActorKind.SYSTEM:
        return
    if not by.may(Permission.ACCOUNTS_MANAGE):
        raise NotPermitted("未作更改：您的岗位没有账号管理权限。请联系本节点的账号管理员。")
    own = organisation != "" and by.organisation == organisation
    supervised = by.supervises != "" and reaches(by.supervises, division)
    if not own and not supervised:
        raise NotPermitted("未作更改：该机构不在您的管理范围内。请联系其所在区划的账号管理员。")


def ask_to_manage_organisation(by: Actor, organisation: Organisation) -> None:
    """Let pass who may manage accounts of `organisation`; raises NotPermitted otherwise."""
    ask_to_manage(by, division=organisation.division_code, organisation=organisation.uscc)


def reaches(supervises: str, division: str) -> bool:
    """Return whether the reach `supervises` (a division-code prefix) covers the division code."""
    return division.startswith(supervises)
