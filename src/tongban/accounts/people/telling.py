"""What changes with accounts, as the node's own chain is told: which row, whom it is about, who did it."""

from datetime import datetime

from tongban.accounts.access.actor import Actor, actor_document
from tongban.accounts.people.authenticators import Authenticator, SecondReset
from tongban.accounts.people.bindings import StaffIdentity
from tongban.accounts.people.grants import Grant
from tongban.accounts.people.leaves import Leave
from tongban.accounts.people.models import Appointment, Person, Post
from tongban.accounts.people.traces import ApiKey
from tongban.kernel.journal import nodechain


def of_post(kind: str, post: Post, *, by: Actor, at: datetime) -> None:
    """Tell what became of a post."""
    nodechain.tell(
        kind, post, by=actor_document(by), at=at, organisation=post.organisation.uscc, post=post.code
    )


def of_person(kind: str, person: Person, *, by: Actor, at: datetime) -> None:
    """Tell what became of somebody's account."""
    nodechain.tell(kind, person, by=actor_document(by), at=at, person=person.pseudonym)


def of_appointment(kind: str, appointment: Appointment, *, by: Actor, at: datetime) -> None:
    """Tell that somebody was given a post, or that it was taken from them."""
    post = appointment.post
    nodechain.tell(
        kind, appointment, by=actor_document(by), at=at, person=appointment.person.pseudonym,
        organisation=post.organisation.uscc, post=post.code,
    )  # fmt: skip


def of_grant(kind: str, grant: Grant, *, by: Actor, at: datetime) -> None:
    """Tell what became of a post that two managers give."""
    post = grant.post
    nodechain.tell(
        kind, grant, by=actor_document(by), at=at, person=grant.person.pseudonym,
        organisation=post.organisation.uscc, post=post.code,
    )  # fmt: skip


def of_leave(kind: str, leave: Leave, *, by: Actor, at: datetime) -> None:
    """Tell what became of somebody's leave."""
    nodechain.tell(kind, leave, by=actor_document(by), at=at, person=leave.person.pseudonym)


def of_key(kind: str, key: ApiKey, *, by: Actor, at: datetime, **given: str) -> None:
    """Tell what became of a machine's key."""
    nodechain.tell(kind, key, by=actor_document(by), at=at, person=key.prefix, **given)


def of_second(kind: str, row: Authenticator | SecondReset, *, by: Actor, at: datetime) -> None:
    """Tell what became of a second factor of somebody's, or of the wish to reset them all."""
    nodechain.tell(kind, row, by=actor_document(by), at=at, person=row.person.pseudonym)


def of_identity(kind: str, row: StaffIdentity, *, by: Actor, at: datetime) -> None:
    """Tell what became of the binding of somebody's account to an identity provider."""
    nodechain.tell(kind, row, by=actor_document(by), at=at, person=row.person.pseudonym)


def of_recovery(kind: str, person: Person, *, by: Actor, at: datetime) -> None:
    """Tell that somebody made recovery codes, or used one."""
    nodechain.write(kind, given={"person": person.pseudonym}, by=actor_document(by), at=at)
