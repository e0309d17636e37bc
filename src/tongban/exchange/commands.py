"""Adding, pausing and removing peers. A human compares fingerprints; nothing is trusted by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jsonschema_rs
from django.conf import settings

from tongban.accounts.access.actor import Actor, Permission, actor_document
from tongban.exchange import gateway, shapes, unreached, wire
from tongban.exchange.models import Peer
from tongban.kernel import identity
from tongban.kernel.crypto import canon, signed
from tongban.kernel.crypto.keychain import BrokenKeyChain, KeyChain, fingerprint_typed
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput, NotFound, NotPermitted
from tongban.kernel.journal import nodechain
from tongban.kernel.journal.events import format_time
from tongban.procedures import register


class FingerprintDiffers(InvalidInput):
    """The card is not of the node whose fingerprint the human gave."""

    code = "fingerprint_differs"


class OrganisationClaimedTwice(DomainError):
    """Two active nodes say they answer for one organisation; a human has to ask which does."""

    code = "organisation_claimed_twice"


class NotRecovering(DomainError):
    """The node is not being restored from a backup, so it waits for no peer."""

    code = "not_recovering"
    status = 409


def card(at: datetime) -> dict[str, Any]:
    """Return this node's card: who it is, where it is reached, and its key chain; signed."""
    me, node = identity.fingerprint(), settings.NODE
    return identity.sign(
        {
            "format": wire.CARD, "node": me, "name": node.name, "url": node.url, "division": node.division,
            "organisation": node.organisation, "at": format_time(at), "keys": identity.chain_of(me).documents(),
            "speaks": register.speaks(),
        }
    )  # fmt: skip


def read_card(raw: bytes) -> dict[str, Any]:
    """
    Return a card whose signature holds.

    Raises:
        InvalidInput: it is not a card, or it was not signed by its own keys.
    """
    try:
        document = canon.decode(raw)
        if not isinstance(document, dict) or document.get("format") != wire.CARD:
            raise InvalidInput("这不是节点名片。请向对方索取 tongban peer show 输出的名片文件或网址。")
        _demand_card(document)
        chain = KeyChain.verify(document["keys"])  # type: ignore[arg-type]
        signed.check(document, chain)
    except (ValueError, BrokenKeyChain) as error:
        raise InvalidInput(f"节点名片的签名不成立：{error}。请向对方重新索取。") from None
    if chain.root != document["node"]:
        raise InvalidInput("节点名片的密钥与其指纹不符。请向对方重新索取。")
    return document


_CARD = jsonschema_rs.validator_for(
    {
        "type": "object", "additionalProperties": False,
        "properties": {
            "format": {"const": wire.CARD}, "node": shapes.DIGEST, "name": {"type": "string", "maxLength": 100},
            "url": {"type": "string", "maxLength": 200}, "division": {"type": "string", "maxLength": 12},
            "organisation": {"type": "string", "maxLength": 18}, "at": {"type": "string"}, "keys": {"type": "array"},
            "speaks": shapes.SPEAKS, "signatures": {"type": "array"},
        },
        "required": ["format", "node", "name", "url", "division", "organisation", "at", "keys", "speaks", "signatures"],
    }
)  # fmt: skip


def _demand_card(document: Mapping[str, Any]) -> None:
    if not _CARD.is_valid(document):
        raise ValueError("名片的组成部分缺少、多余或格式不符")


def fetch_card(url: str) -> dict[str, Any]:
    """Return the card that the node at `url` shows; raises InvalidInput."""
    try:
        return read_card(gateway.fetch_card(url))
    except gateway.Unreachable as error:
        raise InvalidInput(
            f"联系不上 {url}（{unreached.in_words(str(error))}）。请核对网址，或请对方启动节点。"
        ) from None


def add(*, card: Mapping[str, Any], fingerprint: str, by: Actor, at: datetime) -> Peer:
    """
    Add a peer whose card shows the fingerprint that a human obtained another way.

    Raises:
        NotPermitted: `by` does not manage peers.
        FingerprintDiffers: the card is of another node.
        OrganisationClaimedTwice: another active peer, or this node, answers for its organisation.
        UnknownNode: its key chain contradicts the one we hold.
    """
    _ask(by)
    demand_fingerprint(card, fingerprint)
    if card["node"] == identity.fingerprint():
        raise InvalidInput("这是本节点自己的名片，无需添加。")
    _demand_unclaimed(card)
    with write():
        identity.remember(KeyChain.verify(card["keys"]))
        peer, _ = Peer.objects.update_or_create(
            node=card["node"],
            defaults={
                "name": card["name"], "url": card["url"], "division": card["division"],
                "organisation": card["organisation"], "state": Peer.State.ACTIVE, "trouble": "",
                "speaks": card["speaks"],
            },
            create_defaults={
                "name": card["name"], "url": card["url"], "division": card["division"],
                "organisation": card["organisation"], "added_at": at, "speaks": card["speaks"],
            },
        )  # fmt: skip
        nodechain.tell(
            "peer_added", peer, by=actor_document(by), at=at, node=peer.node, division=peer.division,
            organisation=peer.organisation,
        )  # fmt: skip
    return peer


def demand_fingerprint(card: Mapping[str, Any], fingerprint: str) -> None:
    """Ask whether a card is of the node whose fingerprint a human obtained another way; raises FingerprintDiffers."""
    if fingerprint_typed(fingerprint) != card["node"]:
        raise FingerprintDiffers(
            "名片的指纹与您核对得到的指纹不一致，没有添加。请通过电话等另一途径向对方核对。"
        )


def _demand_unclaimed(card: Mapping[str, Any]) -> None:
    rivals = Peer.objects.exclude(node=card["node"]).exclude(state=Peer.State.REMOVED)
    rival = rivals.filter(organisation=card["organisation"]).first()
    if rival is not None or card["organisation"] == settings.NODE.organisation:
        who = f"节点 {rival.node[:16]}…（{rival.name}）" if rival else "本节点"
        raise OrganisationClaimedTwice(
            f"{who}已声称代表机构 {card['organisation']}，没有添加。请与该机构核对哪个节点有效，再移除另一个；"
            "确由新节点接替的，用 tongban peer succeed，双方的办件才会转过去。"
        )


def pause(*, node: str, by: Actor, at: datetime) -> Peer:
    """Stop exchanging with a peer for a while; what it lacks waits."""
    return _set(node, Peer.State.PAUSED, "peer_paused", by, at)


def resume(*, node: str, by: Actor, at: datetime) -> Peer:
    """Go on exchanging with a peer that was paused, or that a human has cleared."""
    return _set(node, Peer.State.ACTIVE, "peer_resumed", by, at)


def remove(*, node: str, by: Actor, at: datetime) -> Peer:
    """End the exchange with a peer. Its keys and what it signed stay, as evidence."""
    return _set(node, Peer.State.REMOVED, "peer_removed", by, at)


def skip(*, node: str, reason: str, by: Actor, at: datetime) -> Peer:
    """
    Wait no longer for a peer that stays away while this node recovers from a backup; its record of the epoch names it.

    Raises:
        NotRecovering: the node is not being restored. NotPermitted, NotFound: as for `pause`. InvalidInput: no reason.
    """
    _ask(by)
    if not identity.row().recovering:
        raise NotRecovering("本节点没有在恢复，不等待任何对方节点，没有跳过。请核对是否在正确的节点上操作。")
    if not reason.strip():
        raise InvalidInput("没有写明理由，没有跳过。请写明为何不再等待该节点归还记录。")
    peer = found(node)
    with write():
        peer.skipped = reason.strip()[:200]
        peer.save(update_fields=["skipped"])
        nodechain.tell("peer_skipped", peer, by=actor_document(by), at=at, node=peer.node)
    return peer


def _set(node: str, state: Peer.State, kind: str, by: Actor, at: datetime) -> Peer:
    _ask(by)
    peer = found(node)
    with write():
        peer.state, peer.next_at, peer.attempts, peer.seal_misses = state, None, 0, 0
        peer.save(update_fields=["state", "next_at", "attempts", "seal_misses"])
        nodechain.tell(kind, peer, by=actor_document(by), at=at, node=peer.node)
    return peer


def found(node: str) -> Peer:
    """Return the peer of a fingerprint, or of its first digits; raises NotFound."""
    typed = fingerprint_typed(node)
    peer = Peer.objects.filter(node__startswith=typed).first() if len(typed) >= 12 else None
    if peer is None:
        raise NotFound("没有这个对方节点。请用 tongban peer show 查看指纹（至少给出前 8 位）。")
    return peer


def _ask(by: Actor) -> None:
    if not by.may(Permission.PEERS_MANAGE):
        raise NotPermitted("您的岗位不能管理对方节点。请由节点管理员办理。")
