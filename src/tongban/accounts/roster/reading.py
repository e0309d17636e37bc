"""
Reads the file in which a county names its offices, halls, windows, posts and people (tongban-offices/1).

Only the document itself is judged here; whether its places exist on this node, `enrolment` says. A fault
names its place in the file and never repeats a value: the values are people's names.
"""

import re
from collections.abc import Callable, Hashable
from dataclasses import MISSING, fields
from typing import Any

from tongban.accounts import identifiers, permissions
from tongban.accounts.places.models import Organisation
from tongban.accounts.roster.entries import (
    Entry,
    HallEntry,
    OrganisationEntry,
    PersonEntry,
    PostEntry,
    Roster,
    WindowEntry,
)
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.kernel.errors import InvalidInput

FORMAT = "tongban-offices/1"
SHOWN = 30  # faults named at once
_LONGEST = 200  # where the table sets no limit
_FORMS: dict[str, tuple[str, str]] = {
    "division": (r"\d{6}|\d{9}|\d{12}", "应为 6、9 或 12 位区划代码"),
    "kind": ("|".join(Organisation.Kind.values), f"应为 {'、'.join(Organisation.Kind.values)} 之一"),
    "role": (r"[a-z0-9_-]*", "只能用小写字母、数字、下划线和横线"),
    "node": (r"sm3:[0-9a-f]{64}|", "应为对方节点的完整指纹（sm3: 和 64 位）"),
    "post": (r"[a-z0-9_-]+", "只能用小写字母、数字、下划线和横线"),
    "username": (r"[a-z0-9][a-z0-9._-]+", "须为两个以上的小写字母、数字、点、下划线或横线"),
}


_WORDS = {"organisations": "机构", "halls": "大厅", "windows": "窗口", "posts": "岗位", "people": "人员"}


def refuse(faults: list[str]) -> None:
    """Raise InvalidInput that names the faults, if there are any."""
    if faults:
        more = [f"另有 {len(faults) - SHOWN} 处未列出。"] if len(faults) > SHOWN else []
        lines = "\n".join([*faults[:SHOWN], *more])
        raise InvalidInput(f"没有登记任何内容。请改正以下 {len(faults)} 处后重新载入：\n{lines}")


def read(document: dict[str, Any]) -> Roster:
    """
    Return what the document says.

    Raises:
        InvalidInput: naming every fault and its place.
    """
    if document.get("format") != FORMAT:
        raise InvalidInput(f"没有登记任何内容：format 应为 {FORMAT}。请参照 docs/examples/offices.json。")
    faults = [f"{key}：不认识的栏目。" for key in document if key not in {"format", *_WORDS}]
    found = Roster(
        organisations=_list(document, "organisations", OrganisationEntry, lambda e: e.uscc, faults),
        halls=_list(document, "halls", HallEntry, lambda e: (e.organisation, e.name), faults),
        windows=_list(document, "windows", WindowEntry, lambda e: (e.hall_of, e.hall, e.label), faults),
        posts=_list(document, "posts", PostEntry, lambda e: (e.organisation, e.post), faults),
        people=_list(document, "people", PersonEntry, lambda e: (e.username, e.organisation, e.post), faults),
    )
    faults += [f"{entry.place}：{fault}" for entry in found.posts for fault in _faults_of_post(entry)]
    names: dict[str, str] = {}
    for person in found.people:
        if names.setdefault(person.username, person.name) != person.name:
            faults.append(f"{person.place}：同一账号在前面写有另一姓名。一个账号只属于一人。")
    refuse(faults)
    return found


def _list[E: Entry](
    document: dict[str, Any], kind: str, entry: type[E], key: Callable[[E], Hashable], faults: list[str]
) -> tuple[E, ...]:
    values = document.get(kind, [])
    if not isinstance(values, list):
        faults.append(f"{kind}：应为列表。")
        return ()
    found: dict[Hashable, E] = {}
    for index, value in enumerate(values):
        place = f"{kind}[{index}]（第 {index + 1} 个{_WORDS[kind]}）"
        content, wrong = _content(entry, value)
        faults += [f"{place}：{fault}" for fault in wrong]
        if wrong:
            continue
        made = entry(place=place, **content)
        if key(made) in found:
            faults.append(f"{place}：与 {found[key(made)].place} 重复。")
        found.setdefault(key(made), made)
    return tuple(found.values())


def _content(entry: type[Entry], value: Any) -> tuple[dict[str, Any], list[str]]:
    if not isinstance(value, dict):
        return {}, ["应为对象。"]
    known = {field.name: field for field in fields(entry) if field.name != "place"}
    content: dict[str, Any] = {}
    faults = [f"{name} 不是这里的字段。" for name in value if name not in known]
    for name, field in known.items():
        if name not in value:
            faults += [f"缺少 {name}。"] if field.default is MISSING else []
            continue
        content[name], fault = _value(entry, name, field.type, value[name])
        if not fault and content[name] == "" and field.default is MISSING:
            fault = "不能为空"
        faults += [f"{name} {fault}。"] if fault else []
    return content, faults


def _value(entry: type[Entry], name: str, kind: Any, value: Any) -> tuple[Any, str]:
    """Return the value in its one written form, and what is wrong with it."""
    if kind is bool:
        return value, "" if isinstance(value, bool) else "应为 true 或 false"
    if kind is not str:
        fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return (tuple(value), "") if fits else ((), "应为文字的列表")
    if not isinstance(value, str):
        return "", "应为文字"
    text = value.strip()
    if name in {"uscc", "organisation", "hall_of"} and text:
        try:
            return identifiers.uscc(text), ""
        except identifiers.BadIdentifier as error:
            return "", f"有误：{str(error).rstrip('。')}"
    text = "".join(text.split()).lower() if name in {"node", "username"} else text
    pattern, form = _FORMS.get(name, (".*", ""))
    if not text.isprintable():
        return "", "含有不可显示的字符"
    if len(text) > _longest(entry, name):
        return "", f"过长，至多 {_longest(entry, name)} 个字"
    return text, "" if re.fullmatch(pattern, text, re.ASCII) or not text else form


def _longest(entry: Any, name: str) -> int:
    column = "code" if name == "post" else "division_code" if name == "division" else name
    found = next((field for field in entry.MODEL._meta.fields if field.name == column), None)
    return getattr(found, "max_length", None) or _LONGEST


def _faults_of_post(entry: PostEntry) -> list[str]:
    own = bool(entry.title or entry.permissions)
    if not own and entry.post not in STANDARD_POSTS:
        return [f"post 不是标准岗位（{'、'.join(STANDARD_POSTS)}），自设岗位须写 title 与 permissions。"]
    if own and not (entry.title and entry.permissions):
        return ["自设岗位须同时写 title 与 permissions。"]
    if not own and entry.supervises:
        return ["标准岗位的监督范围由程序确定，不写 supervises。"]
    if set(entry.permissions) - permissions.known():
        return ["permissions 含有未知的权限。"]
    others = permissions.at_odds(entry.permissions)
    return [f"audit.read 不能与 {'、'.join(others)} 在同一岗位（三权分立），请分设岗位。"] if others else []
