"""
Anybody does anything at any time while the network loses, doubles, delays and cuts off: once all is quiet,
every node tells the same story.

Each example is one seed. The suite runs the same few every time; TONGBAN_EXAMPLES asks for that many new ones.
"""

import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st

from tests import stories
from tests import world as worlds
from tests.cases.courses import starts
from tests.journeys.checks import consistent
from tests.world import Node, World
from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.cases import commands, papers
from tongban.cases.models import Case
from tongban.cases.procedure import RULES
from tongban.cases.terms import GUIDE
from tongban.cases.words import Act, Duty, Mode, Role
from tongban.catalogue import queries as catalogue
from tongban.exchange import gateway, receiving
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import pseudonyms
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import official_day
from tongban.procedures import papers_named

pytestmark = pytest.mark.prove("worlds made up at random")

EXAMPLES = int(os.environ.get("TONGBAN_EXAMPLES", "0"))
MOVES = 90
# (where it is filed, who decides, guide template); on one node too
ERRANDS = (
    ("qingyang", "jiashan", stories.PROXY), ("jiashan", "qingyang", stories.LICENSING),
    ("qingyang", "qingyang", stories.PROXY), ("qingyang", "jiashan", stories.LICENSING),
)  # fmt: skip
# What ends a course, or only annotates it, comes seldom, so that courses become long.
SELDOM = {Act.WITHDRAW, Act.RETURN, Act.VOID, Act.GRANT_WITHDRAWAL, Act.REFUSE, Act.LOOK, Act.CLAIM}
# What the system does by itself, and a human only where a fault was found.
BY_ITSELF = {
    Act.FILE,
    Act.PARK,
    Act.SET_DUE,
    Act.ARRIVE,
    Act.ESCALATE,
    Act.DEEM_ACCEPTED,
    Act.CONFIRM_DESTRUCTION,
    Act.DROP,
    Act.TAKE_ANSWER,
    Act.NOT_REACHED,
    Act.NOTE_KEPT,
}


class Town:
    """A world, and somebody who throws dice in it."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance
        self.old: list[tuple[Node, bytes]] = []
        world.network.before, world.network.after = self.on_the_way, self.on_the_way_back
        self.numbers = [self.errand() for _ in range(2)]

    def errand(self) -> str:
        """Somebody files."""
        intake, handling, template = self.chance.choice(ERRANDS)
        if self.chance.random() < 0.4:
            return stories.filed(self.world, intake=intake, handling=handling, template=template)
        applicant = self.world[intake].applicant(assurance=3)
        number = stories.draft(self.world, intake, handling, template, applicant)
        with self.world.on(intake):
            commands.file(number=number, mode=Mode.FULLY_ONLINE, by=applicant, at=self.world.at)
        return number

    def on_the_way(self, node: Node, raw: bytes) -> bytes:
        """Lose a message, deliver it twice, or an old one once more."""
        self.old.append((node, raw))
        if self.chance.random() < 0.2:
            raise gateway.Unreachable("lost")
        if self.chance.random() < 0.2:
            self.deliver(node, raw)
        if self.chance.random() < 0.2:
            self.deliver(*self.chance.choice(self.old))
        return raw

    def on_the_way_back(self, node: Node, answer: bytes) -> bytes:
        """Lose an answer: the other node has it, and nobody knows."""
        if self.chance.random() < 0.2:
            raise gateway.Unreachable("the answer was lost")
        return answer

    def deliver(self, node: Node, raw: bytes) -> None:
        """Hand a message over."""
        if node.reachable:
            with self.world.on(node):
                receiving.receive(raw, self.world.at)

    def move(self) -> None:
        """Do one thing at random."""
        moves: list[Callable[[], object]] = [self.act] * 12 + [self.round] * 6 + [self.pass_time] * 2
        moves += [self.cut_off, self.world.watch]
        self.chance.choice(moves)()

    def act(self) -> None:
        """Let somebody at some node try a lawful-looking act on some case."""
        key, number = self.chance.choice(list(self.world.nodes)), self.chance.choice(self.numbers)
        with self.world.on(key):
            row = Case.objects.filter(number=number).first()
            if row is None:
                return
            state = State.from_dict(row.state)
            acts = [act for act in Act if act not in BY_ITSELF and row.phase in starts(RULES[act])]
            acts = [act for act in acts if act not in SELDOM or self.chance.random() < 0.1]
            for act in self.chance.sample(acts, min(len(acts), 5)):
                if self.tried(state, act):
                    return

    def tried(self, state: State, act: Act) -> bool:
        """Return whether the act was done."""
        role = RULES[act].role or self.chance.choice(list(state.roles))
        bound = state.roles.get(role)
        if bound is None:
            return False
        by = self.somebody(state, bound, act)
        rule = RULES[act]
        texts = dict.fromkeys([*rule.content, *(["remark"] if rule.brings else [])], "文字")
        try:
            given = self.codes(state, act, bound)
            commands.act(case=state.subject, act=act, by=by, at=self.world.at, given=given, texts=texts)
        except DomainError:
            return False
        return True

    def somebody(self, state: State, bound: dict[str, Any], act: Act) -> Actor:
        """Return the applicant, or someone at a post who may do all."""
        if RULES[act].applicant and state.fact(Role.INTAKE, "applicant") and self.chance.random() < 0.5:
            name = pseudonyms.person(state.subject, state.fact(Role.INTAKE, "applicant"))
            return Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=name, assurance=3)
        return Actor(
            kind=ActorKind.STAFF, channel=Channel.DESK, organisation=bound["org"], post="any", staff="S1",
            assurance=3, permissions=frozenset(Permission),
        )  # fmt: skip

    def codes(self, state: State, act: Act, bound: dict[str, Any]) -> dict[str, Any]:
        """Return codes that an act must carry."""
        duties = [name for name, duty in state.duties.items() if duty["holder"]["org"] == bound["org"]]
        watches = [name for name in duties if state.duties[name]["kind"] == Duty.SUPERVISE]
        chance = self.chance
        match act:
            case Act.REVIEW:
                guide = catalogue.guide_by_digest(papers_named.one(bound["papers"], GUIDE)["digest"]).body
                return {"step": chance.choice(guide["review_steps"])["code"]}
            case Act.DECIDE:
                return {"outcome": chance.choice(["granted", "denied"])}
            case Act.CONFIRM_DELIVERY:
                return {"service": "direct", "served_on": official_day(self.world.at).isoformat()}
            case Act.LOOK | Act.CLAIM:
                return {"duties": chance.sample(duties, min(1, len(duties)))}
            case Act.HAND_OVER | Act.RELIEVE:
                claimed = [name for name, duty in state.duties.items() if duty["claimed"]]
                return {"duties": claimed[:1], **({"colleague": ""} if act == Act.HAND_OVER else {})}
            case Act.SUPERVISE:
                watch = chance.choice(watches or [""])
                about = state.duties[watch]["about"] if watch else ""
                return {"duty": watch, "promise": {"about": about, "until": f"{official_day(self.world.at)}"}}
            case Act.FORWARD if Role.HANDLING in state.roles:
                return self.next_authority(state)
        simple = {
            Act.CHECK_IDENTITY: {"method": "id_card"}, Act.SUSPEND: {"procedure": "听证"}, Act.SEND_RESULT: {"way": "post"},
            Act.HAND_OUT: {"way": "window"}, Act.APPRAISE: {"ground": "expired"},
        }  # fmt: skip
        return simple.get(act, {})

    def next_authority(self, state: State) -> dict[str, Any]:
        """Bind the same office of some other county, as `redirect_to` does."""
        keys = [
            key
            for key, node in self.world.nodes.items()
            if node.fingerprint != state.roles["handling"]["node"]
        ]
        template = (
            stories.PROXY
            if state.fact(Role.INTAKE, "item")
            in papers_named.one(state.roles["handling"]["papers"], GUIDE)["id"]
            else stories.LICENSING
        )
        code = self.world[self.chance.choice(keys)].offering(template)
        goal = papers.target(code, official_day(self.world.at))
        return commands.bound_to(goal, state.roles[Role.HANDLING]["term"] + 1)

    def round(self) -> None:
        """Let some node work."""
        self.world.round(self.chance.choice(list(self.world.nodes)))

    def pass_time(self) -> None:
        """Let minutes, hours or days go by."""
        self.world.at += self.chance.choice(
            [timedelta(minutes=5), timedelta(hours=9), timedelta(days=2), timedelta(days=8)]
        )

    def cut_off(self) -> None:
        """A node goes away, or comes back."""
        node = self.world[self.chance.choice(list(self.world.nodes))]
        node.reachable = not node.reachable

    def calm_down(self) -> None:
        """Let everything be reachable and all news arrive; nothing else happens."""
        self.world.network.before = self.world.network.after = lambda node, raw: raw
        for node in self.world.nodes.values():
            node.reachable = True
        for _ in range(3):
            self.world.at += timedelta(minutes=10)
            self.world.settle(rounds=80)


def tell_the_same_story(world: World, numbers: list[str]) -> None:
    """Check that whoever is in charge of a case knows the same of it, and that nothing was held to be unlawful."""
    nodes = {node.fingerprint: key for key, node in world.nodes.items()}
    for number in numbers:
        held = {key: row for key in world.nodes if (row := row_of(world, key, number)) is not None}
        intake = next(row for key, row in held.items() if row.intake_node == world[key].fingerprint)
        for binding in intake.state["roles"].values():
            other = held[nodes[binding["node"]]]
            assert other.state == intake.state, f"{number} differs"
        parked = {role: said["parked"] for role, said in intake.state["facts"].items() if said.get("parked")}
        assert not parked, f"{number}: {parked}"
        waiting = [name for name, duty in intake.state["duties"].items() if duty["kind"] == Duty.DELIVER]
        assert not [w for w in waiting if intake.state["duties"][w]["to"].split("/")[0] in intake.state["roles"]
                    and is_current(intake.state, intake.state["duties"][w]["to"])], f"{number} {waiting}"  # fmt: skip


def is_current(state: dict[str, Any], chain: str) -> bool:
    """Whether a chain is that of the role's present term."""
    role, term = chain.split("/")
    return bool(state["roles"][role]["term"] == int(term))


def row_of(world: World, key: str, number: str) -> Case | None:
    """Return a case as a node holds it, if it does."""
    with world.on(key):
        return Case.objects.filter(number=number).first()


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.parametrize(
    "keys", [("qingyang", "jiashan"), ("qingyang", "jiashan", "third")], ids=["two", "three"]
)
@settings(
    max_examples=EXAMPLES or 4, derandomize=not EXAMPLES, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck), database=None,
)  # fmt: skip
@example(seed=3413)
@given(seed=st.integers(0, 2**32))
def test_all_nodes_tell_the_same_story_once_all_is_quiet(
    django_db_blocker: Any, keys: tuple[str, ...], seed: int
) -> None:
    note(f"seed {seed}")
    with django_db_blocker.unblock():
        world = worlds.build(*keys)
        try:
            town = Town(world, random.Random(seed))
            for _ in range(MOVES):
                world.at += timedelta(seconds=1)
                town.move()
            town.calm_down()
            tell_the_same_story(world, town.numbers)
            consistent(world)
        finally:
            world.close()
