"""The pages of a copy: the same documents as the JSON beside them, to read without a program. They ask for nothing from elsewhere."""

from datetime import date, datetime
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tongban.kernel.time.clock import OFFICIAL
from tongban.rights.fields import FIELDS

Document = dict[str, Any]
TITLE: Final = "我的数据副本"
MOST_ROWS: Final = 200  # of the record of access, which may be long
_STYLE: Final = (
    "body{font:16px/1.7 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;max-width:60em;"
    "margin:1em auto;padding:0 1em;color:#16202e}"
    "h1{font-size:22px;overflow-wrap:anywhere}h2{font-size:18px;margin-top:1.5em}"
    "div{overflow-x:auto}table{border-collapse:collapse;min-width:100%;margin:.5em 0}"
    "th,td{border:1px solid #c5ccd6;padding:4px 8px;text-align:left;vertical-align:top}"
    "td{overflow-wrap:anywhere;min-width:6em}th{background:#f4f6f9;font-weight:normal;min-width:5em;max-width:12em}"
)
# The same again in another form, or of use to programs only.
_NOT_READ: Final = frozenset(
    {"form", "format", "field", "value", "kind", "phase", "act", "label", "organisation", "code", "number"}
)


class Index:
    """The page that leads to the others, as they come."""

    def __init__(self, at: datetime) -> None:
        self._at, self._account = at, SafeString("")
        self._rows: list[tuple[str, str, str, str]] = []

    def add_account(self, document: Document) -> None:
        """Take in what is said of the account."""
        self._account = _value(document)

    def add(self, place: str, document: Document) -> None:
        """Take in that there is a page about a draft or a matter."""
        what = str(document.get("item") or document.get("title", ""))
        self._rows.append((place, what, str(document["display"]), str(document.get("phase_name", "草稿"))))

    def page(self) -> str:
        """Return the page."""
        rows = format_html_join(
            "", '<tr><td><a href="{}.html">{}</a></td><td>{}</td><td>{}</td></tr>', self._rows
        )
        return _page(
            TITLE,
            format_html(
                "<p>制作时间：{}。这里是本节点持有的您的全部数据；其他地方的节点另有其依法持有的部分，请向那里要求。"
                "每个 .json 文件与同名网页内容相同，字段的含义见 fields.json；"
                '登录和查看记录见 <a href="access.html">access.html</a>。</p>'
                "<h2>办件和草稿</h2><div><table>{}</table></div><h2>账号</h2>{}",
                _text(self._at), rows, self._account,
            ),
        )  # fmt: skip


def rows(documents: list[Document]) -> str:
    """Return the page of the latest of the record of access."""
    return _page(f"登录和查看记录（最近 {MOST_ROWS} 条以内，全部见 access.json）", _several(documents))


def page(document: Document) -> str:
    """Return the page of a draft or a matter."""
    title = f"{document.get('item') or document.get('title', '')} {document['display']}"
    return _page(title, _value(document))


def _page(title: str, body: SafeString) -> str:
    return format_html(
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        "<title>{}</title><style>{}</style></head><body><h1>{}</h1>{}</body></html>",
        title, mark_safe(_STYLE), title, body,  # noqa: S308 - our own
    )  # fmt: skip


def _value(value: Document) -> SafeString:
    """Return a document as people read it: what is one value in a table, then each list under a heading of its own."""
    told = [(FIELDS.get(name, name), one) for name, one in value.items() if _is_read(name, one)]
    plain = [(title, _text(one)) for title, one in told if not isinstance(one, dict | list)]
    return format_html(
        "{}{}",
        _table("<tr><th>{}</th><td>{}</td></tr>", plain),
        format_html_join(
            "", "<h2>{}</h2>{}", ((title, _several(one)) for title, one in told if isinstance(one, dict | list))
        ),
    )  # fmt: skip


def _several(value: Document | list[Document]) -> SafeString:
    if isinstance(value, dict):
        return _value(value)
    columns = [
        name
        for name in dict.fromkeys(n for row in value for n in row)
        if any(_is_read(name, r.get(name)) for r in value)
    ]
    head = format_html_join("", "<th>{}</th>", ((FIELDS.get(name, name),) for name in columns))
    lines = [
        (format_html_join("", "<td>{}</td>", ((_text(row.get(name, "")),) for name in columns)),) for row in value
    ]  # fmt: skip
    return _table("<tr>{}</tr>", [(head,), *lines])


def _table(line: str, rows: list[Any]) -> SafeString:
    return (
        format_html("<div><table>{}</table></div>", format_html_join("", line, rows))
        if rows
        else SafeString("")
    )


def _is_read(name: str, value: Any) -> bool:
    return name not in _NOT_READ and value not in ("", None, [], {})


def _text(value: Any) -> str:
    if value is True or value is False:
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value.astimezone(OFFICIAL):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)
