"""
The course of an agreement on this node: how one is opened, what its acts carry, and what follows for the agreements kept here.

What both signed counts here only as `commands` checks it: a matter brings the document, and is no proof of it.
"""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from tongban.accounts.actor import SYSTEM, Actor
from tongban.agreements import commands, documents, neighbours, queries, rules_1
from tongban.agreements.documents import AgreementInvalid, Document
from tongban.agreements.models import Agreement
from tongban.agreements.words import (
    DOCUMENT,
    DRAFTED_BY,
    LABELS,
    NAME,
    NOTICE,
    TERMS,
    Act,
    Phase,
    Role,
)
from tongban.kernel import canon, clock, identity, journal, vault
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.fold import State
from tongban.procedures import commands as matters
from tongban.procedures import tasks
from tongban.procedures.models import Matter

log = logging.getLogger(__name__)

WITHOUT_END = frozenset({"长期", "-"})
_DRAFTS = frozenset({Act.PROPOSE, Act.PROPOSE_ANEW, Act.CHANGE})


def open_agreement(values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
    """
    Draft an agreement, sign it and send it to the other party; `values` are `with` (a node), agreement (to change one), and what
    it says: powers, items, limits, valid_from, valid_to.

    Raises:
        NotPermitted, AgreementInvalid, AgreementContradicts: as `commands.drafted`. NotFound: no such neighbour.
    """
    commands.ask_to_sign(by)
    agreement = values.get("agreement", "").strip()
    if agreement:
        demand_no_matter(agreement)
    document = _drafted(values, neighbours.party(values.get("with", "")), agreement, by, at, None)
    given = {**_codes(document), "parties": document["parties"], "agreement": document["id"]}
    # Together, also where a request gathers what it writes: one that is drafted and not sent would lie about.
    with write():
        begun = matters.begin(
            procedure=NAME, act=Act.PROPOSE, by=by, at=at, given=given, texts=_texts(document)
        )
        return matters.act(matter=begun, act=Act.SEND, by=by, at=at)


def binding_of(state: State) -> dict[str, Any]:
    """Return what sending carries: the other party's service centre is bound."""
    other = state.fact(Role.PROPOSER, "parties")[1]
    bind = {
        "node": other["node"],
        "org": other["organisation"],
        "office": other["organisation"],
        "papers": [],
    }
    return {"bind": {**bind, "term": state.term_of(Role.OTHER) + 1}}


def filled(
    state: State, act: str, by: Actor, at: datetime, given: Mapping[str, Any], texts: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """
    Return what an act carries: a draft, the countersigned document, or the notice of an end, signed.

    Raises:
        NotPermitted: `by` may not sign for this node. AgreementInvalid, AgreementNotAuthentic, AgreementContradicts: as they say.
    """
    given, texts = dict(given), dict(texts)
    if act in (Act.PROPOSE_ANEW, Act.CHANGE):
        commands.ask_to_sign(by)
        before = proposed(state)
        other = state.fact(Role.PROPOSER, "parties")[1]
        values = {name: str(given.get(name) or texts.pop(name, "")) for name in DRAFTED_BY}
        document = _drafted(values, other, before["id"], by, at, before)
        return {**given, **_codes(document)}, {**texts, **_texts(document)}
    if act == Act.COUNTERSIGN:
        commands.ask_to_sign(by)
        document = proposed(state)
        signed = commands.countersigned(document=document, at=at)
        return {**given, "digest": documents.digest_of(document)}, {**texts, DOCUMENT: _text(signed)}
    if act == Act.END:
        notice = _notice(state, by, at, str(given.get("last_day", "")).strip())
        return {**given, "digest": notice["agreement"], "last_day": notice["last_day"]}, {
            **texts,
            NOTICE: _text(notice),
        }
    return given, texts


def proposed(state: State) -> Document:
    """
    Return the text proposed last, if it is what the proposer said of it.

    Raises:
        AgreementInvalid: there is none, or one of other content: nobody signs what they cannot read.
    """
    wanted = state.fact(Role.PROPOSER, "digest")
    found = _brought(state, _DRAFTS, DOCUMENT, lambda one: documents.digest_of(one) == wanted)
    if found is None:
        raise AgreementInvalid(
            f"通办协议 {state.subject} 的文本没有收到，或与所述内容不符，未签署。请对方重新拟定。"
        )
    documents.demand_valid(found)
    said = {
        name: state.fact(Role.PROPOSER, name)
        for name in ("parties", "agreement", "version", "valid_from", "valid_to")
    }
    meant = {**found, "agreement": found["id"], "valid_to": found["valid_to"] or ""}
    if any(meant[name] != of for name, of in said.items()):
        raise AgreementInvalid(f"通办协议 {state.subject} 的文本与所述内容不符，未签署。请对方重新拟定。")
    return found


def keep_own(state: State, by: Actor, at: datetime) -> None:
    """
    Let what was signed here count here, in one with the act.

    Raises:
        AgreementContradicts: what is held here does not go with it; the act is not done then.
    """
    _keep(state, by, at)
    for role in Role:
        if state.roles[role]["node"] == identity.fingerprint():
            _end(state, role, by, at)


def follow(matter: Matter, at: datetime) -> int:
    """
    Let what a matter brought count here: keep what both signed, heed notices of an end, say that it was taken in or is over.

    Doing it again does no harm. What is not what it should be has no effect, and is left to whoever owes the next step. Returns
    how much was done.
    """
    state, done = State.from_dict(matter.state), 0
    steps: list[Callable[[], int]] = [
        lambda: _keep(state, SYSTEM, at) + _take_in(state, at), lambda: _expire(state, at),
        *(partial(_end, state, role, SYSTEM, at) for role in Role),
    ]  # fmt: skip
    for step in steps:
        try:
            done += step()
        except DomainError as refusal:
            log.warning("通办协议 %s：%s", matter.number, refusal)
    return done


def follow_all(at: datetime) -> int:
    """Follow every agreement under way, in case something stopped halfway."""
    under_way = Matter.objects.filter(procedure=NAME, live=True).order_by("number")
    return sum(tasks.alone(partial(follow, at=at), matter) for matter in under_way)


def called(matter: Matter) -> str:
    """Return the parties of an agreement by name, or nothing: a neighbour may say anything."""
    parties = matter.facts.get("parties")
    names = (
        [party.get("name") for party in parties if isinstance(party, dict)]
        if isinstance(parties, list)
        else []
    )
    return " — ".join(dict.fromkeys(name for name in names if isinstance(name, str)))


def matter_of(agreement: str) -> Matter | None:
    """Return the matter in which an agreement is under way on this node, by the agreement's number."""
    return (
        Matter.objects.filter(procedure=NAME, live=True, label=agreement)
        .order_by("-opened_on", "number")
        .first()
    )


def demand_no_matter(agreement: str) -> None:
    """Ask that an agreement is not under way in a matter already; raises AgreementContradicts."""
    matter = matter_of(agreement)
    if matter is not None:
        raise commands.AgreementContradicts(
            f"通办协议 {agreement} 已在事项 {matter.number} 中办理，未另行拟定。请在该事项中变更。"
        )


def end(*, by: Actor, at: datetime, digest: str, last_day: date | None = None) -> Agreement:
    """
    End an agreement: through its matter, so that the other node learns it; of one that was exchanged by files, as `commands.end`.

    Raises:
        as `commands.end`, and what `procedures.commands.act` raises.
    """
    row = queries.agreement_by_digest(digest)
    matter = matter_of(row.agreement_id)
    if matter is None or matter.facts.get("agreed") != digest:
        return commands.end(by=by, at=at, digest=digest, last_day=last_day)
    day = last_day or clock.official_day(at)
    matters.act(matter=matter, act=Act.END, by=by, at=at, given={"last_day": day.isoformat()})
    return queries.agreement_by_digest(digest)


# — what follows —


def _keep(state: State, by: Actor, at: datetime) -> int:
    """Keep what both signed."""
    signed_now = state.phase == Phase.SIGNED
    digest = state.fact(Role.OTHER, "signed") if signed_now else state.fact(Role.PROPOSER, "agreed")
    if not digest or Agreement.objects.agreed().filter(digest=digest).exists():
        return 0
    signed = _brought(state, {Act.COUNTERSIGN}, DOCUMENT, lambda one: documents.digest_of(one) == digest)
    if signed is None:
        raise documents.AgreementNotAuthentic(
            f"通办协议 {state.subject} 签署的不是所拟定的文本，未采用。请退回重签。"
        )
    commands.import_signed(document=signed, by=by, at=at)
    return 1


def _take_in(state: State, at: datetime) -> int:
    """Say that what both signed is kept on the proposer's node too."""
    if state.phase != Phase.SIGNED or state.roles[Role.PROPOSER]["node"] != identity.fingerprint():
        return 0
    given = {"digest": state.fact(Role.PROPOSER, "digest"), "until": state.fact(Role.PROPOSER, "valid_to")}
    matters.system_act(matter=state.subject, act=Act.TAKE_IN, role=Role.PROPOSER, at=at, given=given)
    return 1


def _end(state: State, role: str, by: Actor, at: datetime) -> int:
    """Heed a party's notice, if it is what the party said of it; of two the earlier day counts, on both nodes alike."""
    said = state.facts.get(role, {})
    row = Agreement.objects.agreed().filter(digest=said.get("ended") or "").first()
    if row is None or (row.ended_on and row.ended_on.isoformat() <= str(said["last_day"])):
        return 0
    wanted = (said["ended"], said["last_day"], state.roles[role]["node"])
    notice = _brought(
        state, {Act.END}, NOTICE, lambda one: (one["agreement"], one["last_day"], one["node"]) == wanted
    )
    if notice is None:
        raise documents.AgreementNotAuthentic(
            f"通办协议 {row} 的终止通知与所述内容不符，未采用。请与对方核对。"
        )
    commands.import_end(notice=notice, by=by, at=at)
    return 1


def _expire(state: State, at: datetime) -> int:
    """End the matter once its last day has passed, where the pen is."""
    last = rules_1.last_day(state.facts)
    here = state.roles.get(state.pen, {}).get("node") == identity.fingerprint()
    if state.phase != Phase.IN_FORCE or not here or not last or clock.official_day(at).isoformat() <= last:
        return 0
    matters.system_act(matter=state.subject, act=Act.EXPIRE, role=state.pen, at=at, given={})
    return 1


def _brought(state: State, acts: Any, label: str, fits: Any) -> Document | None:
    """Return the last document that events of these acts brought under a label and that fits; a neighbour may send anything."""
    for event in reversed(journal.events_of(state.subject)):
        for piece in event.content if event.kind in acts else ():
            if piece["label"] != label:
                continue
            try:
                found: Any = canon.decode(vault.get(state.subject, piece["digest"]))
                if fits(found):
                    return dict(found)
            except (DomainError, canon.CanonError, KeyError, TypeError, ValueError, AttributeError):
                continue
    return None


# — what an act carries —


def _drafted(
    values: Mapping[str, str],
    other: Mapping[str, str],
    agreement: str,
    by: Actor,
    at: datetime,
    before: Document | None,
) -> Document:
    """Return a signed draft by what somebody filled in; what they leave empty stays as it was before."""
    typed = {name: str(values.get(name, "")).strip() for name in DRAFTED_BY}
    was = before or {
        "powers": [],
        "items": documents.ALL_ITEMS,
        "limits": {},
        "valid_from": "",
        "valid_to": None,
    }
    last = queries.last_version(was["id"]) if before else None
    is_change = last is not None and last.version >= was["version"]
    # A text that is still negotiated keeps its first day; a change begins today, or when it says.
    first = typed["valid_from"] or ("" if is_change else was["valid_from"])
    until = typed["valid_to"] or was["valid_to"] or ""
    return commands.drafted(
        by=by, at=at, other=other, agreement_id=agreement,
        powers=_words(typed["powers"]) or was["powers"], items=_items(typed["items"]) or was["items"],
        limits=_limits(typed["limits"]) if typed["limits"] else was["limits"],
        valid_from=_day("valid_from", first) if first else None,
        valid_to=None if until in WITHOUT_END or not until else _day("valid_to", until),
    )  # fmt: skip


def _codes(document: Document) -> dict[str, Any]:
    items = document["items"]
    return {
        "powers": ",".join(document["powers"]), "items": items if isinstance(items, str) else ",".join(items),
        "limits": ",".join(f"{name}={days}" for name, days in sorted(document["limits"].items())),
        "valid_from": document["valid_from"], "valid_to": document["valid_to"] or "", "version": document["version"],
        "digest": documents.digest_of(document),
    }  # fmt: skip


def _texts(document: Document) -> dict[str, str]:
    return {DOCUMENT: _text(document), TERMS: documents.in_words(document)}


def _text(document: Mapping[str, Any]) -> str:
    return canon.encode(dict(document)).decode()


def _notice(state: State, by: Actor, at: datetime, typed: str) -> Document:
    commands.ask_to_sign(by)
    row = queries.agreement_by_digest(str(state.fact(Role.PROPOSER, "agreed", "")))
    day = _day("last_day", typed) if typed else clock.official_day(at)
    return identity.sign(documents.end_notice(row.document, identity.fingerprint(), day))


def _words(typed: str) -> list[str]:
    return [one for one in re.split(r"[\s,，、；;]+", typed) if one]


def _items(typed: str) -> str | list[str]:
    words = _words(typed)
    return documents.ALL_ITEMS if words in ([documents.ALL_ITEMS], ["全部"]) else words


def _limits(typed: str) -> dict[str, int]:
    limits = {}
    for one in _words(typed):
        name, _, days = one.partition("=")
        if not (days.isascii() and days.isdigit() and len(days) < 4):
            raise InvalidInput(
                f"缩短的时限应写成 时限=天数，如 push=1，“{one[:40]}”不是，未拟定。请改正后重试。"
            )
        limits[name] = int(days)
    return limits


def _day(name: str, typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise InvalidInput(f"{LABELS[name]}应写成 2026-01-01 这样的日期，未办理。请改正后重试。") from None
