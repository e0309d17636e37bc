"""
Seals: a signed root, about once a second, over everything this node has written (docs/protocol.md §7).

The tree of RFC 9162 has one leaf for each event of ours, in the order of sealing; the leaf's data are the 32 bytes
of the event's hash. Peers keep our latest seal and refuse one that does not extend it. A new epoch begins a new
tree, which takes in again all that survived the restore; its account is the epoch record.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models
from django.db.models import Func, Q, QuerySet

from tongban.kernel import canon, crashpoints, digest, identity, merkle, signed
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.events import format_time
from tongban.kernel.keychain import KeyChain
from tongban.kernel.models import EpochRecord, Event, Seal, SealNode, SelfNode

FORMAT = "tongban-seal/1"
MEMBERS = frozenset(["format", "node", "epoch", "size", "root", "at", "previous", "key", "signature"])
BATCH = 5000


class SealDoesNotExtend(DomainError):
    """A peer's seal denies what an earlier seal of the same peer has shown."""

    code = "seal_does_not_extend"


class _Tree:
    """The stored subtrees of one epoch, read as they are asked for."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.known: dict[tuple[int, int], bytes] = {}

    def get(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree."""
        place = (level, index)
        if place not in self.known:
            row = SealNode.objects.get(epoch=self.epoch, level=level, index=index)
            self.known[place] = bytes.fromhex(row.hash)
        return self.known[place]

    def load_edge(self, size: int) -> None:
        """Read the subtrees on the right edge at once: all that appending needs."""
        edge = [
            Q(level=level, index=(size >> level) - 1)
            for level in range(size.bit_length())
            if size >> level & 1
        ]
        for condition in edge:
            row = SealNode.objects.get(condition, epoch=self.epoch)
            self.known[row.level, row.index] = bytes.fromhex(row.hash)


def seal_pending(at: datetime) -> Seal | None:
    """
    Seal the events of ours that are surely committed, a bounded number at a time.

    Returns the new seal, or nothing when there was nothing to seal.
    """
    with write():
        # Two sealers at once would give one place to two events.
        me = SelfNode.objects.select_for_update().first() or identity.row()
        last = _own(me).order_by("-size").first()
        if last is None:
            # A new tree. After a restore, transaction numbers of the old server mean nothing any more.
            Event.objects.filter(own=True, leaf__isnull=False).update(leaf=None, xact=0)
        pending = list(_committed().order_by("id").values_list("id", "hash")[:BATCH])
        if not pending:
            return None
        size = last.size if last else 0
        seal = _store(me, size, pending, at)
        crashpoints.reached("while-sealing")
    return seal


def latest(node: str) -> dict[str, Any] | None:
    """Return the newest seal document of a node, ours or a peer's, or nothing."""
    row = Seal.objects.filter(node=node).order_by("-epoch", "-size").first()
    return None if row is None else read(row.raw)


def read(raw: str) -> dict[str, Any]:
    """Return the seal document of a stored row."""
    return canon.decode(raw.encode())  # type: ignore[return-value]


def consistency(old_size: int) -> list[str]:
    """
    Return the proof, in hex, that our latest seal extends our tree of `old_size` leaves.

    Empty where there is no such proof: the peer then refuses our seal, and a human looks.
    """
    last = _own_latest()
    if last is None or not 0 < old_size < last.size:
        return []
    tree = _Tree(last.epoch)
    return [node.hex() for node in merkle.consistency_proof(old_size, last.size, tree.get)]


def proofs_between(sizes: Sequence[int]) -> list[list[str]]:
    """Return the consistency proofs from each of these sizes of our tree to the next."""
    last = _own_latest()
    tree = _Tree(last.epoch if last else 1)
    return [
        [node.hex() for node in merkle.consistency_proof(old, new, tree.get)]
        for old, new in itertools.pairwise(sizes)
    ]


def inclusion(event: Event) -> dict[str, Any] | None:
    """Return where our latest seal holds an event of ours, with its audit path; nothing if unsealed."""
    last = _own_latest()
    if event.leaf is None or last is None or event.leaf >= last.size:
        return None
    path = merkle.inclusion_proof(event.leaf, last.size, _Tree(last.epoch).get)
    return {"leaf": event.leaf, "size": last.size, "path": [node.hex() for node in path]}


def sealing(leaves: Iterable[int]) -> list[dict[str, Any]]:
    """Return our seals that first held these leaves, and the latest, oldest first."""
    last = _own_latest()
    if last is None:
        return []
    own = Seal.objects.filter(node=last.node, epoch=last.epoch)
    found = {last.size: last.raw}
    for leaf in leaves:
        row = own.filter(size__gt=leaf).order_by("size").first()
        if row is not None:
            found[row.size] = row.raw
    return [read(found[size]) for size in sorted(found)]


def check(document: object, chain: KeyChain, at: datetime | None = None) -> dict[str, Any]:
    """
    Return the seal document if it is one, signed by the owner of `chain`; no look at earlier seals.

    Raises:
        signed.BadSignature: it is not.
    """
    if not isinstance(document, dict) or document.keys() != MEMBERS or not _is_plausible(document):
        raise signed.BadSignature("不是封存声明，或格式不符。")
    if document["node"] != chain.root:
        raise signed.BadSignature("封存声明不属于发来它的节点。")
    signed.check(document, chain, at)
    return document


def receive(document: object, proof: Sequence[str], chain: KeyChain, at: datetime | None = None) -> None:
    """
    Keep a peer's seal if it extends the one we hold; `proof` starts at the size we hold.

    An older seal that arrives late changes nothing; one that is smaller but younger is refused, and so
    is, with `at`, a key revoked by then.

    Raises:
        signed.BadSignature: not a seal signed by the owner of `chain`.
        SealDoesNotExtend: the peer shows another past than before, or a new epoch without its record.
    """
    new = check(document, chain, at)
    with write():
        held = latest(chain.root)
        if held is not None and not _is_news(held, new, proof):
            return
        Seal.objects.filter(node=chain.root, epoch=new["epoch"]).delete()
        Seal.objects.create(
            node=chain.root, epoch=new["epoch"], size=new["size"], raw=canon.encode(new).decode()
        )


def _is_news(held: dict[str, Any], new: dict[str, Any], proof: Sequence[str]) -> bool:
    node, epoch, size = new["node"], new["epoch"], new["size"]
    refused = SealDoesNotExtend(
        f"节点 {node[:16]}… 的封存声明（第 {epoch} 纪元，{size} 条）与此前出示的不能衔接，未采用。"
        "请暂停与该节点的交换，并联系对方核查。"
    )
    if epoch != held["epoch"]:
        if epoch > held["epoch"] and not EpochRecord.objects.filter(node=node, epoch=epoch).exists():
            raise refused
        return bool(epoch > held["epoch"])
    if size <= held["size"]:
        # A seal that is smaller and yet younger comes from a copy or a backup that nobody declared.
        rolled_back = size < held["size"] and new["at"] > held["at"]
        if rolled_back or (size == held["size"] and new["root"] != held["root"]):
            raise refused
        return False
    try:
        path = [bytes.fromhex(item) for item in proof]
    except (TypeError, ValueError):
        raise refused from None
    roots = bytes.fromhex(held["root"]), bytes.fromhex(new["root"])
    if not merkle.verify_consistency(held["size"], size, *roots, path):
        raise refused
    return True


def _is_plausible(document: dict[str, Any]) -> bool:
    numbers = all(type(document[name]) is int and document[name] > 0 for name in ("epoch", "size"))
    root, previous = document["root"], document["previous"]
    return (
        numbers
        and document["format"] == FORMAT
        and isinstance(root, str)
        and isinstance(previous, str)
        and len(root) == 64
        and not set(root) - set("0123456789abcdef")
    )


def _own_latest() -> Seal | None:
    return Seal.objects.filter(node=identity.fingerprint()).order_by("-epoch", "-size").first()


def _own(me: SelfNode) -> QuerySet[Seal]:
    return Seal.objects.filter(node=me.fingerprint, epoch=me.epoch)


def _committed() -> QuerySet[Event]:
    """
    Return what is unsealed and surely committed.

    On PostgreSQL an open transaction may still commit below what is visible: only what every open
    transaction comes after is taken. SQLite has one writer, and this is it.
    """
    pending = Event.objects.filter(own=True, leaf=None)
    if connection.vendor == "postgresql":
        horizon = Func(
            template="pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
            output_field=models.BigIntegerField(),
        )
        pending = pending.filter(xact__lt=horizon)
    return pending


def _store(me: SelfNode, size: int, pending: Sequence[tuple[int, str]], at: datetime) -> Seal:
    tree, nodes, places = _Tree(me.epoch), [], []
    tree.load_edge(size)
    for pk, event_hash in pending:
        leaf = merkle.leaf_hash(bytes.fromhex(event_hash))
        for level, index, value in merkle.append_nodes(size, leaf, tree.get):
            tree.known[level, index] = value
            nodes.append(SealNode(epoch=me.epoch, level=level, index=index, hash=value.hex()))
        places.append((size, pk))
        size += 1
    SealNode.objects.bulk_create(nodes, batch_size=BATCH)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Event._meta.db_table} SET leaf = %s WHERE id = %s", places)  # noqa: S608
    before = Seal.objects.filter(node=me.fingerprint).order_by("-epoch", "-size").first()
    document = identity.sign(
        {
            "format": FORMAT, "node": me.fingerprint, "epoch": me.epoch, "size": size,
            "root": merkle.root_at(size, tree.get).hex(), "at": format_time(at),
            "previous": digest.sm3_hex(before.raw.encode()) if before else "",
        }
    )  # fmt: skip
    return Seal.objects.create(
        node=me.fingerprint, epoch=me.epoch, size=size, raw=canon.encode(document).decode()
    )
