"""Who this node is, whose keys it knows, and how it signs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from tongban.kernel import memo
from tongban.kernel.crypto import canon, keyring, signed, sm
from tongban.kernel.crypto.keychain import KeyChain, first_record
from tongban.kernel.errors import DomainError
from tongban.kernel.models import NodeKey, SelfNode
from tongban.kernel.prepared import Prepared

_fingerprints: dict[str, str] = {}
_looked_up: ContextVar[dict[str, KeyChain] | None] = ContextVar("looked_up", default=None)


class NodeNotReady(DomainError):
    """The node has no identity yet, or is being restored and may only read."""

    code = "node_not_ready"
    status = 503


class UnknownNode(DomainError):
    """No key chain of that node is known here."""

    code = "unknown_node"
    status = 403


def create(at: datetime) -> str:
    """Make this node's keys and identity; return its fingerprint."""
    sign, wrap = keyring.create(settings.NODE.keys)
    chain = first_record(sign, wrap.public, at)
    remember(chain)
    SelfNode.objects.create(fingerprint=chain.root)
    return chain.root


def row() -> SelfNode:
    """
    Return this node's own row as it is stored now.

    Raises:
        NodeNotReady: the node was never initialised.
    """
    node = SelfNode.objects.first()
    if node is None:
        raise NodeNotReady("本节点尚未初始化。请先运行 tongban init。")
    return node


@memo.for_a_moment
def me() -> SelfNode:
    """Return this node's own row, as it was a moment ago at the earliest; not to be changed. Raises as `row`."""
    return row()


def fingerprint() -> str:
    """Return this node's fingerprint: SM3 of the public point of its first signing key."""
    # A home is one node for good: only the first call asks the database.
    home = str(settings.NODE.home)
    if home not in _fingerprints:
        _fingerprints[home] = me().fingerprint
    return _fingerprints[home]


def require_writable() -> SelfNode:
    """
    Return this node's row if it may write acts of its own.

    Raises:
        NodeNotReady: the node was restored from a backup and still waits for its peers.
    """
    node = me()
    if node.recovering:
        raise NodeNotReady("本节点刚从备份恢复，正等待各对方节点归还后来的记录，暂时只读。请稍后再试。")
    return node


@contextmanager
def keys_looked_up_once() -> Iterator[None]:
    """
    Within the block, look up each node's keys once, our own with the first: for what is done with one message.

    It names the same few nodes many times. What the block itself remembers counts at once.
    """
    token = _looked_up.set({})
    try:
        yield
    finally:
        _looked_up.reset(token)


def chain_of(node: str) -> KeyChain:
    """
    Return the verified key chain of a node.

    Raises:
        UnknownNode: we hold no key of it.
    """
    known = _looked_up.get()
    if known is None:
        known = _keys(node, node)
    elif node not in known:
        known |= _keys(node, fingerprint())
    if node not in known:
        raise UnknownNode(f"不认识节点 {node[:16]}…。请先由管理员核对指纹并添加对方节点。")
    return known[node]


def _keys(node: str, other: str) -> dict[str, KeyChain]:
    raws: dict[str, tuple[str, ...]] = {}
    for owner, raw in _keys_of.rows(node, other):
        raws[owner] = (*raws.get(owner, ()), raw)
    return {owner: _verified(records) for owner, records in raws.items()}


_keys_of = Prepared(
    lambda node, other: (
        NodeKey.objects.filter(node__in=[node, other]).order_by("number").values_list("node", "raw")
    ),
    str,
    str,
)


def remember(chain: KeyChain) -> None:
    """
    Store a key chain, or what it adds to the one we hold.

    Raises:
        UnknownNode: the chain contradicts the one we hold.
    """
    (_looked_up.get() or {}).pop(chain.root, None)
    held = NodeKey.objects.filter(node=chain.root).order_by("number")
    raws = [canon.encode(document).decode() for document in chain.documents()]
    known = list(held.values_list("raw", flat=True))
    if raws[: len(known)] != known[: len(raws)]:
        raise UnknownNode(f"节点 {chain.root[:16]}… 的密钥链与本节点所存的不一致。请联系对方核对。")
    for number in range(len(known) + 1, len(raws) + 1):
        NodeKey.objects.create(node=chain.root, number=number, raw=raws[number - 1])


def sign(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return `document` signed by this node's current key."""
    number = chain_of(fingerprint()).current.number
    return signed.sign(document, keyring.sign_key(settings.NODE.keys, number), number)


def wrap_key(number: int) -> sm.Key:
    """Return our key that opens what a peer wrapped for record `number`."""
    return keyring.wrap_key(settings.NODE.keys, number)


@lru_cache(maxsize=1024)
def _verified(raws: tuple[str, ...]) -> KeyChain:
    documents = [canon.decode(raw.encode()) for raw in raws]
    return KeyChain.verify(documents)  # type: ignore[arg-type]
