"""What a guide and an agreement say to a case: powers, limits, steps, and on what basis. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tongban.agreements import documents as agreements
from tongban.cases.bases import basis_of
from tongban.cases.words import Clock, Role
from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import Terms as Said
from tongban.procedures.papers_named import Papers, one, paper
from tongban.procedures.procedure import Asked
from tongban.procedures.rule import Limit

GUIDE = "guide"
AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Terms(Said):
    """What the pinned guide and agreement say; plain documents, by digest."""

    guide: Mapping[str, Any]
    agreement: Mapping[str, Any]

    @property
    def powers(self) -> Collection[str]:
        """What the agreement lets the place do that takes cases in."""
        powers: Collection[str] = self.agreement["powers"]
        return powers

    def agreed(self, segment: str) -> int | None:
        """Return the number of days to which the agreement shortens a segment, if it does."""
        agreed: int | None = self.agreement["limits"].get(segment)
        return agreed

    def promised(self, clock: str) -> Limit | None:
        """Return how long the decision may take by the guide: as promised, else by statute."""
        limits = self.guide["limits"]
        found = (limits["promised"] or limits["statutory"]) if clock == Clock.DECISION else None
        return Limit(found["n"], found["unit"]) if found else None

    def step_permission(self, given: Mapping[str, Any]) -> str | None:
        """Return whose the review step is that an act names: the guide says."""
        steps = (step for step in self.guide["review_steps"] if step["code"] == given["step"])
        return next((str(step["permission"]) for step in steps), None)

    def keeps(self) -> int | None:
        """Return for how many years the guide has the file of a case kept, if it says."""
        years: int | None = self.guide.get("retention_years")
        return years

    def basis(self, written: str, otherwise: Mapping[str, str]) -> str:
        """Return the basis that counts: the permit law binds licences only."""
        return basis_of(written, self.guide, otherwise)


def terms(papers: Mapping[str, Mapping[str, Any]]) -> Terms:
    """Return what a guide and an agreement say."""
    return Terms(guide=papers[GUIDE], agreement=papers[AGREEMENT])


def naming(guide: tuple[str, int, str], agreement: tuple[str, int, str]) -> list[dict[str, Any]]:
    """Return how a guide and an agreement, each given as (id, version, digest), are named."""
    return [paper(GUIDE, *guide), paper(AGREEMENT, *agreement)]


def papers_of(state: State, founder: str = Role.INTAKE) -> Papers | None:
    """Return the papers that count now: those of the authority in charge, before that those of receipt, of filing."""
    handling, intake = state.roles.get(Role.HANDLING), state.roles.get(founder)
    if handling:
        return handling["papers"]  # type: ignore[no-any-return]
    return state.fact(founder, "papers") or (intake["papers"] if intake else None)


def wrong_papers(papers: Papers, terms: Terms, binding: Mapping[str, Any] | None, asked: Asked) -> str | None:
    """Return what is wrong with a guide and an agreement, for a binding or alone, in Chinese, or nothing."""
    guide, agreement = terms.guide, terms.agreement
    offering, named = one(papers, GUIDE), one(papers, AGREEMENT)
    wrong = {
        "办事指南的编码或版本与所指不同": (guide["offering"], guide["version"])
        != (offering["id"], offering["version"]),
        "通办协议的编号或版本与所指不同": (agreement["id"], agreement["version"])
        != (named["id"], named["version"]),
        "通办协议不是收件地与该事项办理地之间的": set(agreements.nodes_of(agreement))
        != {asked.founder, guide["node"]},
        "办理地不是发布该指南的节点": binding is not None
        and binding["role"] == Role.HANDLING
        and binding["node"] != guide["node"],
        "通办协议未涵盖该事项": not agreements.covers(
            agreement, item=str(guide["item"]["key"]), offering=offering["id"]
        ),
        "通办协议当日无效": not asked.pinned_before and not _is_in_force(agreement, asked.day),
    }
    return next((sentence for sentence, is_so in wrong.items() if is_so), None)


def _is_in_force(agreement: Mapping[str, Any], day: str) -> bool:
    first, last = agreement["valid_from"], agreement["valid_to"]
    return bool(first <= day and (last is None or day <= last))
