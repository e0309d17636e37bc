"""The papers a case rests on: the authority that would decide, its guide in force, and the agreement with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.agreements import queries as agreements
from tongban.cases.procedure import NAME
from tongban.cases.terms import Terms, naming
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import Offering
from tongban.kernel import identity, memo
from tongban.kernel.errors import NotFound
from tongban.kernel.journal.fold import State
from tongban.procedures import held_papers


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
        return _as_ours(held_papers.terms_named(NAME, self.papers))


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


def terms_of(state: State) -> Terms:
    """Return what guide and agreement say that count now; raises NotFound where this node does not hold them."""
    return _as_ours(held_papers.terms_of(state))


def _as_ours(terms: object) -> Terms:
    if not isinstance(terms, Terms):
        raise TypeError("no terms of a case")
    return terms
