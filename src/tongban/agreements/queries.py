"""What is read of agreements."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import F, Q

from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Division, Organisation
from tongban.agreements import documents
from tongban.agreements.models import Agreement, AgreementQuerySet
from tongban.agreements.words import NAME
from tongban.kernel import identity
from tongban.kernel.errors import DomainError, NotFound
from tongban.procedures.models import Matter


class NoAgreement(DomainError):
    """No agreement between the two places covers the item on that day."""

    code = "no_agreement"


class AgreementSuspended(NoAgreement):
    """The agreement that covers the item is suspended by a party; it takes no new cases meanwhile."""

    code = "agreement_suspended"


def visible_to(actor: Actor) -> AgreementQuerySet:
    """Return the agreements that `actor` may see, newest versions first."""
    found: AgreementQuerySet = Agreement.objects.visible_to(actor).order_by("agreement_id", "-version", "pk")
    return found


def agreement_by_digest(digest: str) -> Agreement:
    """
    Return the very version that a case pinned at receipt, ended or not.

    Raises:
        NotFound: this node does not hold that version.
    """
    found: Agreement | None = Agreement.objects.filter(digest=digest).first()
    if found is None:
        raise NotFound("本节点没有这一版通办协议。请向对方索取已签署的协议文件并导入。")
    return found


def last_version(number: str) -> Agreement | None:
    """Return the highest version of an agreement held here."""
    found: Agreement | None = Agreement.objects.filter(agreement_id=number).order_by("-version").first()
    return found


def document_by_digest(digest: str) -> dict[str, Any]:
    """
    Return what both signed; do not change it, it is shared.

    Raises:
        NotFound: this node does not hold that version.
    """
    return _document(identity.fingerprint(), digest)


# Remembered, because what was signed never changes; by node, because another may not hold it.
@lru_cache(maxsize=1024)
def _document(node: str, digest: str) -> dict[str, Any]:
    return agreement_by_digest(digest).document


def names_of(usccs: Collection[str]) -> dict[str, str]:
    """Return the names of organisations, by USCC, as agreements give them, the latest first."""
    known: dict[str, str] = {}
    for agreement in Agreement.objects.order_by("pk"):
        known |= {p["organisation"]: p["name"] for p in agreement.document["parties"]}
    return {uscc: known[uscc] for uscc in usccs if uscc in known}


def numbers_between(node: str, other: str) -> list[str]:
    """Return the numbers of the agreements in force between two nodes."""
    rows = Agreement.objects.between(node, other).filter(state=Agreement.State.IN_FORCE)
    return list(rows.order_by("agreement_id").values_list("agreement_id", flat=True).distinct())


def in_force(*, node: str, other_node: str, item: str, offering: str, on: date) -> Agreement:
    """
    Return the agreement under which two nodes handle an item on a day; of several, the one begun last.

    Of each agreement only the highest version begun by that day is looked at: what it leaves out, or when
    it ends, an older version does not bring back.

    Raises:
        NoAgreement: there is none. AgreementSuspended: there is, and a party has suspended it.
    """
    newest: dict[str, Agreement] = {}
    begun = (
        Agreement.objects.agreed().between(node, other_node).filter(valid_from__lte=on).defer("raw", "ending")
    )
    for row in begun.order_by("version"):
        newest[row.agreement_id] = row
    fitting = [
        row
        for row in newest.values()
        if (row.valid_to is None or on <= row.valid_to)
        and (row.ended_on is None or on <= row.ended_on)
        and documents.covers(document_by_digest(row.digest), item=item, offering=offering)
    ]
    if not fitting:
        whom = "本节点的本级协议" if node == other_node else f"与{_called(other_node)}的通办协议"
        raise NoAgreement(
            f"事项 {offering or item} 在 {on:%Y-%m-%d} 没有有效的{whom}。请先签订涵盖该事项的协议，或选择其他办理地。"
        )
    held_up = _suspended(fitting)
    open_ = [row for row in fitting if row.agreement_id not in held_up]
    if not open_:
        raise AgreementSuspended(
            f"与{_called(other_node)}的通办协议 {fitting[0].agreement_id} 已暂停办理新件，未办理。请等待恢复，或选择其他办理地。"
        )
    return max(open_, key=lambda row: (row.valid_from, row.version, row.pk))


def _called(node: str) -> str:
    """Return what people call a node by its agreements, or its fingerprint's beginning."""
    last = Agreement.objects.of(node).order_by("-pk").first()
    names = [party["name"] for party in last.document["parties"] if party["node"] == node] if last else []
    return names[0] if names else f"节点 {node[:16]}…"


def in_force_between_neighbours(on: date) -> list[Agreement]:
    """Return the newest version of each agreement with another node that takes new cases on a day or later."""
    rows = Agreement.objects.of(identity.fingerprint()).exclude(party_a=F("party_b"))
    living = rows.filter(Q(valid_to=None) | Q(valid_to__gte=on), state=Agreement.State.IN_FORCE)
    return list({row.agreement_id: row for row in living.order_by("agreement_id", "version")}.values())


def _suspended(rows: Collection[Agreement]) -> set[str]:
    """Return the numbers of agreements that a party has suspended; what others say of them counts for nothing."""
    parties = {row.agreement_id: {row.party_a, row.party_b} for row in rows}
    found = Matter.objects.filter(procedure=NAME, live=True, label__in=parties)
    return {
        matter.label
        for matter in found
        if {bound["node"] for bound in matter.state["roles"].values()} == parties[matter.label]
        and any(said.get("suspended") for said in matter.state["facts"].values())
    }


def own_party() -> dict[str, str]:
    """
    Return this node as a party of an agreement.

    Raises:
        NodeNotReady: the node was never initialised.
    """
    node = settings.NODE
    organisation = Organisation.objects.filter(uscc=node.organisation).first()
    division = Division.objects.filter(code=node.division).order_by("-pk").first()
    centre = f"{division.name}政务服务中心" if division else node.name
    return {
        "node": identity.fingerprint(),
        "organisation": node.organisation,
        "division": node.division,
        "name": organisation.name if organisation else centre,
    }
