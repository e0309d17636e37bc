"""The tree against the definition of RFC 9162 §2.1, written down as it stands there."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.journal import merkle

LEAVES = [merkle.leaf_hash(i.to_bytes(2)) for i in range(300)]
SIZES = st.integers(0, len(LEAVES))


def mth(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else merkle.EMPTY
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return merkle.node_hash(mth(leaves[:k]), mth(leaves[k:]))


def stored() -> dict[tuple[int, int], bytes]:
    store: dict[tuple[int, int], bytes] = {}
    for size, leaf in enumerate(LEAVES):
        for level, index, value in merkle.append_nodes(size, leaf, lambda *at: store[at]):
            assert (level, index) not in store  # a subtree is written once
            store[level, index] = value
    return store


STORE = stored()


def get(level: int, index: int) -> bytes:
    return STORE[level, index]


def test_a_leaf_cannot_pass_for_a_node() -> None:
    a, b = LEAVES[:2]
    assert merkle.leaf_hash(a + b) != merkle.node_hash(a, b)


@given(SIZES)
def test_root_is_that_of_the_definition(size: int) -> None:
    assert merkle.root_at(size, get) == merkle.root(LEAVES[:size]) == mth(LEAVES[:size])


@pytest.mark.slow
@given(st.data(), st.integers(1, len(LEAVES)))
def test_inclusion_proves_this_leaf_at_this_place_only(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size))
    root, path = mth(LEAVES[:size]), merkle.inclusion_proof(index, size, get)
    assert merkle.verify_inclusion(index, size, LEAVES[index], path, root)
    assert merkle.verify_inclusion(other, size, LEAVES[index], path, root) == (other == index)
    assert not merkle.verify_inclusion(index, size, LEAVES[index - 1] + b"", [*path, root], root)
    assert not merkle.verify_inclusion(index, size, merkle.EMPTY, path, root)
    assert not path or not merkle.verify_inclusion(index, size, LEAVES[index], path[:-1], root)


@pytest.mark.slow
@given(SIZES, SIZES)
def test_consistency_proves_that_nothing_was_rewritten(a: int, b: int) -> None:
    old, new = sorted((a, b))
    old_root, new_root = mth(LEAVES[:old]), mth(LEAVES[:new])
    path = merkle.consistency_proof(old, new, get)
    # Of the empty tree nothing can be proved: everything extends it.
    assert merkle.verify_consistency(old, new, old_root, new_root, path) == (old > 0)
    assert not merkle.verify_consistency(old, new, LEAVES[7], new_root, path)
    assert not merkle.verify_consistency(old, new, old_root, new_root, [*path, new_root])
    if 0 < old < new:
        assert not merkle.verify_consistency(old, new, old_root, LEAVES[7], path)
        assert not merkle.verify_consistency(old, new, old_root, new_root, path[:-1])


def test_a_history_with_one_leaf_changed_has_no_proof() -> None:
    rewritten = mth([*LEAVES[:3], merkle.leaf_hash(b"another"), *LEAVES[4:20]])
    path = merkle.consistency_proof(10, 20, get)
    assert not merkle.verify_consistency(10, 20, mth(LEAVES[:10]), rewritten, path)


def test_no_proof_of_what_is_not_there() -> None:
    with pytest.raises(ValueError):
        merkle.inclusion_proof(5, 5, get)
    with pytest.raises(ValueError):
        merkle.consistency_proof(6, 5, get)
    assert not merkle.verify_inclusion(5, 5, LEAVES[0], [], LEAVES[0])
    assert not merkle.verify_consistency(6, 5, LEAVES[0], LEAVES[0], [])


class TestWhatIsNoProof:
    @pytest.mark.parametrize("leaf", [b"", b"\0", merkle.EMPTY[:-1], merkle.EMPTY + b"\0"])
    def test_a_leaf_hash_has_its_length_even_where_the_root_is_the_same(self, leaf: bytes) -> None:
        assert not merkle.verify_inclusion(0, 1, leaf, [], leaf)
        assert merkle.verify_inclusion(0, 1, merkle.EMPTY, [], merkle.EMPTY)

    @pytest.mark.parametrize("step", [b"", b"\0", merkle.EMPTY[:-1], merkle.EMPTY + b"\0"])
    def test_a_step_has_its_length(self, step: bytes) -> None:
        root = merkle.node_hash(LEAVES[0], step)
        assert not merkle.verify_inclusion(0, 2, LEAVES[0], [step], root)
        assert not merkle.verify_consistency(1, 2, LEAVES[0], root, [step])

    def test_a_hash_cut_elsewhere_is_no_proof(self) -> None:
        # The node over (a, b) is that over (a+b[:1], b[1:]): only the lengths tell them apart.
        a, b = LEAVES[:2]
        root = merkle.node_hash(a, b)
        assert merkle.node_hash(a + b[:1], b[1:]) == root
        assert not merkle.verify_inclusion(0, 2, a + b[:1], [b[1:]], root)

    def test_nothing_is_in_the_empty_tree(self) -> None:
        assert not merkle.verify_inclusion(0, 0, merkle.EMPTY, [], merkle.EMPTY)
        assert not merkle.verify_inclusion(0, 0, b"", [], b"")

    @pytest.mark.parametrize(
        ("old", "new", "old_root", "new_root", "path"),
        [
            (0, 0, merkle.EMPTY, merkle.EMPTY, []),
            (0, 0, LEAVES[0], LEAVES[0], []),  # a root that is not the empty tree's
            (0, 0, b"", b"", []),
            (0, 1, merkle.EMPTY, LEAVES[0], []),
            (0, 1, merkle.EMPTY, LEAVES[7], []),  # any new root
            (0, 1, LEAVES[0], LEAVES[0], []),
            (0, 2, merkle.EMPTY, merkle.node_hash(LEAVES[0], LEAVES[1]), [LEAVES[0], LEAVES[1]]),
            (-1, 1, LEAVES[0], LEAVES[0], []),
            (1, 1, b"", b"", []),
            (1, 1, LEAVES[0], LEAVES[0], [LEAVES[0]]),
            (3, 5, mth(LEAVES[:3]), mth(LEAVES[:5]), []),
        ],
    )
    def test_an_empty_or_shapeless_tree_extends_to_nothing(
        self, old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]
    ) -> None:
        assert not merkle.verify_consistency(old, new, old_root, new_root, path)


def test_a_tree_of_one_leaf_has_no_other_beside_it() -> None:
    """Else the root of two leaves could be shown as that of one, and the first would be gone."""
    first, second = LEAVES[:2]
    assert not merkle.verify_inclusion(0, 1, second, [first], mth([first, second]))
    assert not merkle.verify_inclusion(2, 3, LEAVES[2], [mth([first, second]), first], mth(LEAVES[:3]))
