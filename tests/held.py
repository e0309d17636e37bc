"""
What a side holds back of the other's, as it stands before a human.

It would take a peer that breaks the rules; here the node does itself what it would do then.
"""

from tests.world import World
from tongban.cases.words import Act, Role
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.events import Event
from tongban.procedures import commands


def hold_back(world: World, node: str, role: Role, number: str, kind: Act) -> Event:
    """Let the side on a node withhold the other side's last event of a kind, and what follows it; return that event."""
    with world.on(node):
        named = [event for event in journal.events_of(number) if event.kind == kind][-1]
        withhold = {"chain": named.chain, "seq": named.seq, "hash": named.hash}
        given = {"reason": "not_allowed", "event": named.hash, "withhold": withhold}
        commands.system_act(matter=number, act=Act.PARK, role=role, at=world.at, given=given)
    return named
