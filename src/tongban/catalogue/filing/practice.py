"""How filings are practised on this node: what the system knows of drafts, and what follows in the catalogue."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.catalogue.filing import commands, documents, reading
from tongban.catalogue.filing.words import Act, Role
from tongban.catalogue.models import Offering
from tongban.kernel.journal.fold import State
from tongban.procedures.models import Matter
from tongban.procedures.practice import Consequence, Practice, Watch


class FilingPractice(Practice):
    """The practice of guides' filing."""

    def open(self, values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
        """Draft a guide."""
        return commands.open_filing(values, by, at)

    def filled(
        self, state: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
    ) -> tuple[dict[str, Any], Mapping[str, str]]:  # fmt: skip
        """Return with what was filled in the digest of a new draft, if it may stand."""
        if act != Act.REVISE or not texts.get("guide", "").strip():
            return dict(given), texts
        department = state.roles[Role.DEPARTMENT]
        document = documents.read(texts["guide"], department["node"])
        documents.demand_sound(document, state.fact(Role.DEPARTMENT, "offering"), department["org"])
        return {**given, "drafted": documents.digest(document)}, texts

    def completed(self, state: State, act: str, role: str, at: datetime) -> dict[str, Any]:
        """Return whom submitting binds, the digest of what the centre has read, the version that is published."""
        if act == Act.FILE:
            return {"drafted": documents.digest(documents.of(state))}
        if act == Act.PUBLISH:
            return commands.as_published(state)
        return self.likely(state, act, role, None)

    def likely(self, state: State, act: str, role: str, terms: Any) -> dict[str, Any]:
        """Return whom submitting would bind, and that what was drafted would be filed."""
        if act == Act.SUBMIT:
            return commands.bound_to(state)
        return {"drafted": state.fact(Role.DEPARTMENT, "drafted")} if act == Act.FILE else {}

    def consequence(self, act: str) -> Consequence | None:
        """Return what is done in the catalogue: a guide published, an offering withdrawn; nothing is checked that changes nothing."""
        done: dict[str, Consequence] = {
            Act.CHECK: commands.demand_changed, Act.PUBLISH: commands.publish, Act.CANCEL: commands.cancel,
        }  # fmt: skip
        return done.get(act)

    @property
    def watches(self) -> Sequence[Watch]:
        """Filings whose guide was followed without one."""
        return (commands.replace_all,)

    def told(self, matter: Matter, label: str, text: str, before: str) -> str:
        """Return a draft as people read it, with what it says otherwise than the one before, or than the guide in force."""
        return (
            reading.in_words(text, before or documents.in_force(matter.label)) if label == "guide" else text
        )

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Return the names of offerings by code."""
        return dict(Offering.objects.filter(code__in=labels).values_list("code", "name"))
