"""Walking through everything there is to get at a node, as every role that may, and counting what it reads."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from tests.api.front import Caller
from tests.history import addresses, scenes
from tests.history.addresses import Address, Arguments
from tests.history.counting import Reads, counted
from tests.history.scenes import NODE, Scene
from tongban.kernel.models import Access

OPENED = (200, 204, 304)


@dataclass
class Walk:
    """What was got as each role, and how much each of it read."""

    reads: dict[tuple[str, Address], Reads] = field(default_factory=dict)
    filtered: set[Address] = field(default_factory=set)

    def routes(self) -> set[str]:
        return {address.route for _, address in self.reads}

    def is_new(self, address: Address) -> bool:
        """Return whether nobody has filtered and paged there: that is alike for all roles, what they see is not."""
        known = address in self.filtered
        self.filtered.add(address)
        return not known


@dataclass
class Walker:
    """Somebody in a role who gets one thing after another."""

    scene: Scene
    role: str
    caller: Caller
    walk: Walk

    def get(self, address: Address) -> Any:
        """Get something, counting what it reads; what does not open is not counted."""
        world = self.scene.world
        with world.on(NODE), counted(world[NODE].connection) as reads:
            headers = {**self.caller.headers, **dict(address.headers)}
            if address.sent:
                token = self.caller.client.cookies[settings.CSRF_COOKIE_NAME].value
                headers |= {"X-CSRFToken": token, "referer": "http://testserver/"}
            answer = getattr(self.caller.client, "post" if address.sent else "get")(
                address.path, dict(address.sent), headers=headers, REMOTE_ADDR=self.caller.address
            )
            answer.taken = answer.getvalue() if answer.streaming else answer.content
        assert answer.status_code < 500, (self.role, str(address), answer.taken[:300])
        if answer.status_code in OPENED:
            self.walk.reads[self.role, address] = reads
        return answer

    def discover(
        self, offered: Iterable[tuple[str, str, str]], arguments: Arguments
    ) -> Iterator[tuple[Address, Any]]:
        """Yield of each route, and each kind of matter there, the first that opens, with its answer."""
        found: set[tuple[str, str]] = set()
        for route, kind, path in offered:
            if (route, kind) in found:
                continue
            address = Address(route, path)
            answer = self.get(address)
            if answer.status_code in OPENED:
                found.add((route, kind))
                if "text/html" in answer.headers["Content-Type"] or "json" in answer.headers["Content-Type"]:
                    arguments.see(path, answer.taken.decode())
                yield address, answer


def discover(scene: Scene) -> Walk:
    """Walk for the first time: look what opens, and what it leads to within itself."""
    walk = Walk()
    for walker in walkers(scene, walk):
        arguments = Arguments(scene)
        if walker.role != scenes.MACHINE:
            for address, answer in walker.discover(addresses.pages(walker.role, arguments), arguments):
                # What is found differs from role to role.
                for search in addresses.searches(address, arguments):
                    for following in addresses.next_found(search, walker.get(search).taken.decode()):
                        walker.get(following)
                if "text/html" in answer.headers["Content-Type"] and walk.is_new(address):
                    for more in addresses.more_of_page(address, answer.taken.decode(), arguments):
                        walker.get(more)
        for address, answer in walker.discover(addresses.readings(arguments), arguments):
            if "json" in answer.headers["Content-Type"] and walk.is_new(address):
                for more in addresses.more_of_reading(address, json.loads(answer.taken), arguments):
                    walker.get(more)
    return walk


def again(scene: Scene, first: Walk) -> Walk:
    """Walk the same way once more."""
    walk = Walk()
    for walker in walkers(scene, walk):
        for role, address in first.reads:
            if role == walker.role:
                walker.get(address)
    return walk


def walkers(scene: Scene, walk: Walk) -> Iterator[Walker]:
    """Yield somebody in each role; what is written down of their looks is forgotten, or the walk would be history itself."""
    with scene.world.on(NODE):
        newest = Access.objects.latest("pk").pk
    for place, role in enumerate(scenes.roles()):
        caller = scenes.caller(scene.world, role)
        caller.address = f"10.3.0.{place + 1}"
        yield Walker(scene, role, caller, walk)
        with scene.world.on(NODE):
            Access.objects.filter(pk__gt=newest).delete()
