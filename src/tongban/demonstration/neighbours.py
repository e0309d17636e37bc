"""
What a neighbour does that lies, or runs a newer program: `python -m tongban.demonstration.neighbours STEP`, on its home.

For the demonstration alone. It uses the demo node's own true key: a lie under a stranger's key is not worth showing.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tongban.commandline.node import prepare

type Document = dict[str, Any]


def lie(told: Document) -> Document:
    """Send another node three lies about a case, one after the other; answer with what each was refused for."""
    from tongban.exchange.models import Peer
    from tongban.kernel import identity
    from tongban.kernel.journal import writer as journal

    peer = Peer.objects.get(node=told["to"])
    known = journal.events_of(told["case"])
    last = max((event for event in known if event.role == "handling"), key=lambda event: event.seq)
    first = next(event for event in known if event.role == "intake")
    me = identity.fingerprint()
    taken = {"role": "intake", "term": 1, "node": me, "org": "", "office": "", "papers": []}
    lies = {
        "改绑收件地": _after(last, kind="decide", effects={"bind": [taken]}),
        "关闭对方的责任": _after(last, kind="decide", effects={"close": ["intake/1.1.0"]}),
        "以对方名义写记录": _after(first, kind="urge", effects={}, node=first.node),
    }
    return {name: _answer(peer, told["case"], [event]) for name, event in lies.items()}


def fork(told: Document) -> Document:
    """Show another node a second version of this node's last event of a case, as a copy of it might; answer with its hash."""
    from tongban.exchange.models import Peer
    from tongban.kernel.journal import events
    from tongban.kernel.journal import writer as journal
    from tongban.kernel.time import clock

    known = journal.events_of(told["case"])
    last = max((event for event in known if event.role == "handling"), key=lambda event: event.seq)
    twin = _changed(last, at=events.format_time(clock.now()))
    _answer(Peer.objects.get(node=told["to"]), told["case"], [twin])
    return {"hash": twin.hash, "kept": last.hash}


def hear(told: Document) -> Document:
    """Do an act that only a newer rule table knows, with a fact and a duty that only it knows."""
    from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
    from tongban.cases import commands
    from tongban.cases.models import Case
    from tongban.cases.procedure import CASE, VERSION_1
    from tongban.cases.words import Phase, Role
    from tongban.kernel.time import clock
    from tongban.procedures import register
    from tongban.procedures.rule import DAY, Rule

    hearing = Rule(
        title="举行听证", role=Role.HANDLING, start=frozenset({Phase.UNDER_REVIEW}),
        permission=Permission.CASE_DECIDE, basis="行政许可法 第四十六条", facts={"heard_on": DAY},
    )  # fmt: skip
    newer = replace(VERSION_1, version=2, rules={**VERSION_1.rules, "hold_hearing": hearing})
    register.enter(replace(CASE, tables=(VERSION_1, newer)))
    case = Case.objects.get(number=told["case"])
    head = Actor(
        kind=ActorKind.STAFF, channel=Channel.DESK, organisation=case.handling_org, post="decider", staff="NEWER",
        permissions=frozenset(Permission), assurance=3,
    )  # fmt: skip
    done = commands.act(case=case.number, act="hold_hearing", by=head, at=clock.now())  # type: ignore[arg-type]
    return {"version": done.version}


def _changed(event: Any, **changes: Any) -> Any:
    from tongban.kernel.journal import events

    members = {
        name: value
        for name, value in event.document.items()
        if name not in ("format", "suite", "hash", "body", "content")
    }
    return events.mint(**{**members, **changes}, actor=event.actor, given=event.given, content=event.content)


def _after(event: Any, **changes: Any) -> Any:
    return _changed(event, seq=event.seq + 1, prev=event.hash, **changes)


def _answer(peer: Any, case: str, lies: list[Any]) -> str:
    """Send events of a case, signed for by this node whosever they are, and return the code of the answer."""
    from tongban.exchange import wire
    from tongban.exchange.asking import ask
    from tongban.kernel.journal import statements
    from tongban.kernel.journal.fold import State
    from tongban.kernel.time import clock
    from tongban.procedures import forks, holding

    at, state = clock.now(), holding.state_held(case)
    if state is None:
        raise SystemExit(f"no case {case} here")
    heads = {**state.heads, **{event.chain: [event.seq, event.hash, ""] for event in lies}}
    statement = statements.make(State.from_dict({**state.to_dict(), "heads": heads}), at)
    document = ask(
        peer, wire.TRANSFER, at, procedure=state.procedure, subject=case,
        events=[forks.as_sent(event) for event in lies], statements=[statement], seal=None, proof=None, inclusion=[],
        seals=[], epochs=[], keys={}, papers={},
    )  # fmt: skip
    return str(document.get("refused", {}).get("code", ""))


STEPS: dict[str, Callable[[Document], Document]] = {"lie": lie, "fork": fork, "hear": hear}


def main() -> None:
    """Run the step that the command line names."""
    prepare()
    json.dump(STEPS[sys.argv[1]](json.load(sys.stdin)), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
