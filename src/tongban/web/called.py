"""What the head of a page calls who is signed in: staff by name, post and office; applicants by a masked name."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tongban.accounts import identifiers
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.people import colleagues
from tongban.accounts.people.models import Applicant
from tongban.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is signed in: what they are called, in which post and where; an applicant has neither."""

    name: str
    post: str = ""
    place: str = ""


def called(actor: Actor) -> Who | None:
    """Return what to call `actor`; nothing for who is no person."""
    if actor.kind is ActorKind.STAFF:
        me = colleagues.called(actor)
        return Who(me.name, me.post, actor.window or _office(actor.organisation)) if me else None
    if actor.kind is ActorKind.APPLICANT:
        mine = Applicant.objects.filter(pseudonym=actor.applicant).first()
        return Who(identifiers.mask_name(mine.name) or _("我的账号")) if mine else None
    return None


def _office(uscc: str) -> str:
    try:
        return accounts.organisation(uscc).name
    except NotFound:
        return uscc
