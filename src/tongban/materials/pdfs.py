"""PDF: opened, counted and searched for whatever acts by itself, before it is believed."""

import base64
import io
import re
import zlib
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

from tongban.materials import markers
from tongban.materials.refusals import FileDangerous, FileUnreadable

MAX_PAGES: Final = 2_000
MAX_OBJECTS: Final = 200_000
MAX_UNPACKED: Final = (
    512 * 1024 * 1024
)  # all streams together; ten pages of A4 in colour at 300 dpi are 250 MB
MAX_STRUCTURE: Final = 32 * 1024 * 1024  # one stream of objects, which is parsed whole
MAX_RARE: Final = 64 * 1024  # LZW may unpack to 1,400 times its size

ACTING: Final = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/RichMediaExecute",
}  # fmt: skip
CARRYING: Final = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
FORBIDDEN_KEYS: Final = {
    "/JS": "脚本", "/JavaScript": "脚本", "/XFA": "带脚本的动态表单", "/EF": "附件", "/EmbeddedFiles": "附件",
}  # fmt: skip

_STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\n|\r)")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_RARE_FILTER = re.compile(rb"ASCII85Decode|ASCIIHexDecode|LZWDecode|RunLengthDecode|/A85|/AHx|/LZW|/RL")


def check(data: bytes) -> tuple[int, list[str]]:
    """
    Open a PDF; return its number of pages and what to warn about.

    Raises:
        FileUnreadable: damaged, without pages, or encrypted.
        FileDangerous: a script, an action that starts by itself, an attachment, a virus or a bomb.
    """
    markers.refuse_second_face(data, ())
    _unpack_in_bounds(data)  # before the parser sees it: the parser unpacks without a limit
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise FileUnreadable("的 PDF 已加密。请取消密码和权限限制后重新上传。")
            if len(pdf.objects) > MAX_OBJECTS or len(pdf.pages) > MAX_PAGES:
                raise FileDangerous("的 PDF 内部结构过于庞大，未保存。请重新扫描，或分成几个文件上传。")
            warnings = _search(pdf)
            pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise FileUnreadable("的 PDF 设有打开密码。请取消密码后重新上传。") from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise FileUnreadable("的 PDF 已损坏，无法打开。请重新扫描或另存为 PDF 后上传。") from None
    if not pages:
        raise FileUnreadable("的 PDF 没有任何页面。请重新扫描后上传。")
    return pages, warnings


def _search(pdf: pikepdf.Pdf) -> list[str]:
    signed = False
    _refuse_start(pdf.Root.get("/OpenAction"))
    for thing in pdf.objects:
        for entries in _dictionaries(thing):
            _refuse_acting(entries)
            signed = signed or entries.get("/FT") == "/Sig"
        if isinstance(thing, pikepdf.Stream):
            markers.refuse_virus(_rarely_packed(thing))
    return ["PDF 带有电子签名，将原样保存，不作任何改动"] if signed else []


def _dictionaries(thing: Any) -> Iterator[dict[str, Any]]:
    """Yield every dictionary inside one object; what it refers to is an object of its own."""
    waiting = [thing]
    while waiting:
        value = waiting.pop()
        if isinstance(value, pikepdf.Array):
            inside = list(value)
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            entries = dict(value.items())
            yield entries
            inside = list(entries.values())
        else:
            continue
        waiting += [inner for inner in inside if isinstance(inner, pikepdf.Object) and not inner.is_indirect]


def _refuse_acting(entries: dict[str, Any]) -> None:
    for key, what in FORBIDDEN_KEYS.items():
        if key in entries:
            _refuse(what)
    if str(_name(entries.get("/S"))) in ACTING:
        _refuse("会自行动作的指令")
    if _name(entries.get("/Subtype")) in CARRYING:
        _refuse("附件或多媒体")
    # Additional actions run on opening, printing, leaving a page: nobody presses anything.
    extra = entries.get("/AA")
    if isinstance(extra, pikepdf.Dictionary):
        for action in dict(extra.items()).values():
            _refuse_start(action)


def _refuse_start(action: Any) -> None:
    """Refuse an action that starts by itself, unless it only turns to a page: scanners write those."""
    if isinstance(action, pikepdf.Dictionary) and _name(action.get("/S")) not in ("/GoTo", "/Named"):
        _refuse("打开时自动执行的动作")


def _refuse(what: str) -> None:
    raise FileDangerous(f"的 PDF 含有{what}，未保存。请打印为普通 PDF 或重新扫描后上传。")


def _name(value: Any) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _unpack_in_bounds(data: bytes) -> None:
    """Unpack every deflated stream, wherever it stands, looking for the virus and for bombs."""
    left, at, seen, tries = MAX_UNPACKED, 0, 0, 0
    while found := _STREAM.search(data, at):
        at, tries = found.end(), tries + 1
        if tries > MAX_OBJECTS:
            _refuse("过多的内部结构")
        head = _ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), data[seen : found.start()])
        structure = b"ObjStm" in head or b"XRef" in head
        if structure and (_RARE_FILTER.search(head) or head.count(b"FlateDecode") > 1):
            _refuse("多重压缩的内部结构")
        unpacked, used = _inflate(data, at, min(left, MAX_STRUCTURE) if structure else left)
        left -= unpacked
        at += used
        seen = at


def _inflate(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """Unpack the stream at `at`; return the bytes it gave and, if it ended well, those it took."""
    unpacker, given, view = zlib.decompressobj(), 0, memoryview(data)
    taken = at

    def pieces() -> Iterator[bytes]:
        nonlocal given, taken
        while not unpacker.eof and (taken < len(data) or unpacker.unconsumed_tail):
            feed = unpacker.unconsumed_tail or bytes(view[taken : taken + 65536])
            if not unpacker.unconsumed_tail:
                taken += len(feed)
            try:
                piece = unpacker.decompress(feed, 1 << 20)
            except zlib.error:
                taken = at
                return
            given += len(piece)
            if given > limit:
                raise FileDangerous("的 PDF 展开后过大，疑为压缩炸弹，未保存。请以 300 dpi 重新扫描后上传。")
            yield piece

    markers.refuse_virus(pieces())
    return given, max(0, taken - at - len(unpacker.unused_data))


def _rarely_packed(stream: pikepdf.Stream) -> Iterator[bytes]:
    """Yield the content of a stream whose packing `_inflate` cannot see through, if it is small."""
    filters = stream.get("/Filter")
    names = [_name(entry) for entry in (filters if isinstance(filters, pikepdf.Array) else [filters])]
    if not any(_RARE_FILTER.search(name.encode()) for name in names) and names.count("/FlateDecode") < 2:
        return
    raw = stream.read_raw_bytes()
    if names.count("/FlateDecode") + names.count("/LZWDecode") > 1:
        _refuse("多重压缩的内容")
    if names[0] == "/ASCII85Decode" and "/FlateDecode" in names:
        try:
            raw = base64.a85decode(raw.strip().removesuffix(b"~>"))
        except ValueError:
            return
        _inflate(raw, 0, MAX_UNPACKED)
    elif names[0] == "/ASCIIHexDecode" and "/FlateDecode" in names:
        _inflate(_from_hex(raw), 0, MAX_UNPACKED)
    elif len(raw) <= MAX_RARE:
        yield stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)


def _from_hex(raw: bytes) -> bytes:
    digits = bytes(byte for byte in raw if byte in b"0123456789abcdefABCDEF")
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
