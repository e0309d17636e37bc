"""
Reads a list of staff from an xlsx file that somebody sent: bounded in size, text only, nothing in it is computed.

A workbook is a zip of XML, so it is asked what it would unpack to before any of it is unpacked.
"""

import io
import zipfile
from dataclasses import dataclass
from typing import Any, Final

from tongban.kernel.errors import InvalidInput

COLUMNS: Final[tuple[str, ...]] = ("姓名", "账号", "机构", "岗位", "手机")
MOST_BYTES: Final = 1024 * 1024
MOST_UNPACKED: Final = 16 * 1024 * 1024
MOST_PARTS: Final = 200
MOST_ROWS: Final = 100  # each new person costs a password hash, and SQLite's writers wait meanwhile
LAST_ROW: Final = 5000  # what stands further down is not looked at
LONGEST_CELL: Final = 120
_FORMULA: Final = "f"
_FORMER: Final = {"登录名": "账号"}  # a heading of lists that were begun before


class NoStaffList(InvalidInput):
    """The file is no list of staff as this desk takes it; nothing was kept of it."""

    code = "no_staff_list"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list, as it stands there, and what is wrong with its form."""

    number: int  # as the spreadsheet shows it
    name: str
    username: str
    organisation: str
    post: str
    telephone: str
    fault: str = ""


def read(data: bytes) -> list[Line]:
    """
    Return the lines of a list of staff; empty ones are passed over.

    Raises:
        NoStaffList: it is no xlsx, too large, unpacks to too much, lacks a column, or has no or too many lines.
    """
    # Only who sends a list needs it, and it takes a while to load.
    from openpyxl import load_workbook

    _ask(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=LAST_ROW, max_col=20)
        header = [_FORMER.get(told, told) for told in map(_text, next(rows, ()))]
        places = {name: header.index(name) for name in COLUMNS if name in header}
        if missing := [name for name in COLUMNS[:4] if name not in places]:
            raise NoStaffList(f"没有导入：第一行缺少“{'、'.join(missing)}”。请下载模板，按模板填写。")
        lines = [_line(number, row, places) for number, row in enumerate(rows, start=2)]
        book.close()
    except NoStaffList:
        raise
    except Exception:  # noqa: BLE001 - whatever a stranger's file makes the reader stumble over
        raise NoStaffList("没有导入：文件打不开，可能已损坏或加了密码。请另存为 xlsx 后重新上传。") from None
    found = [line for line in lines if line is not None]
    if not found:
        raise NoStaffList("没有导入：名单是空的。请从第二行起每行填一人。")
    if len(found) > MOST_ROWS:
        raise NoStaffList(f"没有导入：一次至多 {MOST_ROWS} 人。请分成几个文件。")
    return found


def _ask(data: bytes) -> None:
    """Ask whether a file may be unpacked; raises NoStaffList."""
    if len(data) > MOST_BYTES:
        raise NoStaffList("没有导入：文件超过 1 MB。名单只需文字，请去掉图片和其他工作表，或分成几个文件。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            entries = parts.infolist()
            if "[Content_Types].xml" not in parts.namelist() or "xl/workbook.xml" not in parts.namelist():
                raise NoStaffList("没有导入：这不是 xlsx 文件。请用表格软件另存为 xlsx。")
            # A part never unpacks to more than it says: `zipfile` stops there.
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise NoStaffList("没有导入：文件展开后过大。请只保留名单所在的工作表。")
            texts = (parts.read(one) for one in entries if one.filename.endswith((".xml", ".rels")))
            if any(b"<!DOCTYPE" in text or b"<!ENTITY" in text for text in texts):
                raise NoStaffList("没有导入：文件含有不允许的内容。请用表格软件另存为 xlsx。")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise NoStaffList("没有导入：这不是 xlsx 文件。请用表格软件另存为 xlsx。") from None


def _line(number: int, row: tuple[Any, ...], places: dict[str, int]) -> Line | None:
    cells = {name: row[place] for name, place in places.items() if place < len(row)}
    texts = {name: _text(cell) for name, cell in cells.items()}
    if not any(texts.values()):
        return None
    fault = ""
    if any(getattr(cell, "data_type", "") == _FORMULA for cell in cells.values()):
        fault = "含有公式，请改为文字"
    elif any(len(text) > LONGEST_CELL or not text.isprintable() for text in texts.values()):
        fault = "有一格过长，或含有换行等不可显示的字符"
    name, username, organisation, post, telephone = ("" if fault else texts.get(one, "") for one in COLUMNS)
    return Line(number, name, username, organisation, post, telephone, fault)


def _text(cell: Any) -> str:
    value = getattr(cell, "value", None)
    if value is None:
        return ""
    # A telephone number typed as a number comes as one.
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()
