"""Files as people and attackers hand them in, made on the spot."""

import base64
import io
import struct
import zipfile
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

# In two halves, as in the product: this file shall not alarm a scanner.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
OFD_XML = (
    '<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody>'
    "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
)
DOCUMENT_XML = (
    '<?xml version="1.0"?><ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Pages>'
    '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/><ofd:Page ID="2" BaseLoc="Pages/Page_1/Content.xml"/>'
    "</ofd:Pages></ofd:Document>"
)


def picture(kind: str = "JPEG", size: tuple[int, int] = (700, 990), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (240, 240, 230)).save(out, kind, **options)
    return out.getvalue()


def jpeg_with_comment(text: bytes) -> bytes:
    whole = picture()
    return whole[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + whole[2:]


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int) -> bytes:
    """A picture that is a few kilobytes here and gigabytes once unpacked."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + png_chunk(b"IEND", b"")
    )


def png_with_packed_text(text: bytes) -> bytes:
    whole = picture("PNG")
    return whole[:33] + png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(text)) + whole[33:]


def new_pdf(pages: int = 1) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    return pdf


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def pdf_file(pages: int = 1) -> bytes:
    return saved(new_pdf(pages))


def pdf_with(key: str, value: object) -> bytes:
    pdf = new_pdf()
    pdf.Root[key] = value
    return saved(pdf)


def pdf_with_hidden(action: Dictionary) -> bytes:
    """The action sits in an annotation, as a direct object three levels down."""
    pdf = new_pdf()
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=action)
    pdf.pages[0].Annots = Array([link])
    return saved(pdf)


def pdf_with_attachment(content: bytes) -> bytes:
    pdf = new_pdf()
    pdf.attachments["a.txt"] = pikepdf.AttachedFileSpec(pdf, content)
    return saved(pdf)


def pdf_with_stream(raw: bytes, filters: object) -> bytes:
    """A stream that no page shows, stored exactly as given."""
    pdf = new_pdf()
    stream = pikepdf.Stream(pdf, b"")
    stream.write(raw, filter=filters)
    pdf.Root.Extra = pdf.make_indirect(stream)
    return saved(pdf, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def in_ascii85(data: bytes) -> bytes:
    return base64.a85encode(data) + b"~>"


def zeros_deflated(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    out = [packer.compress(bytes(1 << 20)) for _ in range(megabytes)]
    return b"".join([*out, packer.flush()])


def ofd_file(extra: dict[str, bytes] | None = None, document: str = DOCUMENT_XML) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", OFD_XML)
        archive.writestr("Doc_0/Document.xml", document)
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def archive_of(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()
