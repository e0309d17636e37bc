"""What an actor may do to a matter now: every row of the table, tried without the texts it would carry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel import identity
from tongban.kernel.errors import DomainError, NotFound
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import official_day
from tongban.procedures import commands, deciding, held_papers, practice, recording, register
from tongban.procedures.circumstances import Terms
from tongban.procedures.disposal import GROUNDS
from tongban.procedures.models import Matter
from tongban.procedures.rule import Rule
from tongban.procedures.standard_guards import letting_in
from tongban.procedures.words import Owed, Standard

# What names the duties it is about, and by them its side.
NAMING_DUTIES = frozenset(
    {Standard.LOOK, Standard.CLAIM, Standard.HAND_OVER, Standard.RELIEVE, Standard.SUPERVISE, Standard.PRESS}
)


@dataclass(frozen=True, slots=True)
class Tried:
    """
    What came of trying every row for an actor, in the order of the table.

    `withheld` are the acts of the actor's post and of this phase that only a guard of their row stands against, with what it says.
    """

    possible: list[tuple[str, Rule]]
    withheld: list[tuple[Rule, DomainError]]

    @property
    def acts(self) -> set[str]:
        """Return the acts that are possible, by name."""
        return {act for act, _rule in self.possible}


def possible_acts(matter: Matter, actor: Actor, at: datetime) -> list[tuple[str, Rule]]:
    """
    Return the acts that `actor` may do to `matter` as it stands, in the order of the table.

    The system's own acts are left out, and those that begin a matter. The command asks again.
    """
    return tried(matter, actor, at).possible


def tried(matter: Matter, actor: Actor, at: datetime) -> Tried:
    """Try every row once, for a page that shows both what is possible and what is withheld."""
    found = _each_tried(matter, actor, at)
    possible = [(act, rule) for act, rule, refusal in found if refusal is None]
    able = {act for act, _rule in possible}
    return Tried(
        possible,
        [
            (rule, refusal)
            for act, rule, refusal in found
            if isinstance(refusal, deciding.ActNotAllowed) and refusal.guarded and act not in able
        ],
    )


def _each_tried(matter: Matter, actor: Actor, at: datetime) -> list[tuple[str, Rule, DomainError | None]]:
    """Return every act that people do, each with what stands against it; one that is possible once, and as that."""
    state, node = State.from_dict(matter.state), identity.me()
    procedure = register.find(matter.procedure)
    if procedure is None:
        return []
    try:
        terms = held_papers.terms_of(state)
    except NotFound:
        return []  # the matter waits, parked, for its papers
    found: list[tuple[str, Rule, DomainError | None]] = []
    for act, rule in procedure.present.rules.items():
        if rule.founds or rule.is_of_system:
            continue
        for role in _roles(state, act, actor, node.fingerprint):
            on = commands.occasion(node, state, actor, at, role, terms)
            given: dict[str, Any] = likely(state, act, role, terms, on.by, official_day(at)) | (
                {"staff": on.by.staff} if "staff" in rule.given else {}
            )
            if actor.kind is not ActorKind.STAFF:  # what a row allows besides is for staff to say
                given = {name: of for name, of in given.items() if name not in rule.allows}
            try:
                deciding.demand_lawful(state, act, on, given)
            except DomainError as refusal:
                found.append((act, rule, refusal))
                continue
            found.append((act, rule, None))
            break
    return found


def _roles(state: State, act: str, actor: Actor, node: str) -> list[str]:
    """Return the roles in which the actor may be meant: where several are here, that of the duty that an act will name."""
    try:
        role = recording.acting_role(state, act, actor, node)
    except NotFound:
        return []
    others = [one for one, bound in state.roles.items() if one != role and bound["node"] == node]
    return [role, *others] if act in NAMING_DUTIES else [role]


def _asks(duty: Mapping[str, Any], organisation: str) -> bool:
    return bool(duty["kind"] == Owed.SUPERVISE and duty["holder"]["org"] == organisation)


def own_duties(matter: Matter, actor: Actor) -> list[str]:
    """Return the names of the open duties that the actor's organisation holds: what LOOK and CLAIM name."""
    if actor.kind is not ActorKind.STAFF:
        return []
    duties = matter.state["duties"].items()
    return [name for name, duty in duties if duty["holder"]["org"] == actor.organisation]


def likely(state: State, act: str, role: str, terms: Terms, by: Actor, day: date) -> dict[str, Any]:
    """Return the codes that `act` would carry, as far as a rule looks at them; `by` acts under the pseudonyms of the matter."""
    own = [name for name in state.duties if name.startswith(f"{role}/")]
    claims = {name: state.duties[name]["claimed"] or "" for name in own}
    if act in (Standard.LOOK, Standard.CLAIM):
        held = [name for name in own if state.duties[name]["holder"]["org"] == by.organisation]
        free = [name for name in held if not claims[name]]
        return {"duties": (free or held) if act == Standard.CLAIM else held}
    if act == Standard.HAND_OVER:
        return {"duties": [name for name in own if by.staff and claims[name] == by.staff], "colleague": ""}
    if act == Standard.RELIEVE:
        return {"duties": [name for name in own if claims[name]]}
    if act == Standard.APPRAISE:
        return {"ground": next(iter(GROUNDS))}
    if act == Standard.SUPERVISE:
        asked = next((one for one in own if _asks(state.duties[one], by.organisation)), "")
        about = state.duties[asked]["about"] if asked else ""
        return {"duty": asked, "promise": {"about": about, "until": f"{day}"}}
    if act == Standard.PRESS:
        watched = {duty["about"] for duty in state.duties.values()}
        return {
            "about": next(
                (one for one in own if one not in watched and state.duties[one]["about"] is None), ""
            )
        }
    if act in (Standard.RELEASE, Standard.SETTLE):
        return {"release": letting_in(state, role)}
    if act == Standard.REDACT:
        return {"events": [head[1] for chain, head in state.heads.items() if chain.startswith(f"{role}/")]}
    return practice.of(state.procedure).likely(state, act, role, terms)
