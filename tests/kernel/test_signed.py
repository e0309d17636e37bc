from datetime import timedelta
from typing import Any

import pytest

from tests.kernel.test_keychain import FIRST, MONDAY, ONE, SECOND, TWO
from tongban.kernel import canon, signed

DOCUMENT = {"format": "tongban-test/1", "say": "青阳县"}
SIGNED = signed.sign(DOCUMENT, SECOND, 2)


def test_a_signed_document_names_its_key() -> None:
    assert {**DOCUMENT, "key": 2, "signature": SIGNED["signature"]} == SIGNED
    signed.check(SIGNED, TWO)


def test_signing_again_replaces_the_signature() -> None:
    signed.check(signed.sign(SIGNED, FIRST, 1), TWO)


@pytest.mark.parametrize(
    "document",
    [
        {},
        DOCUMENT,
        {**SIGNED, "say": "石台县"},
        {**SIGNED, "more": 1},
        {**SIGNED, "format": "tongban-other/1"},
        {**SIGNED, "key": 1},
        {**SIGNED, "key": 3},
        {**SIGNED, "key": True},
        {**SIGNED, "signature": SIGNED["signature"].upper()},
        {**SIGNED, "signature": SIGNED["signature"] + " "},
        {**SIGNED, "signature": None},
        {**SIGNED, "say": 1.5},
    ],
)
def test_refuses_what_the_owner_did_not_sign(document: dict[str, Any]) -> None:
    with pytest.raises(signed.BadSignature):
        signed.check(document, TWO)


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
