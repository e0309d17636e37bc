"""Matters as several nodes write them at random who hear of each other late, all within their bounds: no rule but the format's."""

import random
from collections.abc import Iterator
from typing import Any

from tests.kernel.matters import NODES, Matter, binding, clock, delivery, duty, upto
from tongban.kernel.journal import fold, withholding
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.journal.withholding import is_guard

PHASES = ("filed", "taken", "sent", "accepted")


class Wandering:
    """A matter that grows at random; each chain knows what it has heard of."""

    def __init__(self, chance: random.Random, *, parks: bool = True) -> None:
        self.chance, self.parks = chance, parks
        self.matter = Matter()
        self.matter.found(open=[duty("intake/1.1.0")])
        self.heard: dict[str, dict[str, int]] = {chain: {} for chain in NODES}
        self.heard["intake/1"] = {"intake/1": 1}

    def go_on(self, steps: int) -> Matter:
        """Let some chain do something lawful or not, but within bounds, so many times."""
        for _ in range(steps):
            bound = [f"{b['role']}/{b['term']}" for e in self.matter.written for b in withholding.bound_by(e)]
            chain = self.chance.choice(bound)
            self._hear(chain)
            heads = self.heard[chain]
            seen = upto(self.matter.written, heads)
            view = fold.fold("case", self.matter.subject, seen)
            if view.owner(chain) != NODES[chain]:
                continue
            effects = self.chance.choice(list(self._effects(chain, view, seen)))
            event = self.matter.mint(
                chain, effects, seen={name: seq for name, seq in heads.items() if name != chain}
            )
            assert self.matter.fault(event) is None
            self.matter.written.append(event)
            heads[chain] = event.seq
        return self.matter

    def _hear(self, chain: str) -> None:
        heads = self.heard[chain]
        for event in self.chance.sample(self.matter.written, min(2, len(self.matter.written))):
            if self.chance.random() < 0.4:
                known = {name: head[0] for name, head in event.seen.items()} | {event.chain: event.seq}
                for name, seq in known.items():
                    heads[name] = max(seq, heads.get(name, 0))

    def _effects(self, chain: str, view: State, seen: list[Event]) -> Iterator[dict[str, Any]]:
        role, term = chain.split("/")
        seq = self.heard[chain].get(chain, 0) + 1
        own = [name for name in view.duties if name.startswith(f"{role}/")]
        ours = [name for name, one in view.duties.items() if one["to"] == chain]
        yield {"facts": {self.chance.choice("ab"): len(self.matter.written)}}
        yield {"open": list(self._opened(chain, seq, view, own))}
        if own or ours:
            yield {"close": self.chance.sample(own + ours, 1)}
        if own:
            name = self.chance.choice(own)
            yield {"look": {name: f"P{len(self.matter.written)}"}}
            yield {"claim": {name: self.chance.choice(["", f"P{len(self.matter.written)}"])}}
            yield {"due": {name: {"due": f"2026-04-{seq % 28 + 1:02}", "calendar": "2026.1"}}}
        if view.pen == role and view.term_of(role) == int(term):
            yield from self._moves(chain, seq, view)
        mine = [event.hash for event in seen if event.node == NODES[chain] and event.role == role]
        if mine:
            yield {"redact": {self.chance.choice(mine): chain}}
        if view.term_of(role) == int(term):
            yield from self._successions(chain, view)
        if self.parks:
            yield from self._guards(chain, view, seen)

    def _opened(self, chain: str, seq: int, view: State, own: list[str]) -> Iterator[dict[str, Any]]:
        within = self.chance.sample(PHASES, self.chance.randint(0, 3))
        yield duty(f"{chain}.{seq}.0", within=within, about=self.chance.choice([None, *own]))
        there = [f"{role}/{bound['term']}" for role, bound in view.roles.items()]
        to = self.chance.choice(there)
        if to != chain:
            yield delivery(f"{chain}.{seq}.1", to)

    def _moves(self, chain: str, seq: int, view: State) -> Iterator[dict[str, Any]]:
        phase = [view.phase, self.chance.choice(PHASES)]
        yield {"phase": phase}
        yield {"phase": phase, "pen": self.chance.choice(list(view.roles))}
        yield {"clocks": {"notice": clock(basis=f"{chain} {seq}")}}
        if view.clocks:
            yield {"due": {"notice": {"due": f"2026-05-{seq % 28 + 1:02}", "calendar": "2026.1"}}}
        following = [
            f"{role}/{view.term_of(role) + 1}"
            for role in ("handling", "review")
            if not chain.startswith(role)
        ]
        bound = [binding(name) for name in following if name in NODES]
        if bound:
            one = self.chance.choice(bound)
            yield {"bind": [one], "phase": phase, "pen": one["role"]}

    def _successions(self, chain: str, view: State) -> Iterator[dict[str, Any]]:
        for role in ("handling", "review"):
            bound, heir = view.roles.get(role), NODES.get(f"{role}/{view.term_of(role) + 1}")
            if not chain.startswith(role) and bound and heir and heir not in (bound["node"], NODES[chain]):
                named = {"role": role, "term": bound["term"] + 1, "from": bound["node"], "node": heir}
                yield {"succeed": named, "facts": {"succeeded": role}}

    def _guards(self, chain: str, view: State, seen: list[Event]) -> Iterator[dict[str, Any]]:
        role, term = chain.split("/")
        present = view.term_of(role) == int(term)
        yield {self.chance.choice(["withhold", "release"]): None, "facts": {"parked": "x"}}
        others = [
            event
            for event in seen
            if event.role != role and event is not self.matter.written[0] and not is_guard(event)
        ]
        if others:
            event = self.chance.choice(others)
            named = {"chain": event.chain, "seq": event.seq, "hash": event.hash}
            yield {"withhold": named, "facts": {"parked": event.seq}}
        parks = [
            event
            for event in seen
            if event.role == role
            and event.effects.get("withhold")
            and (event.node == NODES[chain] or (present and event.chain in view.closed))
        ]
        if parks:
            park = self.chance.choice(parks)
            named = park.effects["withhold"]
            last = max(event.seq for event in seen if event.chain == named["chain"])
            struck = self.chance.choice([None, self.chance.randint(named["seq"], last)])
            yield {"release": {"park": park.hash, "struck": struck}, "facts": {"parked": None}}
