"""A sealed stream opens whole and unchanged, for one key, or not at all."""

import io

import pytest

from tongban.kernel.crypto import digest, sm, streams

TAG = "tongban-test/1"
KEY = sm.SoftwareKey.generate()
HEAD = 5  # of a chunk


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHUNK", 16)


def seal(data: bytes, public: bytes = KEY.public) -> bytes:
    out = io.BytesIO()
    writer = streams.SealedWriter(out, TAG, public)
    for at in range(0, len(data), 7):
        writer.write(data[at : at + 7])
    writer.finish()
    return out.getvalue()


def opened(sealed: bytes, key: sm.SoftwareKey = KEY) -> bytes:
    reader = streams.SealedReader(io.BytesIO(sealed), TAG, key)
    data: bytes = reader.read()
    reader.finish()
    return data


def parts(sealed: bytes) -> tuple[bytes, list[bytes]]:
    """Return what comes before the chunks, and the chunks."""
    end = sealed.index(b"\n", len(TAG) + 1) + 1
    head, rest, chunks = sealed[:end], sealed[end:], []
    while rest:
        size = HEAD + int.from_bytes(rest[1:HEAD])
        chunks.append(rest[:size])
        rest = rest[size:]
    return head, chunks


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 32, 33, 200])
def test_opens_what_it_sealed(size: int) -> None:
    data = bytes(range(size))
    assert opened(seal(data)) == data


def test_hides_what_it_seals() -> None:
    assert b"in clear" not in seal(b"in clear")


def test_every_chunk_is_full_but_the_last() -> None:
    _, chunks = parts(seal(b"x" * 40))
    assert [len(chunk) - HEAD - streams.OVERHEAD for chunk in chunks] == [16, 16, 8]
    assert [chunk[:1] for chunk in chunks] == [b"\0", b"\0", b"\1"]


def test_no_empty_chunk_follows_a_full_one() -> None:
    assert len(parts(seal(b"x" * 32))[1]) == 2


def test_is_for_one_key() -> None:
    other = sm.SoftwareKey.generate()
    with pytest.raises(streams.OtherKey) as refused:
        opened(seal(b"x"), other)
    assert refused.value.args == (digest.of(KEY.public),)


def test_no_byte_of_it_can_be_changed() -> None:
    sealed = seal(b"x" * 40)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises((sm.Tampered, streams.NotAStream, streams.OtherKey)):
            opened(bytes(changed))


def test_cannot_be_cut_off_anywhere() -> None:
    sealed = seal(b"x" * 40)
    for end in range(len(sealed)):
        with pytest.raises((sm.Tampered, streams.NotAStream)):
            opened(sealed[:end])


def test_lacks_no_chunk_at_its_end_and_nothing_follows_it() -> None:
    head, chunks = parts(seal(b"x" * 40))
    for wrong in (chunks[:-1], [*chunks, chunks[-1]], [*chunks, b"x"]):
        with pytest.raises(sm.Tampered):
            opened(head + b"".join(wrong))


def test_no_other_chunk_can_be_called_the_last() -> None:
    head, (first, _, last) = parts(seal(b"x" * 40))
    for wrong in ([b"\1" + first[1:]], [first, b"\0" + last[1:]]):
        with pytest.raises(sm.Tampered):
            opened(head + b"".join(wrong))


def test_keeps_the_order_of_its_chunks() -> None:
    head, (first, second, last) = parts(seal(b"x" * 40))
    for wrong in ([second, first, last], [first, first, last], [second, last], [first, last]):
        with pytest.raises(sm.Tampered):
            opened(head + b"".join(wrong))


def test_takes_no_chunk_or_head_of_another_stream() -> None:
    (head, (first, *rest)), (other, theirs) = parts(seal(b"x" * 40)), parts(seal(b"x" * 40))
    for wrong in (head + theirs[0] + b"".join(rest), other + first + b"".join(rest)):
        with pytest.raises(sm.Tampered):
            opened(wrong)


def test_takes_no_chunk_sealed_with_the_same_key_under_another_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_bytes", lambda size: b"k" * size)
    (head, _), (other, chunks) = parts(seal(b"x")), parts(seal(b"x"))
    assert head != other
    with pytest.raises(sm.Tampered):
        opened(head + b"".join(chunks))


def test_finish_finds_the_end_without_reading() -> None:
    sealed = seal(b"x" * 40)
    streams.SealedReader(io.BytesIO(sealed), TAG, KEY).finish()
    with pytest.raises(sm.Tampered):
        streams.SealedReader(io.BytesIO(sealed[:-1]), TAG, KEY).finish()


def test_another_format_is_no_stream() -> None:
    with pytest.raises(streams.NotAStream):
        streams.SealedReader(io.BytesIO(seal(b"x")), "tongban-test/2", KEY)
