from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.nodes import Node, node
from tongban.kernel import identity
from tongban.kernel.crypto import canon, digest, keychain, signed, sm
from tongban.kernel.journal import merkle, seals
from tongban.kernel.journal.sealed import Head
from tongban.kernel.journal.seals import SealDoesNotExtend, SealMissing, Shown
from tongban.kernel.models import EpochRecord, Event, Seal, SealNode

__all__ = ["node"]

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
NOTHING = "sm3:" + "0" * 64
PEER = sm.SoftwareKey.generate()
CHAIN = keychain.first_record(PEER, sm.SoftwareKey.generate().public, AT)
HASHES = [digest.of(bytes([number])) for number in range(20)]
LEAVES = [merkle.leaf_hash(digest.raw(one)) for one in HASHES]


def write(count: int, *, own: bool = True) -> None:
    """Store events as the journal would, as far as sealing is concerned."""
    before = Event.objects.count()
    for number in range(before, before + count):
        Event.objects.create(
            procedure="case", subject="C", role="intake", term=1, seq=number + 1, epoch=1, kind="file", node="", at=AT,
            hash=digest.of(b"%d" % number), raw="{}", own=own,
        )  # fmt: skip


def get(level: int, index: int) -> bytes:
    return merkle.root(LEAVES[index << level : (index + 1) << level])


def seal_of(size: int, *, epoch: int = 1, hours: int | None = None, **changes: Any) -> dict[str, Any]:
    """Return the peer's seal over its first leaves."""
    at = AT + timedelta(hours=size if hours is None else hours)
    document = {
        "format": "tongban-seal/2", "node": CHAIN.root, "epoch": epoch, "size": size,
        "root": digest.write(merkle.root(LEAVES[:size])), "at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "previous": "",
    }  # fmt: skip
    return signed.sign({**document, **changes}, PEER, 1)


def proof_of(size: int, old: int) -> dict[str, Any]:
    path = merkle.consistency_proof(old, size, get) if 0 < old < size else []
    return {"from": old, "path": [digest.write(step) for step in path]}


def place(leaf: int, size: int) -> dict[str, Any]:
    """Return where the peer's tree of a size holds an event: its leaf, as the event of that place of the chain."""
    path = [digest.write(step) for step in merkle.inclusion_proof(leaf, size, get)]
    return {"chain": "handling/1", "seq": leaf + 1, "leaf": leaf, "path": path}


def head(leaf: int) -> Head:
    """Return the event that is a leaf of the peer's tree, as a head of its chain."""
    return "handling/1", leaf + 1, HASHES[leaf]


def receive(
    size: int, old: int = 0, *, heads: Sequence[Head] = (), inclusion: Any = (), **changes: Any
) -> dict[str, Any]:
    shown = Shown(seal_of(size, **changes), proof_of(size, old), inclusion)
    return seals.receive(shown, heads, CHAIN, AT)


def held() -> dict[str, Any]:
    """Return the one seal of the peer that is kept."""
    return seals.read(Seal.objects.get(node=CHAIN.root).raw)


class TestSealing:
    def test_nothing_to_seal_makes_no_seal(self, node: Node) -> None:
        assert seals.seal_pending(AT) is None
        assert not Seal.objects.exists()

    def test_seals_our_events_in_order_and_nobody_else_s(self, node: Node) -> None:
        write(3)
        write(2, own=False)
        seal = seals.seal_pending(AT)
        assert seal is not None
        assert seal.size == 3
        assert list(Event.objects.order_by("id").values_list("leaf", flat=True)) == [0, 1, 2, None, None]

    def test_the_root_is_that_of_the_tree_in_memory_after_every_batch(
        self, node: Node, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(seals, "BATCH", 4)
        write(11)
        while (seal := seals.seal_pending(AT)) is not None:
            hashes = Event.objects.filter(leaf__isnull=False).order_by("leaf").values_list("hash", flat=True)
            root = merkle.root([merkle.leaf_hash(digest.raw(one)) for one in hashes])
            assert seals.read(seal.raw)["root"] == digest.write(root)
        assert Seal.objects.count() == 3

    def test_each_seal_names_the_one_before_and_is_signed(self, node: Node) -> None:
        for _ in range(2):
            write(1)
            seals.seal_pending(AT)
        first, second = Seal.objects.order_by("size")
        chain = identity.chain_of(node.fingerprint)
        assert seals.check(seals.read(second.raw), chain)["previous"] == digest.of(first.raw.encode())

    def test_each_event_is_proved_to_be_inside_and_each_seal_to_extend(self, node: Node) -> None:
        roots, sealed = {}, {}
        for size in range(1, 8):
            write(1)
            seal = seals.seal_pending(AT)
            assert seal is not None
            sealed[size] = seals.read(seal.raw)
            roots[size] = digest.raw(sealed[size]["root"])
        for new in range(2, 8):
            # Each seal is proved by what it counts, whatever was sealed since.
            for old in range(1, new):
                path = [digest.raw(step) for step in seals.consistency(old, sealed[new])]
                assert merkle.verify_consistency(old, new, roots[old], roots[new], path)
        for event in Event.objects.all():
            proof = seals.inclusion(event, sealed[7])
            assert proof is not None
            path = [digest.raw(step) for step in proof["path"]]
            leaf = merkle.leaf_hash(digest.raw(event.hash))
            assert merkle.verify_inclusion(proof["leaf"], proof["size"], leaf, path, roots[7])

    def test_there_is_no_proof_for_more_than_a_seal_counts(self, node: Node) -> None:
        write(2)
        first = seals.seal_pending(AT)
        write(4)
        assert first is not None
        assert seals.seal_pending(AT) is not None
        early = seals.read(first.raw)
        assert seals.consistency(5, early) == []
        assert [seals.inclusion(event, early) is None for event in Event.objects.order_by("id")] == [
            False, False, True, True, True, True,
        ]  # fmt: skip

    def test_a_new_epoch_begins_a_tree_of_all_that_survived(self, node: Node) -> None:
        write(3)
        seals.seal_pending(AT)
        me = identity.me()
        me.epoch = 2
        me.save()
        write(1)
        seal = seals.seal_pending(AT)
        assert seal is not None
        assert (seal.epoch, seal.size) == (2, 4)
        assert SealNode.objects.filter(epoch=1, level=0).count() == 3


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_an_open_transaction_may_still_precede_is_not_sealed_yet() -> None:
    """An event whose transaction is the server's newest is taken only once that has ended."""
    from django.db import transaction

    from tongban.kernel.journal import writing
    from tongban.kernel.journal.writer import _transaction_id

    row = {
        "procedure": "case", "subject": "C", "role": "intake", "term": 1, "seq": 1, "epoch": 1, "kind": "file", "node": "", "at": AT,
        "hash": "sm3:" + "a" * 64, "raw": "{}", "own": True, "xact": _transaction_id(),
    }  # fmt: skip
    with transaction.atomic():
        writing.store([writing.Insert(Event, (row,))])
        assert not seals._committed().exists()
    # Transactions of other tests on this server may be open too; each ends, and then it is taken.
    assert any(seals._committed().exists() for _ in range(100_000))


class TestReceiving:
    def test_keeps_a_first_seal_and_what_extends_it(self, node: Node) -> None:
        assert receive(3)["size"] == 3
        assert receive(7, old=3)["size"] == 7
        latest = seals.latest(CHAIN.root)
        assert latest is not None
        assert latest["size"] == 7
        assert Seal.objects.count() == 1

    def test_an_older_seal_arriving_late_changes_nothing(self, node: Node) -> None:
        receive(7)
        with pytest.raises(SealMissing):
            receive(3)
        receive(7)
        assert held()["size"] == 7

    def test_the_same_seal_again_changes_nothing(self, node: Node) -> None:
        receive(7)
        before = Seal.objects.values().get()
        receive(7)  # signed anew
        receive(7, hours=99)
        assert Seal.objects.values().get() == before

    @pytest.mark.parametrize(
        ("size", "old", "changes"),
        [
            (9, 7, {"root": NOTHING}),  # a proof that fails
            (7, 0, {"root": NOTHING}),  # the same size with another root
            (3, 0, {"hours": 99}),  # smaller, yet younger: a copy or an undeclared backup
            (9, 7, {"epoch": 2}),  # a new epoch that nobody accounted for
        ],
    )
    def test_refuses_another_past(self, node: Node, size: int, old: int, changes: dict[str, Any]) -> None:
        receive(7)
        with pytest.raises(SealDoesNotExtend):
            receive(size, old=old, **changes)
        assert held()["size"] == 7

    @pytest.mark.parametrize(
        "proof",
        [
            None, [], "x", {}, {"from": 7}, {"path": []}, {"from": 3, "path": proof_of(9, 3)["path"]}, proof_of(9, 0),
            {**proof_of(9, 7), "from": "7"}, {**proof_of(9, 7), "path": "x"}, {**proof_of(9, 7), "path": [None]},
            {**proof_of(9, 7), "path": ["00" * 32]}, {**proof_of(9, 7), "path": ["sha256:" + "0" * 64]},
        ],
    )  # fmt: skip
    def test_misses_the_proof_from_what_is_held(self, node: Node, proof: object) -> None:
        receive(7)
        with pytest.raises(SealMissing, match=CHAIN.root[:16]):
            seals.receive(Shown(seal_of(9), proof, []), [], CHAIN, AT)
        assert held()["size"] == 7

    def test_misses_a_seal(self, node: Node) -> None:
        with pytest.raises(SealMissing):
            seals.receive(Shown(None, None, None), [], CHAIN, AT)
        assert not Seal.objects.exists()

    def test_a_new_epoch_comes_with_its_record(self, node: Node) -> None:
        receive(7)
        EpochRecord.objects.create(node=CHAIN.root, epoch=2, raw="{}")
        receive(2, epoch=2, hours=50)
        with pytest.raises(SealMissing):
            receive(9, old=7)  # of the epoch before: too late
        latest = seals.latest(CHAIN.root)
        assert latest is not None
        assert (latest["epoch"], latest["size"]) == (2, 2)

    @pytest.mark.parametrize(
        "changes",
        [
            {"node": NOTHING}, {"node": 3}, {"node": "0" * 64}, {"format": "tongban-seal/1"}, {"epoch": True}, {"epoch": 0},
            {"epoch": "1"}, {"epoch": 2**31}, {"size": 0}, {"size": -1}, {"size": True},
            {"root": "zz"}, {"root": "0" * 64}, {"root": "sha256:" + "0" * 64}, {"root": None}, {"at": None},
            {"at": "2026-03-02T01:00:00Z"}, {"previous": None}, {"previous": "0" * 64}, {"x": 1},
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_seal_of_the_peer(self, node: Node, changes: dict[str, Any]) -> None:
        document = signed.sign({**seal_of(3), **changes}, PEER, 1)
        with pytest.raises(signed.BadSignature):
            seals.receive(Shown(document, None, []), [], CHAIN, AT)
        assert not Seal.objects.exists()

    @pytest.mark.parametrize("name", sorted(seal_of(3)))
    def test_refuses_a_seal_that_lacks_a_member(self, node: Node, name: str) -> None:
        document = {member: value for member, value in seal_of(3).items() if member != name}
        with pytest.raises(signed.BadSignature):
            seals.receive(Shown(document, None, []), [], CHAIN, AT)

    def test_refuses_a_signature_that_does_not_fit(self, node: Node) -> None:
        document = canon.decode(canon.encode({**seal_of(3), "size": 4}))
        with pytest.raises(signed.BadSignature):
            seals.receive(Shown(document, None, []), [], CHAIN, AT)

    def test_refuses_a_key_that_is_revoked_by_now(self, node: Node) -> None:
        newer = sm.SoftwareKey.generate()
        later = keychain.next_record(
            CHAIN, PEER, newer, sm.SoftwareKey.generate().public, AT, [(1, AT + timedelta(hours=1))]
        )
        shown = Shown(seal_of(3), None, [])
        with pytest.raises(signed.BadSignature, match="吊销"):
            seals.receive(shown, [], later, AT + timedelta(hours=1))
        assert seals.receive(shown, [], later, AT)["size"] == 3


class TestWhatASealMustHold:
    def test_is_every_head_that_came(self, node: Node) -> None:
        inclusion = [place(6, 7), place(2, 7)]
        receive(7, heads=[head(2), head(6)], inclusion=inclusion)
        # The same seal shows what it held all along.
        receive(7, heads=[head(3)], inclusion=[place(3, 7)])
        receive(9, old=7, heads=[head(8)], inclusion=["x", {}, None, {**place(8, 9), "more": 1}, place(8, 9)])

    @pytest.mark.parametrize(
        "inclusion",
        [
            None, "x", {}, [], [place(5, 7)], [place(6, 8)], [{**place(6, 7), "leaf": 5}], [{**place(6, 7), "leaf": True}],
            [{**place(6, 7), "leaf": 7}], [{**place(6, 7), "leaf": -1}], [{**place(6, 7), "seq": 6}],
            [{**place(6, 7), "chain": "handling/2"}],
            [{**place(6, 7), "path": place(5, 7)["path"]}], [{**place(6, 7), "path": None}], [{**place(6, 7), "path": [1]}],
            [{**place(6, 7), "path": place(6, 7)["path"][:-1]}], [{**place(6, 7), "more": 1}],
        ],
    )  # fmt: skip
    def test_is_missed_without_its_proof(self, node: Node, inclusion: object) -> None:
        with pytest.raises(SealMissing):
            receive(7, heads=[head(6)], inclusion=inclusion)
        assert not Seal.objects.exists()

    def test_is_the_very_event(self, node: Node) -> None:
        chain, seq, _ = head(6)
        with pytest.raises(SealMissing):
            receive(7, heads=[(chain, seq, HASHES[5])], inclusion=[place(6, 7)])

    def test_is_kept_for_dossiers_with_the_seal_that_came(self, node: Node) -> None:
        for leaf, size in ((2, 3), (6, 7)):
            shown = Shown(seal_of(size), proof_of(size, 3), [place(1, size), place(leaf, size)])
            seals.receive(shown, [head(leaf)], CHAIN, AT)
            seals.keep_included("C", head(leaf), shown)
        assert seals.peers_of("C") == [{"seal": shown.seal, "inclusion": [place(6, 7)]}]
        assert seals.peers_of("D") == []

    def test_is_kept_by_the_proof_that_holds_whatever_else_came(self, node: Node) -> None:
        wrong = {**place(6, 7), "path": place(5, 7)["path"]}
        shown = Shown(seal_of(7), None, ["x", None, {}, wrong, place(6, 7)])
        seals.receive(shown, [head(6)], CHAIN, AT)
        seals.keep_included("C", head(6), shown)
        assert seals.peers_of("C") == [{"seal": shown.seal, "inclusion": [place(6, 7)]}]


class TestTwoFaces:
    """What another peer passes on of a node may contradict what that node shows us."""

    @pytest.fixture(autouse=True)
    def known(self, node: Node) -> None:
        identity.remember(CHAIN)

    def test_are_two_roots_of_one_size(self) -> None:
        receive(7)
        assert seals.two_faces([seal_of(7), None, seal_of(7, root=NOTHING)], AT) == [CHAIN.root]

    @pytest.mark.parametrize(
        "shown",
        [
            seal_of(7), seal_of(8, root=NOTHING), seal_of(6), seal_of(7, root=NOTHING, epoch=2), None, [], {},
            {"node": 3}, {"node": NOTHING}, {**seal_of(7), "root": NOTHING}, {**seal_of(7, root=NOTHING), "more": 1},
        ],
    )  # fmt: skip
    def test_are_nothing_less(self, shown: object) -> None:
        receive(7)
        assert seals.two_faces([shown], AT) == []

    def test_need_a_seal_that_is_held(self) -> None:
        assert seals.two_faces([seal_of(7, root=NOTHING)], AT) == []


def test_a_node_knows_which_root_it_had_at_a_size(node: Node) -> None:
    roots = {}
    for size in range(1, 6):
        write(1)
        seal = seals.seal_pending(AT)
        assert seal is not None
        roots[size] = seals.read(seal.raw)["root"]
    assert {size: seals.root_of_own(1, size) for size in roots} == roots
    for epoch, size in ((1, 0), (1, 6), (1, -1), (2, 1)):
        assert seals.root_of_own(epoch, size) is None
    SealNode.objects.filter(level=0, index=4).delete()
    assert seals.root_of_own(1, 5) is None
    assert seals.root_of_own(1, 4) == roots[4]
