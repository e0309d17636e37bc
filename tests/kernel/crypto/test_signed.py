from datetime import timedelta
from typing import Any

import pytest

from tests.kernel.crypto.test_keychain import FIRST, MONDAY, ONE, SECOND, TWO
from tongban.kernel.crypto import canon, digest, signed, sm

DOCUMENT = {"format": "tongban-test/1", "say": "青阳县"}
SIGNED = signed.sign(DOCUMENT, SECOND, 2)
(ENTRY,) = SIGNED["signatures"]
BY_FIRST = signed.sign(DOCUMENT, FIRST, 1)["signatures"][0]
LATER = {"key": 2, "value": "ml-dsa-65:00ff"}  # of an algorithm still to come


def by(*entries: object) -> dict[str, Any]:
    """Return the document with these signatures."""
    return {**DOCUMENT, "signatures": list(entries)}


def test_a_signed_document_names_its_key() -> None:
    assert {**DOCUMENT, "signatures": [{"key": 2, "value": ENTRY["value"]}]} == SIGNED
    assert ENTRY["value"].startswith("sm2:")
    assert signed.key_numbers(SIGNED) == [2]
    signed.check(SIGNED, TWO)


def test_the_number_of_the_key_and_the_algorithm_are_signed() -> None:
    message = digest.tagged_bytes("tongban-test/1", {**DOCUMENT, "signing": {"key": 2, "suite": "sm2"}})
    assert sm.verify(SECOND.public, message, bytes.fromhex(ENTRY["value"][4:]))


def test_signing_again_replaces_the_signature() -> None:
    again = signed.sign(SIGNED, FIRST, 1)
    assert [entry["key"] for entry in again["signatures"]] == [1]
    signed.check(again, TWO)


@pytest.mark.parametrize(
    "document",
    [
        {},
        DOCUMENT,
        {**SIGNED, "say": "石台县"},
        {**SIGNED, "more": 1},
        {**SIGNED, "format": "tongban-other/1"},
        {**SIGNED, "say": 1.5},
        {**SIGNED, "signing": {"key": 2, "suite": "sm2"}},
        {**SIGNED, "signing": {"key": 1, "suite": "sm2"}},
        {**SIGNED, "signatures": None},
        {**SIGNED, "signatures": ENTRY},
        {**SIGNED, "signatures": ENTRY["value"]},
        {**DOCUMENT, "key": 2, "signature": ENTRY["value"][4:]},  # as format 1 had it
        by(),
        by(None),
        by(ENTRY["value"]),
        by({"key": 2}),
        by({"value": ENTRY["value"]}),
        by({**ENTRY, "more": 1}),
        by({**ENTRY, "key": 1}),
        by({**ENTRY, "key": 3}),
        by({**ENTRY, "key": 0}),
        by({**ENTRY, "key": -1}),
        by({**ENTRY, "key": True}),
        by({**ENTRY, "key": "2"}),
        by({**ENTRY, "value": None}),
        by({**ENTRY, "value": ""}),
        by({**ENTRY, "value": "sm2:"}),
        by({**ENTRY, "value": ENTRY["value"][4:]}),  # names no algorithm
        by({**ENTRY, "value": "sm2:" + ENTRY["value"][4:].upper()}),
        by({**ENTRY, "value": ENTRY["value"] + " "}),
        by({**ENTRY, "value": ENTRY["value"] + "00"}),
        by({**ENTRY, "value": "sm2:xyz"}),
        by({**BY_FIRST, "key": 2}),
    ],
)
def test_refuses_what_the_owner_did_not_sign(document: dict[str, Any]) -> None:
    with pytest.raises(signed.BadSignature) as refused:
        signed.check(document, TWO)
    assert refused.type is signed.BadSignature


class TestSeveralSignatures:
    def test_by_several_keys_all_count(self) -> None:
        document = by(ENTRY, BY_FIRST)
        signed.check(document, TWO)
        assert signed.key_numbers(document) == [2, 1]

    @pytest.mark.parametrize("bad", [{**BY_FIRST, "value": ENTRY["value"]}, {**ENTRY, "key": 1}])
    def test_a_second_that_does_not_hold_spoils_the_first(self, bad: dict[str, Any]) -> None:
        for document in (by(ENTRY, bad), by(bad, ENTRY)):
            with pytest.raises(signed.BadSignature, match="不符"):
                signed.check(document, TWO)

    def test_a_second_by_a_key_unknown_to_the_chain_spoils_the_first(self) -> None:
        with pytest.raises(signed.BadSignature, match="3 号"):
            signed.check(by(ENTRY, {**BY_FIRST, "key": 3}), TWO)

    def test_a_second_by_a_revoked_key_spoils_the_first(self) -> None:
        signed.check(by(ENTRY, BY_FIRST), TWO, at=MONDAY - timedelta(seconds=1))
        with pytest.raises(signed.BadSignature, match="吊销"):
            signed.check(by(ENTRY, BY_FIRST), TWO, at=MONDAY)

    @pytest.mark.parametrize("entries", [(LATER, ENTRY), (ENTRY, LATER), (ENTRY, LATER, {**LATER, "key": 9})])
    def test_an_algorithm_that_is_not_known_is_set_aside(self, entries: tuple[dict[str, Any], ...]) -> None:
        document = by(*entries)
        signed.check(document, TWO)
        assert signed.key_numbers(document) == [2]

    @pytest.mark.parametrize(
        "entries", [(LATER,), (LATER, {**LATER, "key": 1}), ({**ENTRY, "value": "SM2" + ENTRY["value"][3:]},)]
    )
    def test_only_unknown_algorithms_are_an_unknown_suite(self, entries: tuple[dict[str, Any], ...]) -> None:
        with pytest.raises(signed.UnknownSuite):
            signed.check(by(*entries), TWO)

    @pytest.mark.parametrize(
        "entries",
        [(ENTRY, ENTRY), (ENTRY, signed.sign(DOCUMENT, SECOND, 2)["signatures"][0]), (ENTRY, LATER, LATER)],
    )
    def test_one_key_signs_once_with_one_algorithm(self, entries: tuple[dict[str, Any], ...]) -> None:
        with pytest.raises(signed.BadSignature, match="重复"):
            signed.check(by(*entries), TWO)

    def test_are_four_at_most(self) -> None:
        later = [{**LATER, "key": number} for number in range(1, 5)]
        signed.check(by(ENTRY, *later[:3]), TWO)
        with pytest.raises(signed.BadSignature, match="格式不符"):
            signed.check(by(ENTRY, *later), TWO)


def test_a_key_unknown_to_the_chain_proves_nothing() -> None:
    with pytest.raises(signed.BadSignature, match="2 号"):
        signed.check(SIGNED, ONE)


def test_a_revoked_key_counts_only_for_what_was_seen_before() -> None:
    document = signed.sign(DOCUMENT, FIRST, 1)
    signed.check(document, TWO, at=MONDAY - timedelta(seconds=1))
    with pytest.raises(signed.BadSignature, match="吊销"):
        signed.check(document, TWO, at=MONDAY)


def test_a_document_says_what_it_is() -> None:
    with pytest.raises(canon.CanonError):
        signed.sign({"say": "anything"}, FIRST, 1)


def test_a_document_says_nothing_where_signing_stands() -> None:
    with pytest.raises(canon.CanonError):
        signed.sign({**DOCUMENT, "signing": 1}, FIRST, 1)
