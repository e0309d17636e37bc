"""
The stage of real nodes: A and B are served as their operators would serve them, each a process on a database of its own;
J has run and speaks now only by its liar, with its real keys and books; E is a node that A's operator added.

What a human of A does is done by the command that the page or the command line runs; nothing of A's is written past it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests import stories
from tests.crash.nodes import free_ports
from tests.patience import PATIENCE
from tests.world import Node, World
from tongban.accounts.access.actor import SYSTEM
from tongban.agreements import queries as agreements
from tongban.cases.models import Case
from tongban.cases.procedure import CASE
from tongban.cases.words import Act
from tongban.catalogue import queries as catalogue
from tongban.configuration import config as node_config
from tongban.exchange import commands as exchange
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.crypto import canon
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import seals, statements
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Content, EpochRecord, Event, Fork, NodeKey, Outstanding, Seal, Statement
from tongban.procedures.dossier import exporting, verifier

from .liar import Keys, Liar, Matter, Neighbour, Server
from .liar_crypto import Tree, plain

Document = dict[str, Any]

A, J, B = "qingyang", "jiashan", "third"
POLL = 0.05
COURSE = ("forward", "acknowledge", "accept", "decide", "deliver")  # the steps of a matter with the bystander


@dataclass
class Served:
    """A node as a process group of its own, with a log."""

    node: Node
    url: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ, "TONGBAN_HOME": str(self.node.config.home), "DJANGO_SETTINGS_MODULE": "tongban.assembly.settings",
        }  # fmt: skip

    def run(self, *arguments: str) -> int:
        """Run the operator's command on the node and return its exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "tongban.cli", *arguments], env=self.environment, capture_output=True, check=False
        )  # fmt: skip
        return done.returncode

    def is_ready(self) -> bool:
        """Whether it answers /readyz."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=PATIENCE).status_code == 200
        return False

    def memory(self) -> int:
        """Return the resident bytes of all its processes."""
        pages = 0
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                with suppress(OSError, IndexError, ValueError):
                    after = (folder / "stat").read_text().rpartition(")")[2].split()
                    if int(after[3]) == self.process.pid:  # its session
                        pages += int((folder / "statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()


@dataclass
class Stage:
    """A `Scene` of real nodes; see `staged`."""

    world: World
    shift: timedelta
    served: dict[str, Served]
    victim: Neighbour
    bystander: Neighbour
    party: Liar
    stranger: Liar
    party_server: Server
    ready: dict[str, list[str]] = field(default_factory=dict)  # phase -> matters that nobody has had
    shared: dict[str, Matter] = field(default_factory=dict)
    course: list[tuple[str, int]] = field(
        default_factory=list
    )  # matters with the bystander, and how many steps are done
    touched: set[str] = field(default_factory=set)

    # --- time and matters

    def now(self) -> datetime:
        self.world.at = datetime.now(UTC) + self.shift
        return self.world.at

    @contextmanager
    def on(self, key: str = A) -> Iterator[Node]:
        self.now()
        with self.world.on(key) as node:
            yield node

    def matter(self, phase: str, *, fresh: bool = False) -> Matter:
        if fresh:
            return self._matter(self._number(phase))
        if phase not in self.shared:
            self.shared[phase] = self._matter(self._number(phase))
        return self.shared[phase]

    def retire(self, subject: str) -> None:
        self.touched.add(subject)
        self.shared = {phase: one for phase, one in self.shared.items() if one.subject != subject}

    def _number(self, phase: str) -> str:
        if self.ready.get(phase):
            return self.ready[phase].pop()
        assert phase == "pushed", f"no matter is left of phase {phase}"
        self.now()
        return pushed(self.world)

    def _matter(self, number: str) -> Matter:
        with self.on():
            return matter_of(number)

    def state(self, subject: str) -> Document:
        with self.on():
            row = Case.objects.filter(number=subject).first()
            return {} if row is None else dict(row.state)

    def parked(self, subject: str) -> dict[str, str]:
        with self.on() as node:
            events = journal.events_of(subject)
            released = {one.effects["release"]["park"] for one in events if one.effects.get("release")}
            return {
                one.given["event"]: one.given["reason"]
                for one in events
                if one.node == node.fingerprint and one.kind == "park" and one.hash not in released
            }

    def pieces(self, subject: str) -> list[Document]:
        with self.on():
            return pieces_of(subject)

    def statements(self, subject: str) -> list[Document]:
        with self.on():
            return statements.kept(subject)

    def contested(self, subject: str) -> bool:
        with self.on():
            standing = self.state(subject)["withheld"].values()
            forked = Fork.objects.filter(subject=subject).exists()
        return forked or any(last is None for _, _, last, _ in standing) or bool(self.parked(subject))

    def witness(self) -> tuple[Liar, Matter]:
        if not self.course:
            assert self.bystander_moves(PATIENCE)
        node = self.world[B]
        keys = Keys.loaded(node.config.keys, self.bystander.records)
        voice = Liar(
            keys, self.party.clock, self.victim, name="B", division=node.config.division, org=node.centre
        )
        return voice, self._matter(self.course[0][0])

    # --- what is there

    def forks(self) -> int:
        with self.on():
            return Fork.objects.count()

    def counts(self) -> dict[str, int]:
        """Count what was taken from others, save what the liars' server was asked for and the bystander's."""
        honest = {self.victim.node, self.bystander.node}
        with self.on():
            from tongban.agreements.models import Agreement
            from tongban.catalogue.models import Guide

            return {
                "events": Event.objects.exclude(node__in=honest).count(),
                "statements": Statement.objects.exclude(signer__in=honest).exclude(hash__in=tuple(self.party.receipts)).count(),
                "seals": Seal.objects.exclude(node__in=honest).count(),
                "keys": NodeKey.objects.count(),
                "epochs": EpochRecord.objects.count(),
                "forks": Fork.objects.count(),
                "papers": Guide.objects.count() + Agreement.objects.count(),
                "matters": Case.objects.exclude(intake_node__in=honest).count(),
                "content": Content.objects.exclude(source__in=("", *honest)).count(),
            }  # fmt: skip

    def signed_for(self, subject: str, node: str) -> Document:
        with self.on():
            row = Outstanding.objects.filter(subject=subject, node=node).first()
            return dict(row.acknowledged) if row else {}

    def put_off(self, subject: str) -> bool:
        with self.on():
            return Outstanding.objects.filter(subject=subject, node=self.party.node, attempts__gt=0).exists()

    def known_keys(self, node: str) -> int:
        with self.on():
            return NodeKey.objects.filter(node=node).count()

    def content_held(self, subject: str, digest: str) -> bool:
        with self.on():
            return Content.objects.filter(subject=subject, digest=digest, complete=True).exists()

    # --- what humans do

    def peer_state(self, node: str) -> str:
        with self.on():
            return str(Peer.objects.values_list("state", flat=True).get(node=node))

    def reinstate(self, node: str) -> None:
        with self.on() as here:
            exchange.resume(node=node, by=here.operator(), at=self.world.at)

    def pause(self, node: str) -> None:
        with self.on() as here:
            exchange.pause(node=node, by=here.operator(), at=self.world.at)

    def nudge(self, subject: str) -> None:
        """The window urges the other side; the operator has J tried at once, whatever went before."""
        self.reinstate(self.party.node)
        stories.do(self.world, A, subject, Act.URGE, self.world[A].staff("window"))

    # --- the bystander

    def bystander_moves(self, seconds: float) -> bool:
        if not self.course or self.course[-1][1] == len(COURSE):
            self.now()
            self.course.append((prepared(self.world, B), 0))
        number, done = self.course[-1]
        self.now()
        _STEPS[COURSE[done]](self.world, number)
        self.course[-1] = (number, done + 1)
        return self.comes_to_rest(number, seconds)

    def ends_the_course(self) -> list[str]:
        """Bring the last matter with the bystander to its end; return those that were delivered on both sides."""
        while self.course and self.course[-1][1] < len(COURSE):
            assert self.bystander_moves(PATIENCE)
        numbers = [number for number, _ in self.course]
        return [
            number for number in numbers
            if all(self._state_on(key, number).get("phase") == "delivered" for key in (A, B))
        ]  # fmt: skip

    def comes_to_rest(self, number: str, seconds: float) -> bool:
        """Whether all that A and the bystander have of a matter has arrived on the other side in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._rests(number):
                return True
            time.sleep(POLL)
        return False

    def _rests(self, number: str) -> bool:
        one, other = self._state_on(A, number), self._state_on(B, number)
        if not one or one != other or any(duty["to"] for duty in one["duties"].values()):
            return False
        lacking = 0
        for key in (A, B):
            with self.on(key):
                lacking += Outstanding.objects.filter(subject=number, lacking=True).count()
        return lacking == 0

    def _state_on(self, key: str, number: str) -> Document:
        with self.on(key):
            row = Case.objects.filter(number=number).first()
            return {} if row is None else dict(row.state)

    # --- afterwards

    def subjects(self) -> list[str]:
        with self.on():
            return list(Case.objects.order_by("number").values_list("number", flat=True))

    def audit(self, key: str = A) -> int:
        return self.served[key].run("journal", "verify")

    def dossier(self, subject: str) -> int:
        return self.verdict(subject).code

    def verdict(self, subject: str) -> verifier.Verdict:
        with self.on():
            data = exporting.export(subject, by=SYSTEM, at=self.world.at)
        roots = {self.victim.node, self.bystander.node, self.party.node, self.stranger.node}
        return verifier.verify(data, roots)

    def log(self) -> str:
        return self.served[A].log.read_text(encoding="utf-8", errors="replace")

    def log_bytes(self) -> int:
        return self.served[A].log.stat().st_size

    def memory_bytes(self) -> int:
        return self.served[A].memory()

    def is_ready(self) -> bool:
        return self.served[A].is_ready()


# --- building it


@contextmanager
def staged(world: World, *, accepted: int, done: int) -> Iterator[Stage]:
    """Give the stage; `world` is of A, J and B, of which none is served yet. `accepted`, `done`: how many matters of each."""
    ready = history(world, accepted, done)
    world[J].reachable = False
    world.at += timedelta(minutes=1)
    shift = world.at - datetime.now(UTC)
    assert world.folder is not None
    (world.folder / "clock").write_text(f"{shift.total_seconds()}\n", encoding="ascii")
    ports = dict(zip((A, B), free_ports(2), strict=True))
    urls = {key: f"http://127.0.0.1:{port}" for key, port in ports.items()}
    clock = lambda: datetime.now(UTC) + shift  # noqa: E731 - the one clock of all
    victim, bystander = (
        Neighbour(world[key].fingerprint, urls[key], _records(world, key), world[key].config.division, world[key].centre)
        for key in (A, B)
    )  # fmt: skip
    party = _party(world, clock, victim)
    stranger = Liar(Keys.made(clock() - timedelta(days=9)), clock, victim, name="E", org="12411025DEM04000XX")
    with party.serve() as party_server, stranger.serve() as stranger_server:
        for key in (A, B):
            _configure(world[key], urls[key])
        for here, card, who in (
            (A, stranger.card(stranger_server.url), stranger.node), (A, party.card(party_server.url), party.node),
            (A, _card(world, B), bystander.node), (B, _card(world, A), victim.node),
        ):  # fmt: skip
            _introduce(world, here, card, who)
        served: dict[str, Served] = {}
        try:
            for key in (A, B):
                served[key] = _serve(world[key])
            _wait(lambda: all(one.is_ready() for one in served.values()), "the nodes do not answer")
            stage = Stage(world, shift, served, victim, bystander, party, stranger, party_server, ready)
            _acquaint(stage)
            yield stage
        finally:
            for one in served.values():
                one.end()


def history(world: World, accepted: int, done: int) -> dict[str, list[str]]:
    """Let A and J live: matters that J accepted, and such as came to their end."""
    numbers = [pushed(world) for _ in range(accepted + done)]
    _settle(world)
    for number in numbers:
        officer = stories.officer(world, number)
        stories.do(world, J, number, Act.ACKNOWLEDGE, officer)
        stories.do(world, J, number, Act.ACCEPT, officer)
    _settle(world)
    for number in numbers[accepted:]:
        _decide(world, number, J)
    _settle(world)
    for number in numbers[accepted:]:
        _hand_out(world, number)
    _settle(world)
    return {"accepted": numbers[:accepted], "done": numbers[accepted:]}


def _settle(world: World) -> None:
    """Let everything arrive; what PostgreSQL does for itself can keep a seal waiting, and with it all that is to be sent."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        world.settle()
        if not any(_waits(world, key) for key in world.nodes):
            return
        time.sleep(POLL)
    raise AssertionError("the nodes do not come to rest")


def _waits(world: World, key: str) -> bool:
    with world.on(key):
        return (
            Event.objects.filter(own=True, leaf=None).exists()
            or Outstanding.objects.filter(lacking=True).exists()
        )


def pushed(world: World, to: str = J) -> str:
    """Let A's window file a matter and push it; nobody else knows of it yet."""
    number = prepared(world, to)
    stories.do(world, A, number, Act.FORWARD, world[A].staff("window"))
    return number


def prepared(world: World, to: str) -> str:
    """Let A's window file a matter for `to`, ready to be pushed."""
    return stories.reviewed(world, intake=A, handling=to)


def _decide(world: World, number: str, handling: str) -> None:
    stories.review_all(world, number, handling)
    head = stories.officer(world, number, handling, "decider")
    stories.do(
        world, handling, number, Act.DECIDE, head, given={"outcome": "granted"}, texts={"decision": "准予"}
    )
    stories.do(world, handling, number, Act.CONCLUDE, head)
    stories.do(
        world, handling, number, Act.SEND_RESULT, head, given={"way": "electronic"}, texts={"result": "结果"}
    )


def _hand_out(world: World, number: str) -> None:
    clerk = world[A].staff("window")
    stories.do(world, A, number, Act.HAND_OUT, clerk, given={"way": "window"})
    stories.do(world, A, number, Act.CONFIRM_DELIVERY, clerk)


def _by_officer(act: Act) -> Any:
    return lambda world, number: stories.do(world, B, number, act, stories.officer(world, number, B))


_STEPS: dict[str, Any] = {
    "forward": lambda world, number: stories.do(world, A, number, Act.FORWARD, world[A].staff("window")),
    "acknowledge": _by_officer(Act.ACKNOWLEDGE),
    "accept": _by_officer(Act.ACCEPT),
    "decide": lambda world, number: _decide(world, number, B),
    "deliver": _hand_out,
}


def matter_of(number: str) -> Matter:
    """Return a matter as the present node holds it."""
    matter = Matter("case", number, pieces=pieces_of(number), statements=statements.kept(number))
    nodes = {one["node"] for one in matter.events}
    nodes |= {bound["node"] for one in matter.events for bound in one["effects"].get("bind", ())}
    matter.keys = {node: identity.chain_of(node).documents() for node in sorted(nodes)}
    matter.tables = {CASE.present.digest: CASE.present.document}
    for one in matter.events:
        for bound in one["effects"].get("bind", ()):
            for paper in bound["papers"]:
                matter.papers[paper["digest"]] = _paper(paper["digest"])
    return matter


def pieces_of(number: str) -> list[Document]:
    return [
        {"event": dict(one.document), "body": None if one.body is None else dict(one.body)}
        for one in journal.events_of(number)
    ]


def _paper(name: str) -> Document:
    try:
        return dict(catalogue.guide_by_digest(name).signed)
    except NotFound:
        return dict(agreements.agreement_by_digest(name).document)


def _records(world: World, key: str) -> list[Document]:
    with world.on(key):
        return [dict(one) for one in identity.chain_of(world[key].fingerprint).documents()]


def _party(world: World, clock: Any, victim: Neighbour) -> Liar:
    """Return J's liar, with J's keys and books."""
    node = world[J]
    with world.on(J):
        leaves = (
            Event.objects.filter(own=True, leaf__isnull=False).order_by("leaf").values_list("hash", flat=True)
        )
        tree = Tree([plain(hash_) for hash_ in leaves])
        last = seals.latest(node.fingerprint)
    assert last is not None
    assert last["size"] == len(tree)
    keys = Keys.loaded(node.config.keys, _records(world, J))
    return Liar(
        keys, clock, victim, division=node.config.division, org=node.centre, tree=tree, seals=[dict(last)]
    )


def _introduce(world: World, here: str, card: bytes, fingerprint: str) -> None:
    """Let an operator add a node, or one that has moved, after comparing fingerprints."""
    with world.on(here) as node:
        exchange.add(card=exchange.read_card(card), fingerprint=fingerprint, by=node.operator(), at=world.at)


def _card(world: World, key: str) -> bytes:
    with world.on(key):
        return canon.encode(exchange.card(world.at))


def _configure(node: Node, url: str) -> None:
    """Write the node's configuration as `init` would."""
    database = "sqlite:///tongban.sqlite3"
    if node.connection.vendor == "postgresql":
        of = node.connection.settings_dict
        database = f"postgresql://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"
    config = replace(node.config, url=url, database=database)
    (config.home / node_config.CONFIG_NAME).write_text(
        node_config.render(config, keys_folder=str(config.keys)), encoding="utf-8"
    )
    node.config = config


def _serve(node: Node) -> Served:
    """Serve it as its operator does."""
    config = node.config
    log = config.home.parent / f"{node.key}.log"
    few = [] if node.connection.vendor == "sqlite" else ["--workers", "1"]
    environment = {
        **os.environ, "TONGBAN_HOME": str(config.home), "DJANGO_SETTINGS_MODULE": "tongban.assembly.settings",
    }  # fmt: skip
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tongban.cli", "serve", *few], env=environment, stdout=out, stderr=out,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    return Served(node, config.url, log, process)


def _acquaint(stage: Stage) -> None:
    """Let the liars find out which of their seals A holds."""
    for liar in (stage.party, stage.stranger):
        liar.learn(stage.matter("done"))


def _wait(holds: Any, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(POLL)
