"""
Audit of the seal: the tree is built again from the events and compared with what is stored and signed.

A deleted event leaves a gap in the tree, and so does a deleted case: the tree remembers how many there were.
"""

from collections.abc import Iterator
from itertools import count

from django.db.models import Max, Q

from tongban.kernel import identity
from tongban.kernel.crypto import digest
from tongban.kernel.journal import merkle, seals
from tongban.kernel.models import Event, Fork, Seal, SealedHead, SealNode
from tongban.procedures.audit.discrepancies import Discrepancy, Report, compare, document_of

BATCH = 2000


def check(own: str, report: Report) -> Iterator[Discrepancy]:
    """Yield what is wrong with seals, the stored tree, and the events' places in it."""
    wrong, roots = [], {}
    for row in Seal.objects.order_by("epoch", "size").iterator():
        report.count("Seal")
        problem = list(_seal(row))
        wrong += problem
        if row.node == own and not problem:
            roots[row.epoch, row.size] = seals.read(row.raw)["root"]
    yield from wrong
    yield from _succession(own)
    yield from _shown_with_events()
    epochs = sorted(
        {epoch for epoch, _ in roots} | set(SealNode.objects.values_list("epoch", flat=True).distinct())
    )
    for epoch in epochs:
        size = max((size for e, size in roots if e == epoch), default=0)
        present = epoch == identity.me().epoch
        yield from _tree(
            epoch, size, {s: r for (e, s), r in roots.items() if e == epoch}, report, present=present
        )


def _shown_with_events() -> Iterator[Discrepancy]:
    """A peer's seal that came with its events is still held, or a larger one of its epoch."""
    largest: dict[tuple[str, int], int] = {}
    for raw in SealedHead.objects.order_by("pk").values_list("seal", flat=True).iterator():
        shown = document_of(raw) or {}
        place, size = (shown.get("node"), shown.get("epoch")), shown.get("size")
        if isinstance(place[0], str) and isinstance(place[1], int) and isinstance(size, int):
            largest[place[0], place[1]] = max(size, largest.get((place[0], place[1]), 0))
    for (node, epoch), size in sorted(largest.items()):
        if not Seal.objects.filter(node=node, epoch=epoch, size__gte=size).exists():
            key = f"{node[:16]}… 第 {epoch} 纪元 {size} 条"
            yield Discrepancy("Seal", key, "node,epoch,size", "随该节点的事件收到的封存声明不见了")


def _seal(row: Seal) -> Iterator[Discrepancy]:
    key = f"{row.node[:16]}… 第 {row.epoch} 纪元 {row.size} 条"
    try:
        document = seals.read(row.raw)
        seals.check(document, identity.chain_of(document["node"]))
    except (ValueError, KeyError, TypeError, identity.UnknownNode):
        yield Discrepancy("Seal", key, "raw", "不是该节点所签的封存声明")
        return
    yield from compare(row, key, {name: document[name] for name in ("node", "epoch", "size")})


def _succession(own: str) -> Iterator[Discrepancy]:
    """Each seal of ours names the one before, so that none can be taken out."""
    before = ""
    for row in Seal.objects.filter(node=own).order_by("epoch", "size").iterator():
        try:
            named = seals.read(row.raw)["previous"]
        except (ValueError, KeyError, TypeError):
            named = before  # told already
        if named != before:
            key = f"{own[:16]}… 第 {row.epoch} 纪元 {row.size} 条"
            yield Discrepancy(
                "Seal", key, "node,epoch,size,raw", "没有接上前一份封存声明：有声明被删去或改动"
            )
        before = digest.of(row.raw.encode())


def _tree(
    epoch: int, size: int, roots: dict[int, str], report: Report, *, present: bool
) -> Iterator[Discrepancy]:
    edge: dict[tuple[int, int], bytes] = {}
    for start in range(0, size, BATCH):
        end = min(start + BATCH, size)
        stored = _stored(epoch, start, end)
        report.count("SealNode", len(stored))
        found = {}
        if present:
            # What a settlement put aside keeps its place: the tree never forgets.
            found = {
                leaf: hash_
                for model in (Fork, Event)
                for leaf, hash_ in model.objects.filter(leaf__gte=start, leaf__lt=end).values_list(
                    "leaf", "hash"
                )
            }
        for place in range(start, end):
            leaf = stored.get((0, place), b"")
            if present and place not in found:
                yield Discrepancy(
                    "Event", f"封存第 {place} 位", "leaf", "封存过的事件不见了，或失去了它的位置"
                )
            elif present:
                # A hash that is none was told with its event; here it is not the one that was sealed.
                name = digest.raw(found[place]) if digest.is_digest(found[place]) else found[place].encode()
                expected = merkle.leaf_hash(name)
                if leaf and leaf != expected:
                    yield Discrepancy(
                        "SealNode", f"{epoch}/0/{place}", "hash", "与该位置的事件不符（或事件被换过）"
                    )
                leaf = leaf or expected
            for level, index, value in merkle.append_nodes(place, leaf, lambda a, b: edge[a, b]):
                edge[level, index] = value
                edge.pop((level, index - 2), None)
                kept = stored.get((level, index))
                if kept is None:
                    yield Discrepancy("SealNode", f"{epoch}/{level}/{index}", "epoch,level,index", "节点缺失")
                elif kept != value:
                    yield Discrepancy("SealNode", f"{epoch}/{level}/{index}", "hash", "不是其下各条的摘要")
            if (
                place + 1 in roots
                and digest.write(merkle.root_at(place + 1, lambda a, b: edge[a, b])) != roots[place + 1]
            ):
                yield Discrepancy("Seal", f"第 {epoch} 纪元 {place + 1} 条", "raw", "所签的根与封存树不符")
    yield from _beyond(epoch, size, present=present)


def _stored(epoch: int, start: int, end: int) -> dict[tuple[int, int], bytes]:
    """Return the stored nodes that the leaves from `start` to before `end` complete."""
    places = Q()
    for level in count():
        first, last = start >> level, end >> level
        if last == first and level:
            break
        places |= Q(level=level, index__gte=first, index__lt=last)
    rows = SealNode.objects.filter(places, epoch=epoch).values_list("level", "index", "hash")
    return {
        (level, index): digest.raw(hash_) if digest.is_digest(hash_) else hash_.encode()
        for level, index, hash_ in rows
    }


def _beyond(epoch: int, size: int, *, present: bool) -> Iterator[Discrepancy]:
    """Yield nodes and places beyond the last signed seal."""
    top = SealNode.objects.filter(epoch=epoch).aggregate(top=Max("level"))["top"] or 0
    for level in range(top + 1):
        extra = SealNode.objects.filter(epoch=epoch, level=level, index__gte=size >> level).order_by("index")
        for row in extra.iterator():
            yield Discrepancy(
                "SealNode", f"{epoch}/{level}/{row.index}", "epoch,level,index", "超出最近一份封存声明"
            )
    if present:
        misplaced = Event.objects.filter(Q(leaf__gte=size) | Q(leaf__isnull=False, own=False)).order_by("id")
        for event in misplaced.iterator():
            key = f"{event.subject} {event.role}/{event.term} 第 {event.seq} 条"
            yield Discrepancy("Event", key, "leaf,own", "封存位置不成立")
