from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tongban.kernel.crypto import digest, keychain, sm
from tongban.kernel.crypto.keychain import BrokenKeyChain, KeyChain

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
FIRST, SECOND, THIRD, WRAP, WRAP_2 = (sm.SoftwareKey.generate() for _ in range(5))
ONE = keychain.first_record(FIRST, WRAP.public, MONDAY)
TWO = keychain.next_record(ONE, FIRST, SECOND, WRAP_2.public, TUESDAY, [(1, MONDAY)])


def altered(nth: int, /, **changes: Any) -> list[dict[str, Any]]:
    documents = TWO.documents()
    documents[nth - 1] |= changes
    return documents


class TestChain:
    def test_the_root_is_the_hash_of_the_first_key(self) -> None:
        assert ONE.root == TWO.root == digest.of(FIRST.public)

    def test_comes_back_from_its_documents(self) -> None:
        assert KeyChain.verify(TWO.documents()) == TWO

    def test_knows_each_generation(self) -> None:
        assert (TWO.sign_key(1), TWO.sign_key(2)) == (FIRST.public, SECOND.public)
        assert (TWO.current.number, TWO.current.wrap) == (2, WRAP_2.public)
        for unknown in (0, 3):
            with pytest.raises(KeyError):
                TWO.sign_key(unknown)

    def test_a_key_is_revoked_from_a_moment_on(self) -> None:
        assert not TWO.is_revoked(1, MONDAY - timedelta(seconds=1))
        assert TWO.is_revoked(1, MONDAY)
        assert not TWO.is_revoked(2, TUESDAY)

    def test_continues_what_it_began_as(self) -> None:
        assert TWO.extends(ONE)
        assert TWO.extends(TWO)
        assert not ONE.extends(TWO)

    def test_two_continuations_extend_neither_each_other(self) -> None:
        rival = keychain.next_record(ONE, FIRST, THIRD, WRAP_2.public, TUESDAY)
        assert not rival.extends(TWO)
        assert not TWO.extends(rival)
        assert rival.extends(ONE)


class TestBrokenChains:
    @pytest.mark.parametrize(
        ("documents", "what"),
        [
            ([], "为空"),
            (TWO.documents()[1:], "序号"),
            (TWO.documents()[::-1], "序号"),
            (altered(2, node="sm3:" + "0" * 64), "节点标识"),
            (altered(1, node="sm3:" + "0" * 64), "节点标识|签名"),
            (altered(2, previous=""), "前一条"),
            (altered(2, at="2026-03-01T09:00:00Z"), "时间"),
            (altered(2, at="2026-03-04T09:00:00Z"), "签名"),
            (altered(2, at="2026-03-03T17:00:00+08:00"), "格式"),
            (altered(2, at="0001-01-01T00:00:00+14:00"), "格式"),
            # Years from 2000 to 2999: of these only what else is wrong is told.
            (altered(1, at="1999-12-31T23:59:59Z"), "格式"),
            (altered(1, at="2000-01-01T00:00:00Z"), "签名"),
            (altered(2, at="2999-12-31T23:59:59Z"), "签名"),
            (altered(2, at="3000-01-01T00:00:00Z"), "格式"),
            (altered(2, at="2026-03-03T09:00:00"), "格式"),
            (altered(2, wrap="sm2:" + "04" * 65), "公钥"),
            (altered(2, sign=keychain.write_key(FIRST.public)), "旧密钥"),
            (altered(2, revokes=[{"number": 2, "from": "2026-03-02T09:00:00Z"}]), "吊销"),
            (altered(2, revokes=[]), "签名"),
            (altered(2, signature=TWO.current.proof), "前一密钥的签名"),
            (altered(2, proof=TWO.current.signature), "持有证明"),
            (altered(2, signature="zz"), "签名"),
            (altered(2, signature="sm2:zz"), "签名"),
            (altered(2, signature=TWO.current.signature[4:]), "签名"),
            (altered(2, signature="x" + TWO.current.signature), "签名"),
            (altered(2, proof="ed25519" + TWO.current.proof[3:]), "持有证明"),
            (altered(2, proof=None), "持有证明"),
            (altered(2, signature="sm2:" + TWO.current.signature[4:].upper()), "签名"),
            (altered(2, signature=None), "签名"),
            (altered(2, extra=1), "格式"),
            (altered(2, format="tongban-key/1"), "格式"),
            (altered(2, wrap=WRAP_2.public.hex()), "格式"),
            (altered(2, wrap="x25519:" + WRAP_2.public.hex()), "格式"),
            (altered(2, wrap="sm2:" + WRAP_2.public.hex().upper()), "格式"),
            (altered(2, number="2"), "格式|序号"),
            (altered(1, number=True), "格式"),
        ],
    )
    def test_names_the_first_wrong_thing(self, documents: list[dict[str, Any]], what: str) -> None:
        with pytest.raises(BrokenKeyChain, match=what):
            KeyChain.verify(documents)

    def test_a_document_without_its_parts_is_no_record(self) -> None:
        for name in ONE.documents()[0]:
            document = ONE.documents()[0]
            del document[name]
            with pytest.raises(BrokenKeyChain):
                KeyChain.verify([document])

    def test_only_the_previous_key_names_the_next(self) -> None:
        with pytest.raises(BrokenKeyChain, match="签名"):
            keychain.next_record(ONE, THIRD, SECOND, WRAP_2.public, TUESDAY)

    def test_a_moment_needs_a_time_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            keychain.first_record(FIRST, WRAP.public, datetime(2026, 3, 2))


def test_a_fingerprint_is_read_in_groups_of_four() -> None:
    assert keychain.fingerprint_groups("sm3:0123456789ab") == "0123 4567 89ab"


@pytest.mark.parametrize(
    "typed",
    ["sm3:0123456789ab", "0123456789ab", "0123 4567 89ab", "SM3:0123 4567 89AB", " 0123\n456789ab "],
)
def test_a_fingerprint_is_taken_as_people_type_it(typed: str) -> None:
    assert keychain.fingerprint_typed(typed) == "sm3:0123456789ab"
