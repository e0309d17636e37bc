"""A tree of RFC 9162 with SM3, and proofs in it."""

from .liar_sm import sm3


def leaf_hash(data: bytes) -> bytes:
    return sm3(b"\0" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sm3(b"\1" + left + right)


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


class Tree:
    """All leaves in order. `leaves` holds the data: the 32 bytes of each event's hash."""

    def __init__(self, leaves: list[bytes] | None = None) -> None:
        self.leaves = list(leaves or ())
        self._whole: dict[tuple[int, int], bytes] = {}  # of full subtrees, which never change

    def __len__(self) -> int:
        return len(self.leaves)

    def copy(self) -> "Tree":
        return Tree(self.leaves)

    def add(self, data: bytes) -> int:
        self.leaves.append(data)
        return len(self.leaves) - 1

    def root(self, size: int | None = None) -> bytes:
        size = len(self.leaves) if size is None else size
        return self._root(0, size) if size else sm3(b"")

    def _root(self, begin: int, end: int) -> bytes:
        if end - begin == 1:
            return leaf_hash(self.leaves[begin])
        if (begin, end) in self._whole:
            return self._whole[begin, end]
        middle = begin + _split(end - begin)
        found = node_hash(self._root(begin, middle), self._root(middle, end))
        if end - begin == 2 * (middle - begin):
            self._whole[begin, end] = found
        return found

    def inclusion(self, leaf: int, size: int) -> list[bytes]:
        return self._path(leaf, 0, size)

    def _path(self, leaf: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + _split(end - begin)
        if leaf < middle:
            return [*self._path(leaf, begin, middle), self._root(middle, end)]
        return [*self._path(leaf, middle, end), self._root(begin, middle)]

    def consistency(self, old: int, size: int) -> list[bytes]:
        return self._subproof(old, 0, size, whole=True) if 0 < old < size else []

    def _subproof(self, old: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._root(begin, end)]
        middle = begin + _split(end - begin)
        if old <= middle:
            return [*self._subproof(old, begin, middle, whole=whole), self._root(middle, end)]
        return [*self._subproof(old, middle, end, whole=False), self._root(begin, middle)]


def included(data: bytes, leaf: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether `path` shows `data` at place `leaf` of the tree of `size` with `root`."""
    if not 0 <= leaf < size:
        return False
    at, last, found = leaf, size - 1, leaf_hash(data)
    for step in path:
        if not last:
            return False
        if at & 1 or at == last:
            found = node_hash(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, step)
        at, last = at >> 1, last >> 1
    return not last and found == root


def extends(old: int, size: int, path: list[bytes], old_root: bytes, root: bytes) -> bool:
    """Whether `path` shows that the tree of `size` begins with the tree of `old` leaves."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not path and old_root == root
    steps = [old_root, *path] if not old & (old - 1) else list(path)
    if not steps:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return not last and before == old_root and after == root
