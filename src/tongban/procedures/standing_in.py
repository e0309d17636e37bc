"""
What somebody had claimed goes to whoever stands in, or back to all: when their leave begins, and before they lose their post.

By the act of handing over (转交经办人), which is recorded as theirs, through the channel of the system; who had it done stands in the
node's own chain, as leave or as the end of a post.
"""

import logging
from datetime import datetime

from tongban.accounts import commands as accounts_commands
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.models import Appointment, Grant, Leave, Person, Post
from tongban.accounts.people import granting, leaving
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.models import Duty
from tongban.kernel.time.clock import official_day
from tongban.procedures import claims, recording, register

log = logging.getLogger(__name__)


def pass_on(*, person: Person, to: Person | None, at: datetime) -> tuple[int, int]:
    """
    Hand what somebody has claimed to another, or where there is nobody back to all.

    Return how many duties went, and how many are left: those of parked matters, and of posts that the person holds no more.
    """
    held = Duty.objects.filter(closed_at=None, claimed_by=person.pseudonym)
    before = held.count()
    acting = [
        accounts.actor_for_appointment(one, channel=Channel.SYSTEM)
        for one in accounts.appointments_of(person=person, at=at)
    ]
    for subject, procedure, organisation in held.values_list(
        "subject", "procedure", "organisation"
    ).distinct():
        by = _who(acting, procedure, organisation)
        if by is None:
            continue
        try:
            claims.hand_over(
                matter=recording.visible(subject, by), colleague=to.pseudonym if to else "", by=by, at=at
            )
        except DomainError as refusal:
            # Parked, or moved meanwhile: the next round sees to it, and the others do not wait for it.
            log.info("what was claimed in %s was not passed on: %s", subject, refusal.code)
    left = held.count()
    return before - left, left


def free(*, person: Person, to: Person | None, by: Actor, at: datetime) -> tuple[int, int]:
    """
    Pass on what somebody has claimed because whoever manages their account says so; return as `pass_on`.

    Raises:
        NotPermitted: the person holds no post, or one of the posts is where `by` may not manage accounts.
        SubstituteUnfit: `to` has not their permissions there.
    """
    held = list(person.appointments.filter(ends_at=None).select_related("post__organisation"))
    if not held:
        raise NotPermitted("未移交：此人没有在任岗位。请由督办人员解除认领。")
    for one in held:
        ask_to_manage_organisation(by, one.post.organisation)
    if to is not None and to not in leaving.substitutes_for(person):
        raise leaving.SubstituteUnfit("未移交：接办人须是同一单位、权限不少于本人的在岗人员。请另选一人。")
    return pass_on(person=person, to=to, at=at)


def close(*, person: Person, passes_on: bool, by: Actor, at: datetime) -> Person:
    """Close an account, giving back first what it has claimed if that is wanted; raises as `free` and `deactivate_person`."""
    with write():
        if passes_on:
            free(person=person, to=None, by=by, at=at)
        return accounts_commands.deactivate_person(person=person, by=by, at=at)


def move(*, person: Person, post: Post, passes_on: bool, by: Actor, at: datetime) -> Appointment | Grant:
    """Move somebody to another post, giving back first what they have claimed if that is wanted; raises as `free` and `granting.move`."""
    with write():
        if passes_on:
            free(person=person, to=None, by=by, at=at)
        return granting.move(person=person, post=post, by=by, at=at)


def stand_in_all(at: datetime) -> int:
    """Pass on what those have claimed whose leave has begun; return how many duties that were."""
    today, done = official_day(at), 0
    due = Leave.objects.between(today, today).filter(passed_on_at=None)
    for leave in due.select_related("person", "substitute"):
        # Who was to stand in may have left or lost a post since: then it is everybody's.
        fit = leave.substitute is not None and leave.substitute in leaving.substitutes_for(leave.person)
        gone, left = pass_on(person=leave.person, to=leave.substitute if fit else None, at=at)
        done += gone
        if not left:
            Leave.objects.filter(pk=leave.pk, passed_on_at=None).update(passed_on_at=at)
    return done


def _who(acting: list[Actor], procedure: str, organisation: str) -> Actor | None:
    known = register.find(procedure)
    fitting = (one for one in acting if known and one.organisation == organisation and one.may(known.reads))
    return next(fitting, None)
