"""Which files are believed, and which are not."""

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Encryption, Name

from tests.crowds import crowd, others
from tests.materials import samples
from tongban.kernel.gates import Busy
from tongban.materials import images, inspection, pdfs
from tongban.materials.inspection import (
    FileDangerous,
    FileDisguised,
    FileRefused,
    FileTooLarge,
    FileTypeNotAccepted,
    FileUnreadable,
    Inspected,
)

MB = 1 << 20
PERSON = "张三丰身份证"


def inspect(
    data: bytes, name: str, accept: tuple[str, ...] = inspection.TYPES, limit: int = 20 * MB
) -> Inspected:
    return inspection.inspect(data, name, accept, limit, material="身份证明")


class TestHonestFiles:
    @pytest.mark.parametrize("name", ["scan.pdf", "SCAN.PDF", "upload"])
    def test_pdf_is_taken_with_its_pages(self, name: str) -> None:
        assert inspect(samples.pdf_file(3), name) == Inspected("application/pdf", 3)

    @pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "blob", "C:\\照片\\a.JPG"])
    @pytest.mark.parametrize("progressive", [False, True])
    def test_jpeg_is_taken(self, name: str, progressive: bool) -> None:
        data = samples.picture(progressive=progressive)
        assert inspect(data, name) == Inspected("image/jpeg", None)

    def test_png_is_taken(self) -> None:
        assert inspect(samples.picture("PNG"), "a.png") == Inspected("image/png", None)

    def test_ofd_is_taken_with_its_pages(self) -> None:
        assert inspect(samples.ofd_file(), "a.ofd") == Inspected("application/ofd", 2)

    def test_small_picture_is_taken_with_a_warning(self) -> None:
        (warning,) = inspect(samples.picture(size=(80, 60)), "a.jpg").warnings
        assert "看不清" in warning

    def test_preview_appended_by_a_telephone_is_let_be(self) -> None:
        data = samples.picture() + samples.picture(size=(160, 120))
        assert inspect(data, "a.jpg").media_type == "image/jpeg"

    @pytest.mark.parametrize("start", [Array([0, Name.Fit]), Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]))])
    def test_pdf_that_opens_at_a_page_is_taken(self, start: object) -> None:
        assert inspect(samples.pdf_with("/OpenAction", start), "a.pdf").pages == 1

    def test_signature_in_a_pdf_is_mentioned(self) -> None:
        data = samples.pdf_with("/AcroForm", Dictionary(Fields=Array([Dictionary(FT=Name.Sig)])))
        assert "电子签名" in inspect(data, "a.pdf").warnings[0]


class TestDisguise:
    @pytest.mark.parametrize(
        "data, name",
        [
            (samples.picture(), "a.pdf"),
            (samples.pdf_file(), "a.jpg"),
            (samples.pdf_file(), "a.exe"),
            (samples.picture("GIF"), "a.png"),
            (b"MZ" + bytes(500), "a.pdf"),
            (samples.archive_of({"a.txt": b"x"}), "a.ofd"),
            (b"<html><script>alert(1)</script></html>", "a.jpg"),
        ],
    )
    def test_extension_that_contradicts_the_content_is_refused(self, data: bytes, name: str) -> None:
        with pytest.raises(FileDisguised):
            inspect(data, name)

    @pytest.mark.parametrize("name", ["a.gif", "a.docx", "a", "a.exe"])
    def test_type_nobody_takes_is_refused(self, name: str) -> None:
        with pytest.raises(FileTypeNotAccepted, match="PDF、JPG"):
            inspect(samples.picture("GIF"), name)

    def test_type_this_material_does_not_take_is_refused(self) -> None:
        with pytest.raises(FileTypeNotAccepted, match="请改用 PDF 格式"):
            inspect(samples.picture(), "a.jpg", accept=("application/pdf",))


class TestSize:
    def test_at_the_limit_is_taken_and_one_byte_more_is_not(self) -> None:
        data = samples.pdf_file()
        assert inspect(data, "a.pdf", limit=len(data))
        with pytest.raises(FileTooLarge, match="KB"):
            inspect(data, "a.pdf", limit=len(data) - 1)

    def test_nothing_at_all_is_refused(self) -> None:
        with pytest.raises(FileUnreadable, match="空文件"):
            inspect(b"", "a.pdf")


class TestSentences:
    @pytest.mark.parametrize("data", [b"", b"MZ", samples.picture(), samples.EICAR, bytes(21 * MB)])
    def test_name_the_material_and_never_the_file(self, data: bytes) -> None:
        with pytest.raises(FileRefused) as refused:
            inspect(data, f"{PERSON}.pdf")
        assert str(refused.value).startswith("“身份证明”")
        assert PERSON not in str(refused.value)


class TestVirus:
    @pytest.mark.parametrize(
        "data, name",
        [
            (samples.EICAR, "a.txt"),
            (samples.EICAR, "a.pdf"),
            (samples.jpeg_with_comment(samples.EICAR), "a.jpg"),
            (samples.png_with_packed_text(samples.EICAR), "a.png"),
            (samples.ofd_file({"Doc_0/Res/a.dat": samples.EICAR}), "a.ofd"),
            (samples.pdf_with_attachment(samples.EICAR), "a.pdf"),
            (samples.pdf_with_stream(zlib.compress(samples.EICAR), Name.FlateDecode), "a.pdf"),
            (samples.pdf_with_stream(samples.in_ascii85(samples.EICAR), Name.ASCII85Decode), "a.pdf"),
            (samples.pdf_with_stream(samples.EICAR.hex().encode() + b">", Name.ASCIIHexDecode), "a.pdf"),
            (
                samples.pdf_with_stream(
                    samples.in_ascii85(zlib.compress(samples.EICAR)),
                    Array([Name.ASCII85Decode, Name.FlateDecode]),
                ),
                "a.pdf",
            ),
            (
                samples.pdf_with_stream(
                    zlib.compress(zlib.compress(samples.EICAR)), Array([Name.FlateDecode, Name.FlateDecode])
                ),
                "a.pdf",
            ),
        ],
        ids=["bare", "as-pdf", "jpeg-comment", "png-text", "ofd", "attachment", "deflated", "ascii85", "hex",
             "ascii85-deflated", "deflated-twice"],
    )  # fmt: skip
    def test_is_found(self, data: bytes, name: str) -> None:
        with pytest.raises(FileDangerous):
            inspect(data, name)

    def test_is_found_across_two_pieces(self) -> None:
        content = bytes(MB - 30) + samples.EICAR
        with pytest.raises(FileDangerous):
            inspect(samples.ofd_file({"a.dat": content + random.Random(1).randbytes(MB)}), "a.ofd")


class TestPdf:
    @pytest.mark.parametrize(
        "data",
        [
            samples.pdf_with("/OpenAction", Dictionary(S=Name.JavaScript, JS="app.alert(1)")),
            samples.pdf_with("/OpenAction", Dictionary(S=Name.URI, URI="http://example.com")),
            samples.pdf_with("/AA", Dictionary(WC=Dictionary(S=Name.URI, URI="http://example.com"))),
            samples.pdf_with("/Names", Dictionary(JavaScript=Dictionary(Names=Array([])))),
            samples.pdf_with("/AcroForm", Dictionary(XFA="x")),
            samples.pdf_with_hidden(Dictionary(S=Name.Launch, F="cmd.exe")),
            samples.pdf_with_hidden(Dictionary(S=Name.SubmitForm, F="http://example.com")),
            samples.pdf_with_hidden(Dictionary(S=Name.GoTo, Next=Dictionary(S=Name.JavaScript, JS="x"))),
            samples.pdf_with_attachment(b"harmless"),
            samples.pdf_with("/Extra", Dictionary(Type=Name.Annot, Subtype=Name.RichMedia)),
        ],
        ids=["script", "opens-a-page", "additional", "script-names", "xfa", "launch", "submit", "chained",
             "attachment", "media"],
    )  # fmt: skip
    def test_that_acts_or_carries_is_refused(self, data: bytes) -> None:
        with pytest.raises(FileDangerous):
            inspect(data, "a.pdf")

    @pytest.mark.parametrize("password", ["secret", ""], ids=["to open", "to print"])
    def test_encrypted_is_refused_with_what_to_do(self, password: str) -> None:
        data = samples.saved(samples.new_pdf(), encryption=Encryption(owner="owner", user=password))
        with pytest.raises(FileUnreadable, match="取消密码"):
            inspect(data, "a.pdf")

    @pytest.mark.parametrize(
        "data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + bytes(9000), samples.saved(samples.new_pdf(0))]
    )
    def test_that_shows_nothing_is_refused(self, data: bytes) -> None:
        with pytest.raises(FileUnreadable):
            inspect(data, "a.pdf")

    @pytest.mark.slow
    def test_bomb_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pdfs, "MAX_UNPACKED", 8 * MB)
        with pytest.raises(FileDangerous, match="炸弹"):
            inspect(samples.pdf_with_stream(samples.zeros_deflated(16), Name.FlateDecode), "a.pdf")

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", [b"/ObjStm", b"/Obj#53tm"], ids=["plain", "escaped"])
    def test_bomb_in_its_own_structure_is_refused_before_it_is_parsed(self, kind: bytes) -> None:
        packed = samples.zeros_deflated(40)
        head = b"%%PDF-1.7\n1 0 obj <</Type %s /Filter /FlateDecode /Length %d>> stream\n" % (
            kind,
            len(packed),
        )
        with pytest.raises(FileDangerous, match="炸弹"):
            inspect(head + packed + b"\nendstream endobj", "a.pdf")


class TestTwoThingsAtOnce:
    @pytest.mark.parametrize(
        "data, name",
        [
            (b"GIF89a" + samples.pdf_file(), "a.pdf"),
            (samples.jpeg_with_comment(samples.pdf_file()[:900]), "a.jpg"),
            (samples.pdf_file() + samples.archive_of({"a.class": b"x"}), "a.pdf"),
            (samples.picture() + b"<html><script>alert(1)</script>", "a.jpg"),
            (samples.picture(progressive=True) + b"<ScRiPt>alert(1)</script>", "a.jpg"),
            (samples.picture() + b"MZ" + bytes(300), "a.jpg"),
            (samples.picture() + samples.archive_of({"a.class": b"x"}), "a.jpg"),
            (samples.jpeg_with_comment(b"<?php system('id'); ?>"), "a.jpg"),
            (samples.picture("PNG") + b"<svg onload=alert(1)>", "a.png"),
            (samples.png_with_packed_text(b"<script>alert(1)</script>"), "a.png"),
        ],
    )
    def test_is_refused(self, data: bytes, name: str) -> None:
        with pytest.raises(FileDangerous):
            inspect(data, name)


class TestPictures:
    @pytest.mark.parametrize(("width", "height"), [(8_000, 5_001), (12_000, 12_000), (60_000, 60_000)])
    def test_bomb_is_refused_before_it_is_decoded(self, width: int, height: int) -> None:
        with pytest.raises(FileDangerous, match="像素过大"):
            inspect(samples.png_of(width, height), "a.png")

    def test_forty_million_pixels_are_no_bomb(self) -> None:
        # Not all of them are there, so it was decoded.
        with pytest.raises(FileUnreadable):
            inspect(samples.png_of(8_000, 5_000), "a.png")

    @pytest.mark.parametrize("kind, name", [("JPEG", "a.jpg"), ("PNG", "a.png")])
    def test_is_decoded_in_its_turn(self, kind: str, name: str) -> None:
        assert images.GATE.at_once == 1
        with others(images.GATE, crowd(images.GATE)):
            with pytest.raises(Busy, match="正在检查的图片太多"):
                inspect(samples.picture(kind), name)
            # What is no picture, or refused by its size, waits for nobody.
            assert inspect(samples.pdf_file(), "a.pdf").pages
            with pytest.raises(FileDangerous, match="像素过大"):
                inspect(samples.png_of(60_000, 60_000), "a.png")
        assert inspect(samples.picture(kind), name).pages is None

    @pytest.mark.parametrize("kind, name", [("JPEG", "a.jpg"), ("PNG", "a.png")])
    def test_cut_off_in_the_middle_is_refused(self, kind: str, name: str) -> None:
        data = samples.picture(kind)
        for end in (12, len(data) // 3, len(data) * 2 // 3):
            with pytest.raises(FileUnreadable):
                inspect(data[:end], name)


class TestOfd:
    @pytest.mark.parametrize(
        "extra",
        [
            {"Doc_0/a.exe": b"x"},
            {"Doc_0/a.dat": b"MZ program"},
            {"Doc_0/inner.zip": samples.archive_of({"a": b"x"})},
            {"../../etc/passwd": b"x"},
            {"/a.xml": b"x"},
            {"Doc_0/a.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
            {"Doc_0/bomb.dat": bytes(4 * MB)},
        ],
        ids=["extension", "program", "archive", "upwards", "absolute", "entities", "bomb"],
    )
    def test_with_something_dangerous_inside_is_refused(self, extra: dict[str, bytes]) -> None:
        with pytest.raises(FileDangerous):
            inspect(samples.ofd_file(extra), "a.ofd")

    def test_that_states_a_false_size_is_refused(self) -> None:
        data = samples.ofd_file({"Doc_0/bomb.dat": bytes(4 * MB)})
        lying = data.replace((4 * MB).to_bytes(4, "little"), (100).to_bytes(4, "little"))
        with pytest.raises(FileRefused):
            inspect(lying, "a.ofd")

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_with_two_entries_of_one_name_is_refused(self) -> None:
        data = samples.ofd_file({"Doc_0/Document.xml": b"<a/>"})
        with pytest.raises(FileDangerous):
            inspect(data, "a.ofd")

    def test_without_pages_is_refused(self) -> None:
        with pytest.raises(FileUnreadable):
            inspect(samples.ofd_file(document="<Document/>"), "a.ofd")


WHOLE = {
    "a.pdf": samples.pdf_file(), "a.jpg": samples.picture(size=(64, 64)),
    "a.png": samples.picture("PNG", size=(64, 64)), "a.ofd": samples.ofd_file(),
}  # fmt: skip


class TestAnyDamage:
    @pytest.mark.slow
    @given(st.sampled_from(sorted(WHOLE)), st.data())
    def test_is_a_verdict_and_never_a_crash(self, name: str, data: st.DataObject) -> None:
        damaged = bytearray(WHOLE[name])
        places = data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=8))
        for place in places:
            damaged[place] = data.draw(st.integers(0, 255))
        try:
            assert inspect(bytes(damaged), name).media_type in inspection.TYPES
        except FileRefused as refusal:
            assert str(refusal).startswith("“身份证明”")  # noqa: PT017 - either is a verdict
