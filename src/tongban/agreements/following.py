"""
What follows from the course of an agreement for the agreements kept on this node.

What both signed counts here only as `commands` checks it: a matter brings the document, and is no proof of it.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from tongban.accounts.access.actor import SYSTEM, Actor
from tongban.agreements import commands, documents, rules_1
from tongban.agreements.documents import AgreementInvalid, Document
from tongban.agreements.models import Agreement
from tongban.agreements.words import DOCUMENT, NAME, NOTICE, Act, Phase, Role
from tongban.kernel import identity, vault
from tongban.kernel.crypto import canon
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.procedures import commands as matters
from tongban.procedures import tasks
from tongban.procedures.models import Matter

log = logging.getLogger(__name__)

_DRAFTS = frozenset({Act.PROPOSE, Act.PROPOSE_ANEW, Act.CHANGE})


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
