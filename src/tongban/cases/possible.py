"""What an actor may do to a case now: every row of the table, tried without the texts it would carry."""

from datetime import datetime
from typing import Any

from tongban.accounts.actor import Actor, ActorKind
from tongban.cases import decision, lifecycle, papers, recording
from tongban.cases.guards import Terms
from tongban.cases.lifecycle import Rule
from tongban.cases.models import Case
from tongban.cases.words import Act, Duty, Role
from tongban.kernel import calendars, identity
from tongban.kernel.clock import official_day
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.fold import State


def possible_acts(case: Case, actor: Actor, at: datetime) -> list[tuple[Act, Rule]]:
    """
    Return the acts that `actor` may do to `case` as it stands, in the order of the table.

    The system's own acts are left out, and filing, which makes a case out of a draft. The command asks again.
    """
    state, node = State.from_dict(case.state), identity.me()
    try:
        terms = papers.terms_of(state)
    except NotFound:
        return []  # the case waits, parked, for its papers
    day, calendar = official_day(at), calendars.current()
    found: list[tuple[Act, Rule]] = []
    for act, rule in lifecycle.RULES.items():
        if act is Act.FILE or not (rule.permission or rule.applicant):
            continue
        try:
            role = recording.acting_role(state, act, actor, node.fingerprint)
            place = decision.Place(
                node=node.fingerprint, epoch=node.epoch, role=role,
                term=state.roles.get(role, {}).get("term", 1), calendar=calendar,
            )  # fmt: skip
            given = likely(state, act, role, terms)
            decision.demand_lawful(state, act, by=actor, day=day, place=place, terms=terms, given=given)
        except DomainError:
            continue
        found.append((act, rule))
    return found


def own_duties(case: Case, actor: Actor) -> list[str]:
    """Return the names of the open duties that the actor's organisation holds: what LOOK and CLAIM name."""
    if actor.kind is not ActorKind.STAFF:
        return []
    duties = case.state["duties"].items()
    return [name for name, duty in duties if duty["holder"]["org"] == actor.organisation]


def likely(state: State, act: Act, role: Role, terms: Terms) -> dict[str, Any]:
    """Return the codes that `act` would carry, as far as a rule looks at them. Pure."""
    if act is Act.FORWARD:
        return {"bind": {"term": state.roles.get(Role.HANDLING, {}).get("term", 0) + 1}}
    if act is Act.REVIEW:
        steps, done = terms.guide["review_steps"], len(state.facts.get("reviewed", []))
        return {"step": steps[min(done, len(steps) - 1)]["code"]}
    if act is Act.DECIDE:
        return {"outcome": "granted"}
    if act in (Act.LOOK, Act.CLAIM):
        binding = state.roles.get(role, {})
        own = (binding.get("org"), binding.get("centre"))
        return {"duties": [name for name, duty in state.duties.items() if duty["holder"]["org"] in own]}
    if act is Act.SUPERVISE:
        return {"duty": next(iter(state.open_duties(Duty.SUPERVISE)), "")}
    return {}
