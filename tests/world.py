"""
Several nodes in one process, each with its own database, keys and vault, and a network that tests command.

`with world.on(node):` makes a node the present one: Django's default connection and settings.NODE are its own.
Messages go straight into the other node's `receive`, unless the test lets the network lose or refuse them.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests import databases
from tongban import known_procedures
from tongban.accounts import demo
from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.agreements import commands as agreement_commands
from tongban.agreements import documents
from tongban.cases.procedure import CASE
from tongban.catalogue import commands as catalogue_commands
from tongban.catalogue import seed
from tongban.configuration import config as node_config
from tongban.exchange import commands as exchange_commands
from tongban.exchange import gateway, receiving, worker
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.time import calendar, calendars
from tongban.letters import demo as letters
from tongban.letters.models import Issuer
from tongban.procedures import register
from tongban.procedures.procedure import Procedure
from tongban.procedures.tables import Table

MONDAY = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
COUNTIES = {"qingyang": "341723", "jiashan": "330421", "third": "500152"}
OPERATOR_POWERS = frozenset(Permission)


@dataclass
class Node:
    """One node: its configuration, its database connection, and actors at its posts."""

    key: str
    config: node_config.NodeConfig
    connection: BaseDatabaseWrapper
    fingerprint: str = ""
    reachable: bool = True
    tables: list[Table] | None = (
        None  # rule tables of cases this node runs, the newest last; None: those of the product
    )
    procedures: tuple[Procedure, ...] = ()  # what this node speaks besides

    @property
    def centre(self) -> str:
        """USCC of its service centre."""
        return self.config.organisation

    def staff(self, post: str, role: str = "service_centre") -> Actor:
        """Return someone at a standard post of the office with a role key."""
        standard = STANDARD_POSTS[post]
        return Actor(
            kind=ActorKind.STAFF, channel=Channel.COUNTER if post == "window" else Channel.DESK,
            organisation=demo.uscc_of(self.key, role), post=post, staff=f"{self.key[:2].upper()}{post[:6].upper()}",
            assurance=3, permissions=frozenset(standard.permissions),
        )  # fmt: skip

    def operator(self) -> Actor:
        """Return the operator at the command line."""
        return Actor(
            kind=ActorKind.STAFF, channel=Channel.SYSTEM, organisation=self.centre, post="operator",
            permissions=OPERATOR_POWERS, assurance=3,
        )  # fmt: skip

    def applicant(self, name: str = "A1", assurance: int = 2) -> Actor:
        """Return an applicant with an account here."""
        return Actor(
            kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=f"{self.key[:2].upper()}{name}",
            assurance=assurance,
        )  # fmt: skip

    def offering(self, template: str) -> str:
        """Return the code of the offering made from a guide template."""
        role = seed.templates()[template]["organisation"]["role"] if isinstance(
            seed.templates()[template].get("organisation"), dict) else seed.templates()[template]["role"]  # fmt: skip
        return seed.offering_code(template, demo.uscc_of(self.key, role))


@dataclass
class Network:
    """What the test lets through. `filter` may raise gateway.Unreachable, or change what arrives."""

    before: Callable[[Node, bytes], bytes] = lambda node, raw: raw
    after: Callable[[Node, bytes], bytes] = lambda node, raw: raw
    sent: int = 0


@dataclass
class World:
    """All nodes, and the time."""

    nodes: dict[str, Node]
    at: datetime = MONDAY
    network: Network = field(default_factory=Network)
    folder: Path | None = None

    def __getitem__(self, key: str) -> Node:
        return self.nodes[key]

    @contextmanager
    def on(self, node: str | Node) -> Iterator[Node]:
        """Be on a node."""
        present = self.nodes[node] if isinstance(node, str) else node
        before = connections["default"], settings.NODE, settings.VAULT_FOLDER
        connections["default"] = present.connection
        settings.NODE, settings.VAULT_FOLDER = present.config, present.config.home / "vault"
        try:
            with _running(present):
                yield present
        finally:
            connections["default"], settings.NODE, settings.VAULT_FOLDER = before

    def post(self, url: str, raw: bytes) -> bytes:
        """Carry a message to the node at `url` and its answer back."""
        node = next((n for n in self.nodes.values() if n.config.url == url), None)
        self.network.sent += 1
        if node is None or not node.reachable:
            raise gateway.Unreachable("down")
        raw = self.network.before(node, raw)
        with self.on(node):
            try:
                answer = receiving.receive(raw, self.at)
            except Exception as error:
                if hasattr(error, "code"):
                    raise gateway.Unreachable(str(error)) from error
                raise
        return self.network.after(node, answer)

    def round(self, *keys: str) -> int:
        """Let each node (or those named) do one round of background work."""
        done = 0
        for key in keys or tuple(self.nodes):
            if self.nodes[key].reachable:
                with self.on(key):
                    done += worker.run_once(self.at)
        return done

    def settle(self, rounds: int = 40) -> None:
        """Let everything arrive: rounds of work until all is quiet."""
        for _ in range(rounds):
            self.at += timedelta(seconds=1)
            if not self.round() and not self._recovering():
                return
        raise AssertionError("the nodes do not come to rest")

    def _recovering(self) -> bool:
        for node in self.nodes.values():
            with self.on(node):
                if identity.me().recovering:
                    return True
        return False

    def watch(self) -> int:
        """Let each node look at its clocks."""
        done = 0
        for node in self.nodes.values():
            if node.reachable:
                with self.on(node):
                    done += worker.watch(self.at)
        return done

    def wait_until(self, day: str, hour: int = 9) -> None:
        """Go to the morning of a day."""
        self.at = datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00")

    def close(self) -> None:
        """Close connections and remove everything."""
        for node in self.nodes.values():
            databases.drop(node.connection)
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def _running(node: Node) -> Iterator[None]:
    """Let the present node speak what it speaks: cases, perhaps by other tables than the product's, and what the test gave it."""
    case = replace(CASE, tables=tuple(node.tables)) if node.tables else CASE
    others = [one for one in known_procedures.PROCEDURES if one.name != CASE.name]
    with register.only([case, *others, *node.procedures]):
        yield


def agree(world: World, a: Node, b: Node, *, powers: Any = None, limits: Any = None, **more: Any) -> None:
    """Let two nodes propose, countersign and import an agreement."""
    parties = {}
    for node in (a, b):
        with world.on(node):
            from tongban.agreements import queries

            parties[node.key] = queries.own_party()
    with world.on(a):
        proposed = agreement_commands.propose(
            by=a.operator(), at=world.at, other=parties[b.key], valid_from=date(2026, 1, 1),
            powers=powers or documents.POWERS, limits=limits or {}, **more,
        )  # fmt: skip
        document = proposed.document
    with world.on(b):
        document = agreement_commands.countersign(by=b.operator(), at=world.at, document=document).document
    with world.on(a):
        agreement_commands.import_signed(document=document)


def _set_up(node: Node, world: World) -> None:
    with world.on(node):
        from tongban.kernel.crypto import keyring  # noqa: F401

        call_command("migrate", verbosity=0, interactive=False)
        node.fingerprint = identity.create(MONDAY - timedelta(days=30))
        for year in calendar.shipped_years():
            calendars.load(calendar_document(year.year))
        county = {
            "division": node.config.division, "node": node.fingerprint, "organisations": demo.offices_of(node.key),
        }  # fmt: skip
        catalogue_commands.load_items(seed.ITEMS_FILE)
        # Its organisations stand in papers only, so they are not asked for.
        Issuer.objects.bulk_create(Issuer(**one) for one in letters.entries(node.key))
        seed.publish(county, at=MONDAY - timedelta(days=20), sign=identity.sign)
        agreement_commands.agree_with_self(MONDAY - timedelta(days=30))


def calendar_document(year: int) -> Any:
    """Return the shipped document of a year."""
    import json

    path = Path(calendar.__file__).parent / "data/calendar" / f"{year}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _introduce(world: World) -> None:
    cards = {}
    for node in world.nodes.values():
        with world.on(node):
            cards[node.key] = exchange_commands.card(world.at)
    for node in world.nodes.values():
        for other in world.nodes.values():
            if other is node:
                continue
            with world.on(node):
                exchange_commands.add(
                    card=cards[other.key], fingerprint=other.fingerprint, by=node.operator(), at=world.at
                )
    every = list(world.nodes.values())
    for index, a in enumerate(every):
        for b in every[index + 1 :]:
            agree(world, a, b)
    gateway.post = world.post
    from tongban.exchange import catalogues

    for node in every:
        with world.on(node):
            for peer in Peer.active():
                catalogues.pull(peer, world.at)


_templates: dict[tuple[str, ...], tuple[Path, World]] = {}


def build(*keys: str) -> World:
    """Return a world of fresh copies of the nodes named; making the originals once a process."""
    keys = keys or ("qingyang", "jiashan")
    if keys not in _templates:
        _templates[keys] = _make(keys)
    source, template = _templates[keys]
    folder = Path(tempfile.mkdtemp(prefix="tongban-world-"))
    nodes = {}
    for key, original in template.nodes.items():
        home = folder / key
        shutil.copytree(source / key, home)
        config = replace(original.config, home=home, keys=home / "keys")
        nodes[key] = Node(key, config, databases.copy(original.connection, home), original.fingerprint)
    world = World(nodes, folder=folder)
    gateway.post = world.post
    return world


def _make(keys: tuple[str, ...]) -> tuple[Path, World]:
    folder = Path(tempfile.mkdtemp(prefix="tongban-template-"))
    nodes = {}
    for key in keys:
        home = folder / key
        home.mkdir()
        nodes[key] = _new(key, key, home)
    world = World(nodes)
    for node in nodes.values():
        _set_up(node, world)
    _introduce(world)
    for node in nodes.values():
        databases.flush(node.connection)
    return folder, world


def _new(key: str, name: str, home: Path) -> Node:
    config = node_config.NodeConfig(
        home=home, name=name, division=COUNTIES[key], organisation=demo.uscc_of(key, "service_centre"),
        url=f"http://{name}.test", database="sqlite:///tongban.sqlite3", keys=home / "keys", demo=True,
    )  # fmt: skip
    return Node(key, config, databases.create(home))


def add_heir(world: World, key: str) -> Node:
    """Add a node `heir` of the same administration as another, with keys of its own and nobody's peer yet."""
    assert world.folder is not None
    home = world.folder / "heir"
    home.mkdir()
    node = world.nodes["heir"] = _new(key, "heir", home)
    _set_up(node, world)
    return node


def dismantle() -> None:
    """Remove the originals at the end of a test process."""
    for folder, template in _templates.values():
        for node in template.nodes.values():
            databases.drop(node.connection)
        shutil.rmtree(folder, ignore_errors=True)
    _templates.clear()
