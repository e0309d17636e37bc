"""
What somebody had claimed goes to whoever stands in, or back to all: when their leave begins, and before they lose their post.

By the act of handing over (转交经办人), which is recorded as theirs, through the channel of the system; who had it done stands in the
node's own chain, as leave or as the end of a post.
"""

import logging
from datetime import datetime

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.models import Leave, Person
from tongban.kernel.errors import DomainError
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


def stand_in_all(at: datetime) -> int:
    """Pass on what those have claimed whose leave has begun; return how many duties that were."""
    today, done = official_day(at), 0
    due = Leave.objects.between(today, today).filter(passed_on_at=None)
    for leave in due.select_related("person", "substitute"):
        gone, left = pass_on(person=leave.person, to=leave.substitute, at=at)
        done += gone
        if not left:
            Leave.objects.filter(pk=leave.pk, passed_on_at=None).update(passed_on_at=at)
    return done


def _who(acting: list[Actor], procedure: str, organisation: str) -> Actor | None:
    known = register.find(procedure)
    fitting = (one for one in acting if known and one.organisation == organisation and one.may(known.reads))
    return next(fitting, None)
