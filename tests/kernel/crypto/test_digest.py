import pytest

from tests import vectors
from tongban.kernel.crypto import canon, digest


@pytest.mark.parametrize("case", vectors.load("sm")["sm3"])
def test_sm3_gives_the_digests_of_the_standard(case: dict[str, str]) -> None:
    assert digest.of(bytes.fromhex(case["message"])) == f"sm3:{case['digest']}"


def test_a_tag_stands_before_the_document() -> None:
    assert digest.tagged_bytes("tongban-key/2", {"b": 1, "a": "县"}) == (
        b"tongban-key/2\0" + '{"a":"县","b":1}'.encode()
    )


def test_the_same_document_under_another_tag_has_another_hash() -> None:
    assert digest.tagged("a/1", {}) != digest.tagged("b/1", {})


@pytest.mark.parametrize("tag", ["", "a\0b"])
def test_refuses_a_tag_that_could_be_mistaken(tag: str) -> None:
    with pytest.raises(canon.CanonError):
        digest.tagged_bytes(tag, {})


SM3_OF_NOTHING = "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"


class TestAWrittenDigest:
    def test_names_its_algorithm(self) -> None:
        assert digest.of(b"") == f"sm3:{SM3_OF_NOTHING}"
        assert len(digest.of(b"")) == digest.LENGTH

    def test_comes_back(self) -> None:
        assert digest.raw(digest.of(b"x")) == digest.sm3(b"x")
        assert digest.write(digest.raw(digest.of(b"x"))) == digest.of(b"x")

    @pytest.mark.parametrize(
        "text",
        [
            f"sha256:{SM3_OF_NOTHING}",
            f"SM3:{SM3_OF_NOTHING}",
            "sm3x:",
            f" sm3:{SM3_OF_NOTHING}",
            f":{SM3_OF_NOTHING}",
        ],
    )
    def test_of_another_algorithm_is_told_apart(self, text: str) -> None:
        assert not digest.is_digest(text)
        with pytest.raises(digest.UnknownSuite):
            digest.raw(text)

    @pytest.mark.parametrize(
        "text",
        [
            "", SM3_OF_NOTHING, "sm3:", f"sm3:{SM3_OF_NOTHING.upper()}", f"sm3:{SM3_OF_NOTHING[:-1]}",
            f"sm3:{SM3_OF_NOTHING}0", f"sm3:{SM3_OF_NOTHING}\n", f"sm3:{'１' * 64}", None, 3,
            b"sm3:" + SM3_OF_NOTHING.encode(),
        ],
    )  # fmt: skip
    def test_has_one_spelling(self, text: object) -> None:
        assert not digest.is_digest(text)
        with pytest.raises(ValueError, match="not a digest"):
            digest.raw(text)
