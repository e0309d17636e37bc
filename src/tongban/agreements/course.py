"""The course of an agreement on this node: how one is opened, what its acts carry, and how one is found and ended."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.agreements import commands, documents, drafting, following, neighbours, queries
from tongban.agreements.models import Agreement
from tongban.agreements.words import DOCUMENT, DRAFTED_BY, NAME, NOTICE, Act, Role
from tongban.kernel.journal.fold import State
from tongban.kernel.time import clock
from tongban.procedures import commands as matters
from tongban.procedures.models import Matter


def open_agreement(values: Mapping[str, str], by: Actor, at: datetime) -> Matter:
    """
    Draft an agreement and sign it, to be looked through and sent by an act of its own.

    `values` are `with` (a node), agreement (to change one), and what it says: powers, items, limits, valid_from, valid_to.

    Raises:
        NotPermitted, AgreementInvalid, AgreementContradicts: as `commands.drafted`. NotFound: no such neighbour.
    """
    commands.ask_to_sign(by)
    agreement = values.get("agreement", "").strip()
    if agreement:
        demand_no_matter(agreement)
    document = drafting.drafted(values, neighbours.party(values.get("with", "")), agreement, by, at, None)
    given = {**drafting.codes(document), "parties": document["parties"], "agreement": document["id"]}
    return matters.begin(
        procedure=NAME, act=Act.PROPOSE, by=by, at=at, given=given, texts=drafting.texts(document)
    )


def binding_of(state: State) -> dict[str, Any]:
    """Return what sending carries: the other party's service centre is bound."""
    other = state.fact(Role.PROPOSER, "parties")[1]
    bound = {
        "node": other["node"],
        "org": other["organisation"],
        "office": other["organisation"],
        "papers": [],
    }
    return {"bind": {**bound, "term": state.term_of(Role.OTHER) + 1}}


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
        before = following.proposed(state)
        other = state.fact(Role.PROPOSER, "parties")[1]
        values = {name: str(given.get(name) or texts.pop(name, "")) for name in DRAFTED_BY}
        document = drafting.drafted(values, other, before["id"], by, at, before)
        agreed = str(state.fact(Role.PROPOSER, "agreed", ""))
        drafting.demand_other(document, queries.document_by_digest(agreed) if act == Act.CHANGE else before)
        return {**given, **drafting.codes(document)}, {**texts, **drafting.texts(document)}
    if act == Act.COUNTERSIGN:
        commands.ask_to_sign(by)
        document = following.proposed(state)
        signed = commands.countersigned(document=document, at=at)
        return {**given, "digest": documents.digest_of(document)}, {**texts, DOCUMENT: drafting.text(signed)}
    if act == Act.END:
        notice = drafting.notice(state, by, at, str(given.get("last_day", "")).strip())
        return {**given, "digest": notice["agreement"], "last_day": notice["last_day"]}, {
            **texts,
            NOTICE: drafting.text(notice),
        }
    return given, texts


def called(matter: Matter) -> str:
    """Return number and parties of an agreement by name, or nothing."""
    names = (party.get("name") for party in _parties_said(matter))
    known = " — ".join(dict.fromkeys(name for name in names if isinstance(name, str)))
    return f"{known}（{matter.label}）" if known else ""


def matter_of(agreement: str) -> Matter | None:
    """
    Return the matter in which an agreement is under way on this node, by the agreement's number; only one between its own parties
    counts: anybody may begin one under any number.
    """
    found = Matter.objects.filter(procedure=NAME, live=True, label=agreement).order_by("-opened_on", "number")
    return next((matter for matter in found if is_between_its_parties(matter)), None)


def is_between_its_parties(matter: Matter) -> bool:
    """Return whether a matter is between the parties of the agreement that it names: those who signed it, or, before, those it says."""
    bound = {one["node"] for one in matter.state["roles"].values()}
    known = queries.last_version(matter.label)
    if known is not None:
        return bound <= {known.party_a, known.party_b}
    return bound <= {party.get("node") for party in _parties_said(matter)}


def _parties_said(matter: Matter) -> list[dict[str, Any]]:
    """Return the parties that a matter says it has: a neighbour may say anything."""
    said = matter.facts.get("parties")
    return [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []


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
