"""What an actor may do to a case now: every row of the table, tried without the texts it would carry."""

from datetime import datetime
from typing import Any

from tongban.accounts.actor import Actor, ActorKind
from tongban.cases import decision, papers, recording, tables
from tongban.cases.guards import Terms, letting_in
from tongban.cases.lifecycle import Rule
from tongban.cases.models import Case
from tongban.cases.words import Act, Duty, Role
from tongban.kernel import calendars, identity
from tongban.kernel.clock import official_day
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.fold import State

# What names the duties it is about, and by them its side.
NAMING_DUTIES = frozenset({Act.LOOK, Act.CLAIM, Act.SUPERVISE})


def possible_acts(case: Case, actor: Actor, at: datetime) -> list[tuple[Act, Rule]]:
    """
    Return the acts that `actor` may do to `case` as it stands, in the order of the table.

    The system's own acts are left out, and filing, which makes a case out of a draft. The command asks again.
    """
    state, node = State.from_dict(case.state), identity.me()
    within = recording.within(actor, case.number)
    try:
        terms = papers.terms_of(state)
    except NotFound:
        return []  # the case waits, parked, for its papers
    day, calendar = official_day(at), calendars.current()
    found: list[tuple[Act, Rule]] = []
    for kind, rule in tables.PRESENT.rules.items():
        act = Act(kind)
        if act is Act.FILE or not (rule.permission or rule.applicant):
            continue
        for role in _roles(state, act, actor, node.fingerprint):
            place = decision.Place(
                node=node.fingerprint, epoch=node.epoch, role=role,
                term=state.roles.get(role, {}).get("term", 1), calendar=calendar,
            )  # fmt: skip
            given = likely(state, act, role, terms)
            try:
                decision.demand_lawful(state, act, by=within, day=day, place=place, terms=terms, given=given)
            except DomainError:
                continue
            found.append((act, rule))
            break
    return found


def _roles(state: State, act: Act, actor: Actor, node: str) -> list[Role]:
    """Return the roles in which the actor may be meant: where both are here, that of the duty that an act will name."""
    try:
        role = recording.acting_role(state, act, actor, node)
    except NotFound:
        return []
    both_here = state.roles.get(role.other, {}).get("node") == node
    return [role, role.other] if act in NAMING_DUTIES and both_here else [role]


def own_duties(case: Case, actor: Actor) -> list[str]:
    """Return the names of the open duties that the actor's organisation holds: what LOOK and CLAIM name."""
    if actor.kind is not ActorKind.STAFF:
        return []
    duties = case.state["duties"].items()
    return [name for name, duty in duties if duty["holder"]["org"] == actor.organisation]


def likely(state: State, act: Act, role: Role, terms: Terms) -> dict[str, Any]:
    """Return the codes that `act` would carry, as far as a rule looks at them. Pure."""
    if act is Act.FORWARD:
        return {"bind": {"term": state.term_of(Role.HANDLING) + 1}}
    if act is Act.REVIEW:
        steps, done = terms.guide["review_steps"], len(state.fact(Role.HANDLING, "reviewed", []))
        return {"step": steps[min(done, len(steps) - 1)]["code"]}
    if act is Act.DECIDE:
        return {"outcome": "granted"}
    if act in (Act.LOOK, Act.CLAIM):
        binding = state.roles.get(role, {})
        own = (binding.get("org"), binding.get("office"))
        names = [name for name in state.duties if name.startswith(f"{role}/")]
        return {"duties": [name for name in names if state.duties[name]["holder"]["org"] in own]}
    if act is Act.SUPERVISE:
        own_duty = (name for name in state.open_duties(Duty.SUPERVISE) if name.startswith(f"{role}/"))
        return {"duty": next(own_duty, "")}
    if act in (Act.RELEASE, Act.SETTLE):
        return {"release": letting_in(state, role)}
    if act is Act.REDACT:
        return {"events": [head[1] for chain, head in state.heads.items() if chain.startswith(f"{role}/")]}
    return {}
