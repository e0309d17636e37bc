"""The pinned papers of a case: which guide and which agreement it rests on, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.agreements import queries as agreements
from tongban.cases.guards import Terms
from tongban.cases.papers_named import AGREEMENT, GUIDE, Papers, naming, of_state, one
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import Offering
from tongban.kernel import identity, memo
from tongban.kernel.errors import NotFound
from tongban.kernel.fold import State


@dataclass(frozen=True, slots=True)
class Target:
    """The authority that would decide: its offering's guide in force, and the agreement with its node."""

    offering: Offering
    guide: Mapping[str, Any]
    papers: list[dict[str, Any]]
    node: str
    org: str
    centre: str

    @property
    def terms(self) -> Terms:
        """What the guide and the agreement say."""
        return terms_named(self.papers)


@memo.for_a_moment
def target(offering_code: str, on: date) -> Target:
    """
    Return what it takes to send a case to the authority of an offering.

    Raises:
        NotFound: the offering is unknown or withdrawn here.
        agreements.queries.NoAgreement: no agreement with its node covers it on that day.
    """
    offering = catalogue.offering(offering_code)
    if offering.state != offering.State.IN_USE:
        raise NotFound(f"事项 {offering_code} 已暂停或取消，不能申报。请在事项列表中另选。")
    guide = catalogue.current_guide(offering_code)
    me = identity.fingerprint()
    agreement = agreements.in_force(
        node=me, other_node=offering.node, item=guide.body["item"]["key"], offering=offering_code, on=on
    )
    signed = agreements.document_by_digest(agreement.digest)
    parties = {party["node"]: party for party in signed["parties"]}
    named = naming(
        (offering_code, guide.version, guide.digest),
        (agreement.agreement_id, agreement.version, agreement.digest),
    )
    return Target(
        offering=offering, guide=guide.body, papers=named, node=offering.node, org=offering.organisation,
        centre=parties[offering.node]["organisation"],
    )  # fmt: skip


def terms_named(papers: Papers) -> Terms:
    """
    Return what papers named by digest say.

    Raises:
        NotFound: this node does not hold one of them.
    """
    return Terms(
        guide=catalogue.document_by_digest(one(papers, GUIDE)["digest"]),
        agreement=agreements.document_by_digest(one(papers, AGREEMENT)["digest"]),
    )


def terms_of(state: State) -> Terms:
    """Return the terms that count now: of the authority in charge, before that of receipt; raises as `terms_named`."""
    papers = of_state(state)
    if papers is None:
        raise NotFound(f"办件 {state.subject} 还没有适用的办事指南和通办协议。请核对编号。")
    return terms_named(papers)


def terms_if_held(papers: Papers) -> Terms | None:
    """Return what papers say, or nothing where this node does not hold one of them, or one is not named."""
    try:
        return terms_named(papers)
    except (NotFound, KeyError, TypeError):
        return None


def missing(papers: Papers) -> list[str]:
    """Return the digests of papers of the two kinds that this node does not hold."""
    held = {GUIDE: catalogue.document_by_digest, AGREEMENT: agreements.document_by_digest}
    lacking = []
    for paper in papers:
        find = held.get(paper["kind"])
        try:
            if find is not None:
                find(paper["digest"])
        except NotFound:
            lacking.append(paper["digest"])
    return lacking
