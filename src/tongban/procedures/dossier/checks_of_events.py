"""Checks of a dossier's events: bytes, chains, bounds, the story they tell, and whether it was lawful. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tongban.kernel.journal import bounds, events, fold, withholding
from tongban.kernel.journal.bounds import Known
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.procedures import judging
from tongban.procedures.dossier.checks_of_papers import terms_of
from tongban.procedures.dossier.dossierfile import DossierFile
from tongban.procedures.dossier.findings import Finding, at_event
from tongban.procedures.judging import OFFICIAL

VERDICTS = {
    "unknown_kind": "规则表中没有这种行为。",
    "newer_rules": "依据本程序没有的规则表写成，请用新版程序查验。",
    "unknown_terms": "所依据的文件不在案卷中。",
    "wrong_role": "这种行为不属于写它的一方。",
    "wrong_actor": "所记的行为人不能作出这一行为。",
    "wrong_given": "所带的内容不是这种行为该有的。",
    "wrong_papers": "所依据的文件与双方、事项或日期不符。",
    "not_allowed": "当时的情形不允许这一行为。",
    "other_effects": "记录的效果与规则所定不符。",
    "time_backwards": "时间早于同链的前一条。",
    "before_what_it_saw": "时间早于它所见的记录。",
    "at_in_future": "时间晚于收到它的时刻。",
    "epoch_fell": "纪元小于同链的前一条。",
    "seen_went_back": "所见的比同链的前一条还少。",
    "saw_other_history": "所见的前文与案卷中的不同。",
    "own_succession": "对方称由另一节点接替本节点。",
    "redacted_unseen": "附文已删除，又没有对方签收过。",
    "fork": "同一位置另有一条记录（分叉）。",
}


def chains(file: DossierFile) -> list[Finding]:
    """Check every event's shape, bytes and hash, its body, and that each chain runs from its beginning without a gap."""
    heads: dict[str, tuple[int, str]] = {}
    bodies, used = file.document["bodies"], set()
    for place, document in enumerate(file.document["events"], start=1):
        body = bodies.get(document.get("body")) if isinstance(document, dict) else None
        try:
            event = events.from_documents(document, body)
        except events.MalformedEvent as error:
            return [Finding(_name(document, place), f"不是有效的事件（{error}）。")]
        if (event.procedure, event.subject) != (file.procedure, file.subject):
            return [at_event(event, f"属于另一事项 {event.subject}。")]
        genesis = events.genesis(file.procedure, file.subject, event.role, event.term)
        seq, head = heads.get(event.chain, (0, genesis))
        if event.seq != seq + 1:
            return [at_event(event, f"应为第 {seq + 1} 条：缺少、重复或次序颠倒。")]
        if event.prev != head:
            return [at_event(event, "没有接上前一条：前文被改动，或取自别处。")]
        heads[event.chain] = (event.seq, event.hash)
        used.add(event.document["body"])
        file.events.append(event)
    if bodies.keys() - used:
        return [Finding("附文", "有附文不属于任何事件。")]
    return [] if file.events else [Finding("事件", "案卷中没有事件。")]


def story(file: DossierFile) -> list[Finding]:
    """Check that what each event has seen is here as it saw it, that it keeps to its bounds, and that all fold to one state."""
    known = file.known
    for event in file.events:
        for chain, (seq, hash_) in event.seen.items():
            there = known.places.get((chain, seq))
            if there is None:
                return [at_event(event, f"所见的 {chain} 第 {seq} 条不在案卷中。")]
            if there.hash != hash_:
                return [at_event(event, f"所见的 {chain} 第 {seq} 条与案卷中的不同（分叉）。")]
    try:
        file.state = fold.fold(file.procedure, file.subject, file.events)
    except fold.BrokenChain as error:
        return [Finding("事件", f"各链不能合成一个过程（{error}）。")]
    return _out_of_bounds(file, known) or _redacted(file)


def _out_of_bounds(file: DossierFile, known: Known) -> list[Finding]:
    for event in fold.in_order(State(file.procedure, file.subject), file.events):
        try:
            view = _view(file, event)
        except fold.BrokenChain:
            return [at_event(event, "所见的前文不能衔接。")]
        founding = bounds.is_founding(view, event)
        if not founding and (view.owner(event.chain) != event.node or not _was_bound(file, event)):
            return [at_event(event, "写它的节点不是该角色该任期的节点。")]
        overstepped = bounds.fault(view, event, known)
        if overstepped:
            return [at_event(event, f"越过了该角色所能改变的范围（{overstepped}）。")]
    return []


def _view(file: DossierFile, event: Event) -> State:
    if event.hash not in file.views:
        file.views[event.hash] = judging.view_of(file.state, file.events, event)
    return file.views[event.hash]


def _was_bound(file: DossierFile, event: Event) -> bool:
    return any(
        (f"{binding['role']}/{binding['term']}", binding["node"]) == (event.chain, event.node)
        for other in file.events
        for binding in withholding.bound_by(other)
    )


def _redacted(file: DossierFile) -> list[Finding]:
    # Who redacts destroys the body at once, whether or not the other side lets that count.
    under = {name: basis for event in file.events for name, basis in event.effects.get("redact", {}).items()}
    for event in file.events:
        if event.body is None and event.hash not in under:
            return [at_event(event, "附文缺失，又没有删除它的记录。")]
        if event.body is not None and event.hash in file.state.redacted:
            return [at_event(event, "附文已决定删除，却仍在案卷中。")]
        if event.body is None:
            file.remarks.append(f"{at_event(event, '')}附文已依《{under[event.hash]}》删除，记录仍可查验。")
    return []


def bindings(file: DossierFile) -> list[Finding]:
    """Check that the keys of every node that wrote are here."""
    for event in file.events:
        if event.node not in file.chains:
            return [at_event(event, "写它的节点在案卷中没有密钥链。")]
    return []


def lawfulness(file: DossierFile) -> list[Finding]:
    """
    Judge each event by the rules and the state that its writer saw.

    What is not lawful is told and makes the dossier contested, not false; what only a newer table can judge is a finding.
    """
    too_new, known = [], file.known
    for event in file.events:
        why = _verdict(file, known, event)
        if why is None:
            continue
        file.unlawful[event.hash] = why
        if why == "newer_rules":
            too_new.append(at_event(event, VERDICTS[why], too_new=True))
        elif _is_struck(file, event):
            file.remarks.append(f"{at_event(event, VERDICTS[why])}经核处，其效果不计。")
        else:
            file.contested.append(f"{at_event(event, VERDICTS[why])}")
    _parks(file)
    _left_out(file)
    return too_new


def _verdict(file: DossierFile, known: Known, event: Event) -> str | None:
    if event.body is None and file.is_seen_by_others(event):
        return None  # who saw it with its body judged it then
    return judging.verdict(_view(file, event), known, event, lambda papers: terms_of(file, papers))


def _is_struck(file: DossierFile, event: Event) -> bool:
    return not withholding.is_guard(event) and any(
        chain == event.chain and last is not None and first <= event.seq <= last
        for chain, first, last, _ in file.state.withheld.values()
    )


def _parks(file: DossierFile) -> None:
    """Whatever is parked and not released is contested by who parked it."""
    for name, (chain, first, last, _) in file.state.withheld.items():
        if last is None:
            park = next(event for event in file.events if event.hash == name)
            reason = str(park.given.get("reason", ""))
            why = VERDICTS.get(reason, reason)
            file.contested.append(f"{chain} 自第 {first} 条起被对方暂停待核实，其效果不计：{why}")
            continue
        named = file.known.places[chain, first]
        if named.hash not in file.unlawful and named.body is not None:
            file.contested.append(f"{at_event(named, '本合乎规则，却被对方剔除，其效果不计。')}")


def _left_out(file: DossierFile) -> None:
    """A succession is contested that ends the old chain before what was written by then, or what its own writer had signed for."""
    for event in file.events:
        if not event.effects.get("succeed"):
            continue
        [(chain, last)] = withholding.closed_by(event).items()
        at = event.document["at"]
        signed_for = [
            one["heads"].get(chain, [0])[0]
            for one in file.document["statements"]
            if one["signer"] == event.node and one["at"] <= at
        ]
        written = [one.seq for one in file.chain(chain) if one.document["at"] <= at]
        there = max([*signed_for, *written], default=0)
        if file.state.closed.get(chain) == last and there > last:
            file.contested.append(
                f"{at_event(event, f'接替时 {chain} 已写到第 {there} 条，却只计到第 {last} 条。')}"
            )


def _name(document: object, place: int) -> str:
    """Name a broken event by what it says of itself, as far as it says anything."""
    if isinstance(document, Mapping):
        role, term, seq, kind = (
            str(document.get(name, "?"))[:40] for name in ("role", "term", "seq", "kind")
        )
        return f"{role}/{term} 第 {seq} 条（{kind}）"
    return f"第 {place} 个事件"


def who_held(states: Sequence[tuple[Event, State]]) -> list[dict[str, Any]]:
    """Return every duty that was ever open: kind, holder, since, until (None: still open), and its end."""
    held: dict[str, dict[str, Any]] = {}
    for event, state in states:
        for name, duty in state.duties.items():
            row = held.setdefault(name, {"name": name, "until": None})
            row.update(
                kind=duty["kind"], org=duty["holder"]["org"], since=duty["since"], due=duty["due"],
                claimed=duty["claimed"], first_opened=duty["first_opened"],
            )  # fmt: skip
        for name, row in held.items():
            if name not in state.duties and row["until"] is None:
                row["until"] = event.document["at"]
    return list(held.values())


def official(text: str) -> datetime:
    """Return the official local time of an event's `at`."""
    return events.parse_time(text).replace(tzinfo=UTC).astimezone(OFFICIAL)
