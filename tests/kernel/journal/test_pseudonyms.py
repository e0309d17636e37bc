"""Who somebody is within one matter, and nowhere else."""

import base64
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.nodes import Node, node
from tongban.kernel import limits
from tongban.kernel.crypto import keyring
from tongban.kernel.journal import pseudonyms
from tongban.kernel.journal.numbers import ALPHABET

__all__ = ["node"]

SUBJECT, OTHER = "3417230BXN202603020DSBWMGZT", "3417230BXN202603021DSBWMGZK"
CODES = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZabcz", min_size=1, max_size=16)


@examples(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(code=CODES)
def test_is_read_back_by_the_node_that_gave_it(node: Node, code: str) -> None:
    pseudonym = pseudonyms.of(SUBJECT, code)
    assert len(pseudonym) == pseudonyms.LENGTH == limits.PSEUDONYM
    assert set(pseudonym) <= set(ALPHABET)
    assert pseudonyms.person(SUBJECT, pseudonym) == code


def test_is_the_same_each_time_and_another_for_each_person(node: Node) -> None:
    assert pseudonyms.of(SUBJECT, "0QEP7E2PC0J0") == pseudonyms.of(SUBJECT, "0QEP7E2PC0J0")
    assert pseudonyms.of(SUBJECT, "0QEP7E2PC0J0") != pseudonyms.of(SUBJECT, "0QEP7E2PC0J1")


def test_is_another_in_each_matter(node: Node) -> None:
    here, there = pseudonyms.of(SUBJECT, "0QEP7E2PC0J0"), pseudonyms.of(OTHER, "0QEP7E2PC0J0")
    assert here != there
    # Nor can it be read as if it were of the other.
    assert pseudonyms.person(OTHER, here) == ""


def test_is_another_on_each_node(node: Node) -> None:
    here = pseudonyms.of(SUBJECT, "0QEP7E2PC0J0")
    (node.home / "keys/vault-key").write_text("5a" * 16 + "\n", "ascii")
    keyring.vault_key.cache_clear()
    try:
        assert pseudonyms.of(SUBJECT, "0QEP7E2PC0J0") != here
        assert pseudonyms.person(SUBJECT, here) == ""
    finally:
        keyring.vault_key.cache_clear()


def test_of_nobody_is_nothing(node: Node) -> None:
    assert pseudonyms.of(SUBJECT, "") == ""
    assert pseudonyms.person(SUBJECT, "") == ""


@pytest.mark.parametrize(
    "stranger",
    [
        "0" * 26,
        "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "A" * 26,  # beyond 128 bits
        "Z" * 26,
        "U" * 26,
        "0" * 25,
        "0" * 27,
        "o" * 26,
        "０" * 26,
        "S3",
        " " * 26,
    ],
)
def test_of_a_stranger_says_nothing(node: Node, stranger: str) -> None:
    assert pseudonyms.person(SUBJECT, stranger) == ""


@pytest.mark.parametrize("code", ["0" * 17, "0" * 100, "县" * 3, "é"])
def test_a_code_is_short_and_plain(node: Node, code: str) -> None:
    with pytest.raises(ValueError):
        pseudonyms.of(SUBJECT, code)


def test_is_one_block_of_sm4_in_base_32(node: Node) -> None:
    """As docs/protocol.md §3 has it, by other means."""
    secret = keyring.vault_key(settings.NODE.keys)
    key = hmac.digest(secret, b"tongban-pseudonym/2|" + SUBJECT.encode(), "sm3")[:16]
    cipher = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    block = cipher.update(b"0QEP7E2PC0J0" + bytes(4)) + cipher.finalize()
    # base64.b32encode fills up at the end; the number is filled up at the beginning: 2 bits.
    padded = (int.from_bytes(block)).to_bytes(20)
    text = base64.b32encode(padded).decode().translate(
        str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)
    )  # fmt: skip
    assert pseudonyms.of(SUBJECT, "0QEP7E2PC0J0") == text[-26:]
