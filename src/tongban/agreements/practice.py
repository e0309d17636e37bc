"""How the course of an agreement is practised on this node."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.agreements import course, following
from tongban.agreements.words import DOCUMENT, NAME, NOTICE, Act, Role
from tongban.kernel import identity, vault
from tongban.kernel.journal.fold import State
from tongban.materials.practice import PracticeWithFiles
from tongban.procedures import tasks
from tongban.procedures.models import Matter
from tongban.procedures.practice import Consequence, Watch


class AgreementPractice(PracticeWithFiles):
    """The practice of agreements."""

    def open(self, values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
        """Draft an agreement and send it."""
        return course.open_agreement(values, by, at)

    def completed(self, state: State, act: str, role: str, at: datetime) -> dict[str, Any]:
        """Return who is bound by sending."""
        return course.binding_of(state) if act == Act.SEND else {}

    def likely(self, state: State, act: str, role: str, terms: Any) -> dict[str, Any]:
        """Return whom sending would bind."""
        here = state.roles.get(Role.PROPOSER, {}).get("node") == identity.fingerprint()
        return course.binding_of(state) if act == Act.SEND and here else {}

    def filled(
        self, state: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
    ) -> tuple[dict[str, Any], Mapping[str, str]]:  # fmt: skip
        """Put the document together and sign it."""
        return course.filled(state, act, by, at, given, texts)

    def open_content(self, number: str, label: str, digest: str) -> tuple[str, str, bytes]:
        """Return the agreement and a notice as the documents that they are."""
        if label in (DOCUMENT, NOTICE):
            return label.partition(":")[2], "application/json", vault.get(number, digest)
        return super().open_content(number, label, digest)

    def arrived(self, matter: Matter, at: datetime) -> None:
        """Keep what came."""
        tasks.alone(partial(following.follow, at=at), matter)

    def consequence(self, act: str) -> Consequence | None:
        """Return that what was signed here is kept here."""
        return following.keep_own if act in (Act.COUNTERSIGN, Act.END) else None

    @property
    def watches(self) -> Sequence[Watch]:
        """What stopped halfway, and what is over."""
        return (following.follow_all,)

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Return the parties of agreements, by number."""
        found = Matter.objects.filter(procedure=NAME, label__in=labels)
        named = {
            row.label: name
            for row in found
            if (name := course.called(row)) and course.is_between_its_parties(row)
        }
        return {label: named.get(label, f"{label}（所称双方与该协议不符）") for label in labels}
