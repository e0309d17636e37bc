"""How cases are practised on this node: what law does by itself, what the system adds to an act, what is served online."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.cases import commands, steps, tasks
from tongban.cases.models import Case
from tongban.cases.projection import columns_of
from tongban.cases.words import Act, Mode, Role
from tongban.catalogue.models import Offering
from tongban.kernel import vault
from tongban.kernel.journal.fold import State
from tongban.materials import filing
from tongban.materials import queries as material_queries
from tongban.materials.practice import PracticeWithFiles
from tongban.procedures.models import Matter
from tongban.procedures.practice import Step, Watch

# What a clerk does with the applicant in front of them. The window is a name of a place, so it goes to the vault.
WINDOW = "window"
AT_WINDOW = frozenset(
    {Act.RECEIVE, Act.CHECK_IDENTITY, Act.GIVE_NOTICE, Act.TELL, Act.HAND_OUT, Act.RETURN, Act.WITHDRAW}
)


class CasePractice(PracticeWithFiles):
    """The practice of cases."""

    model = Case

    def columns(self, state: State) -> dict[str, Any]:
        """Return what a case is found by."""
        return columns_of(state)

    def before(self, state: State, at: datetime) -> Case | None:
        """Record deemed acceptance that is due."""
        return commands.deem(state, at)

    def completed(self, state: State, act: str, role: str, at: datetime) -> dict[str, Any]:
        """Return the papers that are pinned at receipt, and whom forwarding binds."""
        return commands.completed(state, act, at)

    def texts(self, act: str, by: Actor) -> Mapping[str, str]:
        """Return at which window (窗口) an act was done face to face, for whoever is on shift at one."""
        return {WINDOW: by.window} if by.window and act in AT_WINDOW else {}

    def content(self, number: str, act: str) -> Sequence[Mapping[str, Any]]:
        """Return the materials that came with an answer, and mark them as stated."""
        if act not in (Act.SUPPLEMENT, Act.ANSWER):
            return ()
        fresh = material_queries.references(number, unstated_only=True)
        filing.mark_stated(number=number, digests=[str(piece["digest"]) for piece in fresh])
        return fresh

    def open_content(self, number: str, label: str, digest: str) -> tuple[str, str, bytes]:
        """Return a material as the file that was handed in, a form as what was filled in, all else as text."""
        if label in ("form", "statement"):
            return f"{label}.json", "application/json", vault.get(number, digest)
        return super().open_content(number, label, digest)

    def likely(self, state: State, act: str, role: str, terms: Any) -> dict[str, Any]:
        """Return the codes that an act would carry, as far as a rule looks at them. Pure."""
        if act == Act.FORWARD:
            return {"bind": {"term": state.term_of(Role.HANDLING) + 1}}
        if act == Act.REVIEW:
            steps, done = terms.guide["review_steps"], len(state.fact(Role.HANDLING, "reviewed", []))
            return {"step": steps[min(done, len(steps) - 1)]["code"]}
        return {"outcome": "granted"} if act == Act.DECIDE else {}

    def arrived(self, matter: Matter, at: datetime) -> None:
        """Serve online whoever filed online."""
        if matter.facts.get("mode") == Mode.FULLY_ONLINE:
            tasks.serve_online(case=matter.number, at=at)

    @property
    def watches(self) -> Sequence[Watch]:
        """Deemed acceptance, and what was not served online as it arrived."""
        return (tasks.deem_all, tasks.serve_online_all)

    def next_steps(self, numbers: Collection[str]) -> dict[str, Step]:
        """Return the review step of the guide that comes next."""
        return steps.of_cases(numbers)

    def names(self, labels: Collection[str]) -> Mapping[str, str]:
        """Return the names of offerings by code."""
        return dict(Offering.objects.filter(code__in=labels).values_list("code", "name"))
