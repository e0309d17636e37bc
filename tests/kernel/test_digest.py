import pytest

from tests import vectors
from tongban.kernel import canon, digest


@pytest.mark.parametrize("case", vectors.load("sm")["sm3"])
def test_sm3_gives_the_digests_of_the_standard(case: dict[str, str]) -> None:
    assert digest.sm3_hex(bytes.fromhex(case["message"])) == case["digest"]


def test_a_tag_stands_before_the_document() -> None:
    assert digest.tagged_bytes("tongban-key/1", {"b": 1, "a": "县"}) == (
        b"tongban-key/1\0" + '{"a":"县","b":1}'.encode()
    )


def test_the_same_document_under_another_tag_has_another_hash() -> None:
    assert digest.tagged("a/1", {}) != digest.tagged("b/1", {})


@pytest.mark.parametrize("tag", ["", "a\0b"])
def test_refuses_a_tag_that_could_be_mistaken(tag: str) -> None:
    with pytest.raises(canon.CanonError):
        digest.tagged_bytes(tag, {})
