"""
Seals: a signed root, about once a second, over everything this node has written (docs/protocol.md §7).

The tree of RFC 9162 has one leaf for each event of ours, in the order of sealing; the leaf's data are the 32 bytes
of the event's hash. Peers keep our latest seal and refuse one that does not extend it. A new epoch begins a new
tree, which takes in again all that survived the restore; its account is the epoch record.
"""

import functools
import itertools
import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from tongban.kernel import committed, crashpoints, identity
from tongban.kernel.crypto import canon, digest, signed
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import merkle, sealed, writing
from tongban.kernel.journal.events import format_time
from tongban.kernel.journal.sealed import FORMAT, Head, is_included
from tongban.kernel.models import EpochRecord, Event, Seal, SealedHead, SealNode, SelfNode
from tongban.kernel.prepared import Prepared

BATCH = 5000


class SealDoesNotExtend(DomainError):
    """A peer's seal denies what an earlier seal of the same peer has shown."""

    code = "seal_does_not_extend"


class SealMissing(DomainError):
    """New events came without a seal of their node that extends the one held and holds them."""

    code = "seal_missing"


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
            self.known[place] = digest.raw(row.hash)
        return self.known[place]

    def load_edge(self, size: int) -> None:
        """Read the subtrees on the right edge at once: all that appending needs."""
        self._load({(level, (size >> level) - 1) for level in range(size.bit_length()) if size >> level & 1})

    def proof(self, prove: Callable[[merkle.Get], list[bytes]]) -> list[str]:
        """Return in hex what `prove` proves; all the subtrees that it asks for are read at once."""
        asked: set[tuple[int, int]] = set()

        def note(level: int, index: int) -> bytes:
            asked.add((level, index))
            return merkle.EMPTY

        prove(note)
        self._load(asked)
        return [digest.write(node) for node in prove(self.get)]

    def _load(self, places: Iterable[tuple[int, int]]) -> None:
        wanted = [Q(level=level, index=index) for level, index in places if (level, index) not in self.known]
        if not wanted:
            return
        found = SealNode.objects.filter(functools.reduce(operator.or_, wanted), epoch=self.epoch)
        for level, index, value in found.values_list("level", "index", "hash"):
            self.known[level, index] = digest.raw(value)


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
            Event.objects.filter(own=True, leaf__isnull=False).update(leaf=None)  # a new tree
        pending = list(_committed().order_by("id").values_list("id", "hash")[:BATCH])
        if not pending:
            return None
        size = last.size if last else 0
        seal = _store(me, size, pending, at)
        crashpoints.reached("while-sealing")
    return seal


def latest(node: str) -> dict[str, Any] | None:
    """Return the newest seal document of a node, ours or a peer's, or nothing."""
    row = _latest.first(node)
    return None if row is None else read(row.raw)


_latest = Prepared(lambda node: Seal.objects.filter(node=node).order_by("-epoch", "-size")[:1], str)


def latest_of(nodes: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the newest seal document of each of these other nodes of which we hold one: of each epoch there is but one."""
    rows = Seal.objects.filter(node__in=nodes).order_by("epoch", "size") if nodes else ()
    return {row.node: read(raw) for row in rows for raw in [row.raw]}


def read(raw: str) -> dict[str, Any]:
    """Return the seal document of a stored row."""
    return canon.decode(raw.encode())  # type: ignore[return-value]


def consistency(old_size: int, seal: Mapping[str, Any]) -> list[str]:
    """
    Return the proof, in hex, that this seal of ours extends our tree of `old_size` leaves.

    The seal is named, for a newer one may be written at any moment. Empty where there is no such proof: the peer then
    refuses our seal, and a human looks.
    """
    if not 0 < old_size < seal["size"]:
        return []
    return _Tree(seal["epoch"]).proof(lambda get: merkle.consistency_proof(old_size, seal["size"], get))


def proofs_between(sizes: Sequence[int]) -> list[list[str]]:
    """Return the consistency proofs from each of these sizes of our tree to the next."""
    last = _own_latest()
    tree = _Tree(last.epoch if last else 1)
    return [
        [digest.write(node) for node in merkle.consistency_proof(old, new, tree.get)]
        for old, new in itertools.pairwise(sizes)
    ]


def inclusion(event: Event, seal: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return where this seal of ours holds an event of ours, with its audit path; nothing where it does not."""
    if event.leaf is None or event.leaf >= seal["size"]:
        return None
    leaf = event.leaf
    path = _Tree(seal["epoch"]).proof(lambda get: merkle.inclusion_proof(leaf, seal["size"], get))
    return {"leaf": leaf, "size": seal["size"], "path": path}


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
    seal = sealed.demand_well_formed(document)
    if seal["node"] != chain.root:
        raise signed.BadSignature("封存声明不属于发来它的节点。")
    signed.check(seal, chain, at)
    return seal


@dataclass(frozen=True, slots=True)
class Shown:
    """What came with new events: their node's seal, the proof from the size we hold, and where the seal holds them."""

    seal: object
    proof: object
    inclusion: object


def receive(shown: Shown, heads: Iterable[Head], chain: KeyChain, at: datetime) -> dict[str, Any]:
    """
    Keep a node's seal that extends the one we hold and holds all of `heads` ((chain, seq, hash)); return its document.

    Raises:
        signed.BadSignature: not a seal signed by the owner of `chain`, by a key in force at `at`.
        SealDoesNotExtend: the node shows another past than before, or a new epoch without its record.
        SealMissing: no seal, no proof from what we hold, or one of the heads is not in it.
    """
    if shown.seal is None:
        raise _missing(chain.root)
    row = _latest.first(chain.root)
    held = None if row is None else read(row.raw)
    new = _checked_again(shown.seal, held, chain, at) or check(shown.seal, chain, at)
    is_new = held is None or _is_news(held, new, shown.proof)
    for head in heads:
        if not is_included(new, head, shown.inclusion):
            raise _missing(chain.root)
    if is_new:
        _keep(new, row)
    return new


def _checked_again(
    shown: object, held: dict[str, Any] | None, chain: KeyChain, at: datetime
) -> dict[str, Any] | None:
    """Return the seal we hold if it is shown again, as it is with everything that is sent before the next."""
    if held is None or canon.encode(shown) != canon.encode_again(held):
        return None
    signed.check_again(held, chain, at)
    return held


def _keep(new: Mapping[str, Any], held: Seal | None) -> None:
    """Keep a peer's seal, in place of the one of the same epoch; raises NotAsExpected if that has gone on meanwhile."""
    values = {"size": new["size"], "raw": canon.encode(new).decode()}
    if held is not None and held.epoch == new["epoch"]:
        writing.store([writing.Update(Seal, {"id": held.pk, "size": held.size}, values, must=True)])
    else:
        writing.store([writing.Insert(Seal, ({"node": new["node"], "epoch": new["epoch"], **values},))])


def keep_included(subject: str, head: Head, shown: Shown) -> None:
    """Keep the proof that a peer's seal holds an event, once `receive` took it, in place of an earlier one of that chain."""
    chain, seq, _ = head
    proof = sealed.proof_of(sealed.demand_well_formed(shown.seal), head, shown.inclusion)
    values = {
        "subject": subject, "chain": chain, "seq": seq, "proof": proof, "seal": canon.encode(shown.seal).decode()
    }  # fmt: skip
    writing.store([writing.Upsert(SealedHead, values, unique=("subject", "chain"))])


def peers_of(subject: str) -> list[dict[str, Any]]:
    """Return, for each chain of another node, the seal that came with its last event and where it holds it."""
    rows = SealedHead.objects.filter(subject=subject).order_by("chain")
    return [{"seal": read(row.seal), "inclusion": [row.proof]} for row in rows]


def _missing(node: str) -> SealMissing:
    return SealMissing(
        f"节点 {node[:16]}… 的新记录没有附上能接续、并包含它们的封存声明，未采用。请对方按答复中的封存重新发送。"
    )


def denies(node: str, epoch: int, size: int) -> SealDoesNotExtend:
    """Return the refusal of a seal that contradicts another of the same node."""
    return SealDoesNotExtend(
        f"节点 {node[:16]}… 的封存声明（第 {epoch} 纪元，{size} 条）与此前出示的不能衔接，未采用。"
        "请暂停与该节点的交换，并联系对方核查。"
    )


def _is_news(held: dict[str, Any], new: dict[str, Any], proof: object) -> bool:
    """Return whether `new` goes beyond what we hold, False where it is the same; raises where it denies or does not reach it."""
    node, epoch, size = new["node"], new["epoch"], new["size"]
    if epoch != held["epoch"]:
        if epoch < held["epoch"]:
            raise _missing(node)
        if not EpochRecord.objects.filter(node=node, epoch=epoch).exists():
            raise denies(node, epoch, size)
        return True
    if size == held["size"]:
        if new["root"] != held["root"]:
            raise denies(node, epoch, size)
        return False
    if size < held["size"]:
        # A seal that is smaller and yet younger comes from a copy or a backup that nobody declared.
        raise denies(node, epoch, size) if new["at"] > held["at"] else _missing(node)
    start, path = (
        (proof.get("from"), sealed.path_of(proof.get("path"))) if isinstance(proof, dict) else (None, None)
    )
    if start != held["size"] or path is None:
        raise _missing(node)
    if not merkle.verify_consistency(
        held["size"], size, digest.raw(held["root"]), digest.raw(new["root"]), path
    ):
        raise denies(node, epoch, size)
    return True


def two_faces(shown: Iterable[object], at: datetime) -> list[str]:
    """
    Return the nodes whose seals, passed on by another, contradict those of the same size that we hold.

    What is no seal of a node we know says nothing about anybody. Most contradict nothing, so that is asked first.
    """
    passed_on = [one for one in shown if isinstance(one, dict) and isinstance(one.get("node"), str)]
    nodes = {one["node"] for one in passed_on} - {identity.fingerprint()}
    held = latest_of(nodes)
    return [one["node"] for one in passed_on if one["node"] in held and _denies(one, held[one["node"]], at)]


def _denies(shown: dict[str, Any], held: Mapping[str, Any], at: datetime) -> bool:
    """Return whether `shown` is a seal of the same node and size as `held`, over another tree."""
    place = ("epoch", "size")
    same = all(shown.get(name) == held[name] for name in place)
    if not same or shown.get("root") == held["root"]:
        return False
    try:
        check(shown, identity.chain_of(held["node"]), at)
    except (signed.BadSignature, identity.UnknownNode):
        return False
    return True


def root_of_own(epoch: int, size: int) -> str | None:
    """Return the root that our own tree had at a size, or nothing where it never had it or a part of it is gone."""
    last = Seal.objects.filter(node=identity.fingerprint(), epoch=epoch).order_by("-size").first()
    if last is None or not 0 < size <= last.size:
        return None
    try:
        return digest.write(merkle.root_at(size, _Tree(epoch).get))
    except SealNode.DoesNotExist:
        return None


def _own_latest() -> Seal | None:
    return Seal.objects.filter(node=identity.fingerprint()).order_by("-epoch", "-size").first()


def _own(me: SelfNode) -> QuerySet[Seal]:
    return Seal.objects.filter(node=me.fingerprint, epoch=me.epoch)


def _committed() -> QuerySet[Event]:
    """Return what is unsealed and surely committed."""
    return committed.surely(Event.objects.filter(own=True, leaf=None))


def _store(me: SelfNode, size: int, pending: Sequence[tuple[int, str]], at: datetime) -> Seal:
    tree, nodes, places = _Tree(me.epoch), [], []
    tree.load_edge(size)
    for pk, event_hash in pending:
        leaf = merkle.leaf_hash(digest.raw(event_hash))
        for level, index, value in merkle.append_nodes(size, leaf, tree.get):
            tree.known[level, index] = value
            nodes.append(SealNode(epoch=me.epoch, level=level, index=index, hash=digest.write(value)))
        places.append((size, pk))
        size += 1
    SealNode.objects.bulk_create(nodes, batch_size=BATCH)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Event._meta.db_table} SET leaf = %s WHERE id = %s", places)  # noqa: S608
    before = Seal.objects.filter(node=me.fingerprint).order_by("-epoch", "-size").first()
    document = identity.sign(
        {
            "format": FORMAT, "node": me.fingerprint, "epoch": me.epoch, "size": size,
            "root": digest.write(merkle.root_at(size, tree.get)), "at": format_time(at),
            "previous": digest.of(before.raw.encode()) if before else "",
        }
    )  # fmt: skip
    return Seal.objects.create(
        node=me.fingerprint, epoch=me.epoch, size=size, raw=canon.encode(document).decode()
    )
