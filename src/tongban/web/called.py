"""What the head of a page calls who is signed in: staff by name, post and office; applicants by a masked name."""

from dataclasses import dataclass, replace

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tongban.accounts import identifiers
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.people import colleagues
from tongban.accounts.people.models import Applicant
from tongban.kernel import memo


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is signed in: what they are called, in which post and where; an applicant has neither."""

    name: str
    post: str = ""
    place: str = ""


def called(actor: Actor) -> Who | None:
    """Return what to call `actor`, as they were called a moment ago; nothing for who is no person."""
    return _called(replace(actor, channel=Channel.SYSTEM), get_language() or "")


@memo.for_a_moment
def _called(actor: Actor, _language: str) -> Who | None:
    if actor.kind is ActorKind.STAFF:
        found = colleagues.called(actor)
        return Who(found[0].name, found[0].post, actor.window or found[1]) if found else None
    if actor.kind is ActorKind.APPLICANT:
        mine = Applicant.objects.filter(pseudonym=actor.applicant).first()
        return Who(identifiers.mask_name(mine.name) or _("我的账号")) if mine else None
    return None
