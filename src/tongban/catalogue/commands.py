"""Everything that changes the catalogue."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from tongban.accounts.access.actor import Actor, Permission
from tongban.catalogue import guides
from tongban.catalogue.models import Guide, Item, Offering
from tongban.kernel.crypto import canon, signed
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.errors import DomainError, NotFound, NotPermitted

Document = dict[str, Any]


class GuideUnchanged(DomainError):
    """The new version says what the current one says."""

    code = "guide_unchanged"


class GuideMovedMeanwhile(DomainError):
    """Someone else published a version first."""

    code = "guide_moved_meanwhile"


class GuideNotAuthentic(DomainError):
    """The guide is not what the other node signed."""

    code = "guide_not_authentic"
    status = 422


class OfferingOfAnotherNode(DomainError):
    """The offering is answered for by another node."""

    code = "offering_of_another_node"
    status = 403


def publish_guide(
    *, document: Document, by: Actor, at: datetime, sign: Callable[[Document], Document]
) -> Guide:
    """
    Publish `document` as the next version of its offering's guide (发布办事指南).

    The version and the form's `$id` are set here. `sign` returns the document with the node's
    signature added, as `tongban.kernel.crypto.signed.sign` does. The first version creates the offering.

    Raises:
        NotPermitted: `by` may not publish for the document's organisation.
        GuideInvalid: the document breaks a rule of guides; all faults are named.
        GuideUnchanged: nothing differs from the current version.
        OfferingOfAnotherNode: another node answers for this offering.
        GuideMovedMeanwhile: someone else published first.
    """
    name = document.get("name", "")
    organisation = document.get("organisation", {}).get("uscc")
    if not by.may(Permission.CATALOGUE_PUBLISH) or by.organisation != organisation:
        raise NotPermitted(f"您不能发布《{name}》的办事指南：只有实施机构的指南管理岗可以发布。")
    demand_changed(document)
    final = as_next(document)
    guides.demand_valid(final)
    _, signature = guides.split(sign(final))
    return _store(final, signature=signature, at=at)


def as_next(document: Document) -> Document:
    """Return a document as the next version of its offering's guide."""
    last = _last(document)
    return guides.numbered(document, 1 if last is None else last.version + 1)


def demand_changed(document: Document) -> None:
    """Ask whether a document says anything else than the current guide; raises GuideUnchanged."""
    last = _last(document)
    if last is not None and guides.same_content(last.body, document):
        raise GuideUnchanged(f"《{document['name']}》与现行第 {last.version} 版内容相同，未发布新版本。")


def _last(document: Document) -> Guide | None:
    found = Guide.objects.current().filter(offering__code=document.get("offering"))
    last: Guide | None = found.order_by("-version").first()
    return last


def import_guide(
    *, signed_document: Document, chain: KeyChain, at: datetime, as_paper: bool = False
) -> Guide:
    """
    Adopt a guide of another node, bytes unchanged, after checking its signature.

    A version that is already here is returned as it is. `chain` is the peer's key chain. With `as_paper` it is kept for the
    cases that name it also where another node answers for the offering by now: who succeeded the signer.

    Raises:
        GuideNotAuthentic: the signature does not hold, or its key is not (any more) the peer's.
        GuideInvalid: the document breaks a rule of guides.
        OfferingOfAnotherNode: the document, or the offering here, names another node than the signer.
        GuideMovedMeanwhile: another document was already received under this version.
    """
    try:
        signed.check(signed_document, chain, at)
    except signed.BadSignature as error:
        raise GuideNotAuthentic(f"收到的办事指南未采用：{error}请对方重新发送。") from error
    document, signature = guides.split(signed_document)
    guides.demand_valid(document)
    if document["node"] != chain.root:
        raise OfferingOfAnotherNode(f"《{document['name']}》不属于发来它的节点，未采用，请与对方核对。")
    known: Guide | None = Guide.objects.filter(digest=guides.digest(document)).first()
    if known is None:
        return _store(document, signature=signature, at=at, as_paper=as_paper)
    if not as_paper and not known.offering.node:
        _show(known, document)
    return known


def pass_on(*, node: str, successor: str) -> int:
    """Let another node answer for the offerings of one whose place it has taken; return how many. Its own guides count from now on."""
    return Offering.objects.filter(node=node).update(node=successor)


def _store(document: Document, *, signature: Document, at: datetime, as_paper: bool = False) -> Guide:
    name = document["name"]
    try:
        with transaction.atomic():
            offering, _ = Offering.objects.get_or_create(
                code=document["offering"],
                defaults={
                    "item": Item.objects.filter(key=document["item"]["key"]).first(),
                    "name": name,
                    "organisation": document["organisation"]["uscc"],
                    "division": document["division"],
                    # Who only brings a paper of a case does not say that anybody can apply for it here.
                    "node": "" if as_paper else document["node"],
                    "state": Offering.State.WITHDRAWN if as_paper else Offering.State.IN_USE,
                },
            )
            current = not as_paper and offering.node in ("", document["node"])
            if not (current or as_paper):
                raise OfferingOfAnotherNode(f"《{name}》由另一节点负责，本指南未采用，请与对方核对。")
            guide = Guide.objects.create(
                offering=offering,
                node=document["node"],
                version=document["version"],
                digest=guides.digest(document),
                document=canon.encode(document).decode(),
                signature=signature,
                published_at=at,
            )
            if current:
                _show(guide, document)
    except IntegrityError as error:
        raise GuideMovedMeanwhile(f"《{name}》已有同号版本，请刷新后再发布。") from error
    result: Guide = guide
    return result


def _show(guide: Guide, document: Document) -> None:
    """Let the offering say what its guide says, unless a newer one does: one that arrives late must not bring back old names."""
    offering, names = guide.offering, document.get("name_in", {})
    if not offering.node:
        offering.node, offering.state = document["node"], Offering.State.IN_USE
        offering.save(update_fields=["node", "state"])
    if offering.guides.current().filter(version__gt=guide.version).exists():
        return
    offering.name, offering.name_en = document["name"], names.get("en", "")
    offering.search_text = " ".join([document["name"], *document["aliases"], *names.values()])
    offering.save(update_fields=["name", "name_en", "search_text"])


def set_offering_state(*, code: str, state: Offering.State, by: Actor, at: datetime) -> Offering:
    """
    Pause an offering, take it into use again, or withdraw it. Cases under way keep their guide.

    Raises:
        NotFound: no such offering.
        NotPermitted: `by` may not publish for its organisation.
    """
    offering: Offering | None = Offering.objects.filter(code=code).first()
    if offering is None:
        raise NotFound("没有这个实施编码的事项，请核对编码。")
    if not by.may(Permission.CATALOGUE_PUBLISH) or by.organisation != offering.organisation:
        raise NotPermitted(f"您不能变更《{offering.name}》的状态：只有实施机构的指南管理岗可以。")
    offering.state, offering.state_since = state, at
    offering.save(update_fields=["state", "state_since"])
    return offering


def withdraw_offering(*, code: str, by: Actor, at: datetime) -> Offering:
    """
    Withdraw an offering (取消): nobody can apply any more; cases under way go on.

    Raises:
        NotFound: no such offering.
        NotPermitted: `by` may not publish for its organisation.
    """
    return set_offering_state(code=code, state=Offering.State.WITHDRAWN, by=by, at=at)


def load_items(path: Path) -> int:
    """Load the national items from a JSON file, replacing what is known of each; return their number."""
    rows = json.loads(path.read_text(encoding="utf-8"))["items"]
    with transaction.atomic():
        for row in rows:
            Item.objects.update_or_create(
                key=row["key"], defaults={k: v for k, v in row.items() if k != "key"}
            )
    return len(rows)
