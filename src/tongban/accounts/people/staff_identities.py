"""
By whom at an identity provider a member of staff signs in (单位认证身份): bound and unbound by who manages accounts.

Nothing is bound by a name or an address of mail, and no account is made. Whoever binds could bind themselves: so what
the provider says counts as two factors only once the owner of the account has shown their own second factor, if they
have one (`confirm`).
"""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError

from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.people import opened, sealed, telling
from tongban.accounts.people.bindings import StaffIdentity
from tongban.accounts.people.models import Person, Post
from tongban.configuration.config import UNBOUND
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.kernel.prepared import Prepared

LONGEST_SUBJECT = 255  # characters (OpenID Connect Core 1.0 §2)


class OneselfNotBound(NotPermitted):
    """Nobody binds their own account, nor unbinds it."""

    code = "oneself_not_bound"


class IdentityBound(DomainError):
    """The subject is somebody's already, or the account has another one of this provider; nothing was changed."""

    code = "staff_identity_bound"


class IdentityNotBound(NotFound):
    """The account is bound to nobody of this provider; nothing was changed."""

    code = "staff_identity_not_bound"


class BreakGlassNeeded(DomainError):
    """The last manager of accounts who signs in by a password keeps it: else a dead provider locks the node."""

    code = "break_glass_needed"


class StaffUnknown(DomainError):
    """The identity provider vouches for somebody, and no account of staff is bound to them."""

    code = "staff_unknown_to_node"
    status = 403


def bind(*, person: Person, issuer: str, subject: str, by: Actor, at: datetime) -> StaffIdentity:
    """
    Bind a member of staff to a subject of an identity provider, by which they sign in from now on.

    Raises:
        OneselfNotBound: `by` is the person. NotPermitted: `by` may not manage the account, or it is closed.
        InvalidInput: this can be no subject. BreakGlassNeeded: see there.
        IdentityBound: either side is bound already.
    """
    _ask(person, by, "未绑定")
    if not person.is_active:
        raise NotPermitted("未绑定：该账号已停用。请核对账号。")
    if not 0 < len(subject) <= LONGEST_SUBJECT or subject != subject.strip() or not subject.isprintable():
        raise InvalidInput(
            "未绑定：主体标识不能为空、首尾不能有空格，至多 255 个字符。请从认证平台原样抄写。"
        )
    _ask_for_break_glass(person)
    try:
        with db.write():
            bound = StaffIdentity.objects.create(
                person=person, issuer=issuer, subject_lookup=_key(issuer, subject), bound_at=at
            )
            telling.of_identity("identity_bound", bound, by=by, at=at)
            return bound
    except IntegrityError:
        raise IdentityBound(
            "未绑定：该账号已绑定这个平台的身份，或这个身份已绑定其他账号。请先解除原有的绑定。"
        ) from None


def unbind(*, person: Person, issuer: str, by: Actor, at: datetime) -> StaffIdentity:
    """
    Take away the binding of a member of staff to a provider; whatever sessions they have end.

    Raises:
        OneselfNotBound, NotPermitted: as `bind`. IdentityNotBound: there is none.
    """
    _ask(person, by, "未解除")
    with db.write():
        bound = StaffIdentity.objects.bound().select_for_update().filter(person=person, issuer=issuer).first()
        if bound is None:
            raise IdentityNotBound("未解除：该账号没有绑定这个平台的身份。请刷新后再看。")
        bound.unbound_at = max(at, bound.bound_at)
        bound.save(update_fields=["unbound_at"])
        telling.of_identity("identity_unbound", bound, by=by, at=at)
        opened.end(owner=person.pseudonym)
    return bound


def owner(*, issuer: str, subject: str) -> StaffIdentity:
    """
    Return whose account a subject is bound to, open or closed.

    Raises:
        StaffUnknown: nobody's.
    """
    rows = StaffIdentity.objects.bound().select_related("person")
    found = rows.filter(subject_lookup=_key(issuer, subject)).first()
    if found is None:
        raise StaffUnknown(
            "未登录：认证已通过，但这个身份没有绑定本节点的工作人员账号。请联系账号管理员绑定。"
        )
    return found


def confirm(identity: int, *, person: Person, at: datetime) -> None:
    """Keep that the owner of the account has signed in by this binding (by primary key), as nobody else could have."""
    with db.write():
        rows = StaffIdentity.objects.bound().filter(pk=identity, confirmed_at=None, person=person)
        for one in rows.select_for_update():
            one.confirmed_at = at
            one.save(update_fields=["confirmed_at"])
            by = Actor(kind=ActorKind.STAFF, channel=Channel.DESK, staff=person.pseudonym)
            telling.of_identity("identity_confirmed", one, by=by, at=at)


def holds(identity: int, *, person: int) -> bool:
    """Return whether a binding (by primary key) of a person still counts, by a provider that this node still has."""
    found: StaffIdentity | None = _bound.first(identity, person)
    return found is not None and found.issuer in _issuers()


def has_other_way(person: Person) -> bool:
    """Return whether somebody can sign in by a provider that this node has."""
    return StaffIdentity.objects.bound().filter(person=person, issuer__in=_issuers()).exists()


def passwords_are_off(person: Person) -> bool:
    """Return whether the password of a member of staff signs in nowhere on this node."""
    return settings.NODE.staff_passwords == UNBOUND and has_other_way(person)


def managers_with_passwords() -> list[Person]:
    """Return who manages accounts and can sign in by a password: whoever comes in while a provider is down."""
    # Of posts there are few that manage accounts; of people there may be thousands.
    posts = Post.objects.filter(is_active=True, organisation__is_active=True, organisation__node="")
    managing = [post for post in posts if Permission.ACCOUNTS_MANAGE in post.powers()]
    managers = Person.objects.filter(
        is_active=True, appointments__ends_at=None, appointments__post__in=managing
    ).distinct()
    return [one for one in managers if not passwords_are_off(one)]


_bound = Prepared(lambda pk, person: StaffIdentity.objects.bound().filter(pk=pk, person=person), int, int)


def _issuers() -> list[str]:
    return [provider.issuer for provider in settings.NODE.staff_providers]


def _key(issuer: str, subject: str) -> str:
    # Not as the subjects of applicants: a row that is copied from there fits nobody here.
    return sealed.lookup(f"staff-subject:{issuer}\n{subject}")


def _ask(person: Person, by: Actor, refused: str) -> None:
    if by.staff == person.pseudonym:
        raise OneselfNotBound(f"{refused}：不能为本人的账号办理。请由另一位账号管理员或本节点的操作员办理。")
    held = person.appointments.filter(ends_at__isnull=True).select_related("post__organisation")
    if not held and by.kind is not ActorKind.SYSTEM:
        raise NotPermitted(f"{refused}：该账号没有在任岗位。请先登记其岗位，或由本节点的操作员办理。")
    for appointment in held:
        ask_to_manage_organisation(by, appointment.post.organisation)


def _ask_for_break_glass(person: Person) -> None:
    if settings.NODE.staff_passwords == UNBOUND and managers_with_passwords() == [person]:
        raise BreakGlassNeeded(
            "未绑定：这是最后一位用密码登录的账号管理员，须留作应急账号，以免认证平台故障时无人能登录。请另设一位。"
        )
