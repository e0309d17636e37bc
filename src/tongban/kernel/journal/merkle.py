"""
Merkle trees after RFC 9162 §2, with SM3: the seal over everything a node has written.

Leaves are given as leaf hashes (`leaf_hash` of the data). What is stored are the roots of complete subtrees,
addressed by (level, index): level 0 are the leaves, and (level, index) covers the leaves from
index·2^level, 2^level of them. They never change, so every earlier tree can be computed again.
"""

from collections.abc import Callable, Sequence

from tongban.kernel.crypto.digest import sm3

type Get = Callable[[int, int], bytes]

EMPTY = sm3(b"")


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf; the zero byte keeps a leaf from passing for a node."""
    return sm3(b"\0" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sm3(b"\1" + left + right)


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes, all in memory."""
    if not leaves:
        return EMPTY
    level = list(leaves)
    while len(level) > 1:
        # A node without a neighbour moves up as it is: the same tree as the standard's recursion.
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) & ~1 :]
    return level[0]


def append_nodes(size: int, leaf: bytes, get: Get) -> list[tuple[int, int, bytes]]:
    """
    Return the subtrees completed by putting `leaf` after `size` leaves, as (level, index, hash) to store.

    The first is the leaf itself. `get` is asked for stored subtrees only.
    """
    completed = [(0, size, leaf)]
    level, index, value = 0, size, leaf
    while index & 1:
        value = node_hash(get(level, index - 1), value)
        level, index = level + 1, index >> 1
        completed.append((level, index, value))
    return completed


def root_at(size: int, get: Get) -> bytes:
    """Return the root when the tree had `size` leaves."""
    return _range(0, size, get) if size else EMPTY


def inclusion_proof(index: int, size: int, get: Get) -> list[bytes]:
    """
    Return the audit path of leaf `index` in the tree of `size` leaves (RFC 9162 §2.1.3.1).

    Raises:
        ValueError: no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf in this tree")
    start, end, path = 0, size, []
    while end - start > 1:
        split = start + _half(end - start)
        if index < split:
            path.append(_range(split, end, get))
            end = split
        else:
            path.append(_range(start, split, get))
            start = split
    return path[::-1]


def consistency_proof(old: int, new: int, get: Get) -> list[bytes]:
    """
    Return the proof that the tree of `new` leaves extends that of `old` (RFC 9162 §2.1.4.1).

    Empty if they are the same, and for the empty tree, which everything extends.

    Raises:
        ValueError: `old` is larger than `new`.
    """
    if not 0 <= old <= new:
        raise ValueError("a tree extends smaller ones only")
    if old in (0, new):
        return []
    start, end, path = 0, new, []
    while old != end:
        split = start + _half(end - start)
        if old <= split:
            path.append(_range(split, end, get))
            end = split
        else:
            path.append(_range(start, split, get))
            start = split
    if start:  # otherwise the old root itself is the first node, and the verifier has it
        path.append(_range(start, end, get))
    return path[::-1]


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Return whether `path` proves `leaf` at `index` in the tree of `size` leaves (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size or {len(leaf), len(root), *map(len, path)} != {len(EMPTY)}:
        return False
    fn, sn, value = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            value = node_hash(sibling, value)
            fn, sn = _climb(fn, sn)
        else:
            value = node_hash(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and value == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Return whether `path` proves that the new tree extends the old one (RFC 9162 §2.1.4.2)."""
    if not 0 < old <= new or {len(old_root), len(new_root), *map(len, path)} != {len(EMPTY)}:
        return False  # of an empty tree nothing can be proved, and nobody seals one
    if old == new:
        return not path and old_root == new_root
    # A complete old tree is left out of its own proof.
    nodes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not nodes:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    before = after = nodes[0]
    for sibling in nodes[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            fn, sn = _climb(fn, sn)
        else:
            after = node_hash(after, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and before == old_root and after == new_root


def _climb(fn: int, sn: int) -> tuple[int, int]:
    """Skip the levels at which the last node had no neighbour and moved up as it was."""
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _half(size: int) -> int:
    """Return the largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _range(start: int, end: int, get: Get) -> bytes:
    """Return the root over the leaves from `start` to before `end`, as the standard divides them."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return get(level, start >> level)
    split = start + _half(size)
    return node_hash(_range(start, split, get), _range(split, end, get))
