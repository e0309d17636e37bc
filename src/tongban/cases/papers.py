"""The pinned papers of a case: which guide and which agreement it rests on, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.agreements import queries as agreements
from tongban.cases.guards import Terms
from tongban.cases.words import Role
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
    pins: dict[str, Any]
    node: str
    org: str
    centre: str

    @property
    def terms(self) -> Terms:
        """What the guide and the agreement say."""
        return terms_of_pins(self.pins)


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
    pins = {
        "offering": {"code": offering_code, "version": guide.version, "digest": guide.digest},
        "agreement": {
            "id": agreement.agreement_id, "version": agreement.version, "digest": agreement.digest,
        },
    }  # fmt: skip
    return Target(
        offering=offering, guide=guide.body, pins=pins, node=offering.node, org=offering.organisation,
        centre=parties[offering.node]["organisation"],
    )  # fmt: skip


def terms_of_pins(pins: Mapping[str, Any]) -> Terms:
    """
    Return what the papers that `pins` names by digest say.

    Raises:
        NotFound: this node does not hold one of them.
    """
    return Terms(
        guide=catalogue.document_by_digest(pins["offering"]["digest"]),
        agreement=agreements.document_by_digest(pins["agreement"]["digest"]),
    )


def pins_of(state: State) -> Mapping[str, Any]:
    """Return the pins that count now: those of the authority in charge, before that those of receipt."""
    return state.roles.get(Role.HANDLING) or state.roles[Role.INTAKE]


def terms_of(state: State) -> Terms:
    """Return the terms that count now; raises as `terms_of_pins`."""
    return terms_of_pins(pins_of(state))
