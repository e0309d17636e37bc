from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.nodes import Node, node
from tongban.kernel import canon, digest, identity, keychain, merkle, seals, signed, sm
from tongban.kernel.models import EpochRecord, Event, Seal, SealNode

__all__ = ["node"]

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
PEER = sm.SoftwareKey.generate()
CHAIN = keychain.first_record(PEER, sm.SoftwareKey.generate().public, AT)
LEAVES = [merkle.leaf_hash(digest.sm3(bytes([number]))) for number in range(20)]


def write(count: int, *, own: bool = True) -> None:
    """Store events as the journal would, as far as sealing is concerned."""
    before = Event.objects.count()
    for number in range(before, before + count):
        Event.objects.create(
            case="C", role="intake", term=1, seq=number + 1, epoch=1, kind="file", node="", at=AT,
            hash=digest.sm3_hex(b"%d" % number), raw="{}", own=own,
        )  # fmt: skip


def get(level: int, index: int) -> bytes:
    return merkle.root(LEAVES[index << level : (index + 1) << level])


def seal_of(size: int, *, epoch: int = 1, hours: int | None = None, **changes: Any) -> dict[str, Any]:
    """Return the peer's seal over its first leaves."""
    at = AT + timedelta(hours=size if hours is None else hours)
    document = {
        "format": "tongban-seal/1", "node": CHAIN.root, "epoch": epoch, "size": size,
        "root": merkle.root(LEAVES[:size]).hex(), "at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "previous": "",
    }  # fmt: skip
    return signed.sign({**document, **changes}, PEER, 1)


def receive(size: int, old: int = 0, **changes: Any) -> None:
    path = [step.hex() for step in merkle.consistency_proof(old, size, get)] if old and old < size else []
    seals.receive(seal_of(size, **changes), path, CHAIN)


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
            root = merkle.root([merkle.leaf_hash(bytes.fromhex(one)) for one in hashes])
            assert seals.read(seal.raw)["root"] == root.hex()
        assert Seal.objects.count() == 3

    def test_each_seal_names_the_one_before_and_is_signed(self, node: Node) -> None:
        for _ in range(2):
            write(1)
            seals.seal_pending(AT)
        first, second = Seal.objects.order_by("size")
        chain = identity.chain_of(node.fingerprint)
        assert seals.check(seals.read(second.raw), chain)["previous"] == digest.sm3_hex(first.raw.encode())

    def test_each_event_is_proved_to_be_inside_and_each_seal_to_extend(self, node: Node) -> None:
        roots = {}
        for size in range(1, 8):
            write(1)
            seal = seals.seal_pending(AT)
            assert seal is not None
            roots[size] = bytes.fromhex(seals.read(seal.raw)["root"])
        for old in range(1, 7):
            path = [bytes.fromhex(step) for step in seals.consistency(old)]
            assert merkle.verify_consistency(old, 7, roots[old], roots[7], path)
        for event in Event.objects.all():
            proof = seals.inclusion(event)
            assert proof is not None
            path = [bytes.fromhex(step) for step in proof["path"]]
            leaf = merkle.leaf_hash(bytes.fromhex(event.hash))
            assert merkle.verify_inclusion(proof["leaf"], proof["size"], leaf, path, roots[7])

    def test_there_is_no_proof_for_more_than_we_have(self, node: Node) -> None:
        assert seals.consistency(5) == []

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

    from tongban.kernel import writing
    from tongban.kernel.journal import _transaction_id

    row = {
        "case": "C", "role": "intake", "term": 1, "seq": 1, "epoch": 1, "kind": "file", "node": "", "at": AT,
        "hash": "a" * 64, "raw": "{}", "own": True, "xact": _transaction_id(),
    }  # fmt: skip
    with transaction.atomic():
        writing.store([writing.Insert(Event, (row,))])
        assert not seals._committed().exists()
    # Transactions of other tests on this server may be open too; each ends, and then it is taken.
    assert any(seals._committed().exists() for _ in range(100_000))


class TestReceiving:
    def test_keeps_a_first_seal_and_what_extends_it(self, node: Node) -> None:
        receive(3)
        receive(7, old=3)
        latest = seals.latest(CHAIN.root)
        assert latest is not None
        assert latest["size"] == 7
        assert Seal.objects.count() == 1

    def test_an_older_seal_arriving_late_changes_nothing(self, node: Node) -> None:
        receive(7)
        receive(3)
        receive(7)
        assert Seal.objects.get().size == 7

    @pytest.mark.parametrize(
        ("size", "old", "changes"),
        [
            (9, 0, {}),  # no proof
            (9, 3, {}),  # a proof from another size
            (9, 7, {"root": "0" * 64}),
            (7, 0, {"root": "0" * 64}),  # the same size with another root
            (3, 0, {"hours": 99}),  # smaller, yet younger: a copy or an undeclared backup
            (9, 7, {"epoch": 2}),  # a new epoch that nobody accounted for
        ],
    )
    def test_refuses_another_past(self, node: Node, size: int, old: int, changes: dict[str, Any]) -> None:
        receive(7)
        with pytest.raises(seals.SealDoesNotExtend):
            receive(size, old=old, **changes)
        assert Seal.objects.get().size == 7

    def test_a_new_epoch_comes_with_its_record(self, node: Node) -> None:
        receive(7)
        EpochRecord.objects.create(node=CHAIN.root, epoch=2, raw="{}")
        receive(2, epoch=2, hours=50)
        receive(9, old=7)  # of the epoch before: too late
        latest = seals.latest(CHAIN.root)
        assert latest is not None
        assert (latest["epoch"], latest["size"]) == (2, 2)

    @pytest.mark.parametrize(
        "changes",
        [
            {"node": "0" * 64},
            {"format": "tongban-seal/2"},
            {"epoch": True},
            {"root": "zz"},
            {"x": 1},
        ],
    )
    def test_refuses_what_is_no_seal_of_the_peer(self, node: Node, changes: dict[str, Any]) -> None:
        with pytest.raises(signed.BadSignature):
            receive(3, **changes)

    def test_refuses_a_signature_that_does_not_fit(self, node: Node) -> None:
        document = canon.decode(canon.encode({**seal_of(3), "size": 4}))
        with pytest.raises(signed.BadSignature):
            seals.receive(document, [], CHAIN)
