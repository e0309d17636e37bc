"""A file and its name, sealed together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.materials.container import MAX_NAME, MaterialMalformed, StoredFile, pack, tidy_name, unpack


@given(st.text(), st.binary())
def test_what_is_packed_comes_back(name: str, data: bytes) -> None:
    back = unpack(pack(StoredFile(name, "application/pdf", data)))
    assert back == StoredFile(tidy_name(name), "application/pdf", data)


@given(st.binary())
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(MaterialMalformed):
        unpack(data)


@pytest.mark.parametrize(
    "name, tidy",
    [
        ("身份证.pdf", "身份证.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\张\\a.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("gnp.\u202efdp.exe", "gnp.fdp.exe"),
        ('"><script>.pdf', "script.pdf"),
        ("长" * 500 + ".pdf", "长" * (MAX_NAME - 4) + ".pdf"),
        ("", "未命名"),
        ("..", "未命名"),
    ],
)
def test_name_keeps_nothing_that_deceives(name: str, tidy: str) -> None:
    assert tidy_name(name) == tidy
    assert tidy_name(tidy) == tidy
