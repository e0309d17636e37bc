"""
What a guide must say, as pure functions over its document.

`data/guide.schema.json` gives the shape; `RULES` what a shape cannot say. A document holds no
personal data: it is public, signed, and quoted by every case that was filed under it.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from tongban.catalogue import forms, guide_papers
from tongban.catalogue.kinds import Kind
from tongban.kernel.crypto import digest as digests
from tongban.kernel.crypto import signed
from tongban.kernel.errors import InvalidInput

FORMAT: Final = guide_papers.FORMAT
SIGNING: Final = (signed.MEMBER,)
SCHEMA_FILE: Final = Path(__file__).parent / "data" / "guide.schema.json"

Document = dict[str, Any]

# What `verification` may call verified or not, in the words of the page. Where a fact comes from and how sure it is
# stands in `source_note` and `verification.source_notes`, for who keeps the guide; nothing of it is printed.
PARTS: Final[dict[str, str]] = {
    "conditions": "申请条件", "materials": "申请材料", "sharing": "哪些材料可以免交", "steps": "办理流程",
    "limits": "办理时限", "fee": "收费", "delivery": "结果怎么领", "modes": "办理方式", "identity": "身份核验",
    "form": "申请表", "legal_basis": "依据", "channels": "办理渠道",
}  # fmt: skip


class GuideInvalid(InvalidInput):
    """The document is no lawful guide."""

    code = "guide_invalid"


def digest(document: Document) -> str:
    """Return the digest by which cases and agreements name this very version."""
    return digests.tagged(FORMAT, document)


def numbered(document: Document, version: int) -> Document:
    """Return the document as version `version`, its form named after it."""
    form_id = f"urn:tongban:form:{document.get('offering')}:{version}"
    form = {**document.get("form", {}), "$id": form_id}
    return {**document, "version": version, "form": form}


def same_content(left: Document, right: Document) -> bool:
    """Return whether two documents say the same, whatever their version."""
    return numbered(left, 0) == numbered(right, 0)


def split(signed_document: Document) -> tuple[Document, Document]:
    """Return the document itself, and what signing added to it (its signatures)."""
    document = {name: value for name, value in signed_document.items() if name not in SIGNING}
    return document, {name: signed_document[name] for name in SIGNING if name in signed_document}


def demand_valid(document: Document) -> None:
    """
    Ask whether `document` may be published.

    Raises:
        GuideInvalid: it may not; the sentence names every fault.
    """
    faults = validate(document)
    if faults:
        raise GuideInvalid(f"办事指南《{document.get('name', '未命名')}》不能发布：{'；'.join(faults)}。")


def validate(document: Document) -> list[str]:
    """Return what is wrong with a guide, in sentences; empty if nothing is."""
    shape = [
        f"“{'/'.join(map(str, error.instance_path)) or '指南'}”不合格式（{error.message}）"
        for error in _schema().iter_errors(document)
    ]
    if shape:
        return shape
    return [fault for rule in RULES for fault in rule(document)]


def printed(document: Document) -> Iterator[str]:
    """Yield every sentence of a guide that applicants and clerks read; not its form, and no provenance."""
    yield from (
        document["name"],
        document["modes_note"],
        document["limits"]["note"],
        document["fee"]["standard"],
    )
    yield from (document["identity"]["method"], document["identity"]["note"])
    for part in ("aliases", "conditions", "delivery", "legal_basis", "pitfalls", "channels"):
        yield from document[part]
    yield from document.get("window_questions", ())
    for material in document["materials"]:
        yield from (material["name"], material["note"])
    for step in document["steps"]:
        yield from (step["actor"], step["action"], step["limit"])
    yield from (step["name"] for step in document["review_steps"])
    yield from (result["name"] for result in document["result"])


def materials_for(document: Document, form: Document) -> list[Document]:
    """Return the materials that this filled-in form calls for, in the guide's order."""
    return [
        material
        for material in document["materials"]
        if all(form.get(field) in values for field, values in material.get("when", {}).items())
    ]


@cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(schema)


def _promise_only_shortens(document: Document) -> Iterator[str]:
    statutory, promised = document["limits"]["statutory"], document["limits"]["promised"]
    if not statutory or not promised:
        return
    # n calendar days never outlast n working days; the other way round nobody can tell.
    comparable = statutory["unit"] == promised["unit"] or promised["unit"] == "day"
    if not comparable:
        yield "承诺时限以工作日计而法定时限以自然日计，无法确定前者更短，请用同一单位"
    elif promised["n"] > statutory["n"]:
        yield "承诺时限长于法定时限，只能缩短"


def _licence_has_limit(document: Document) -> Iterator[str]:
    limits = document["limits"]
    if document["kind"] == Kind.LICENCE and not (limits["statutory"] or limits["promised"] or limits["note"]):
        yield "行政许可事项须写明法定或承诺时限，尚未核实的须在说明中写明"


def _modes_have_what_they_need(document: Document) -> Iterator[str]:
    modes, identity = document["modes"], document["identity"]
    if "PROXY_INTAKE" in modes and not identity["method"]:
        yield "允许异地代收代办的事项须写明窗口身份核验方式"
    if "FULLY_ONLINE" in modes and identity["online_assurance"] is None:
        yield "允许全程网办的事项须写明网上身份认证的最低等级"
    if not modes and not document["modes_note"]:
        yield "没有开放任何通办模式的，须说明原因"


def _named_once(document: Document) -> Iterator[str]:
    for part, title in (("materials", "材料"), ("review_steps", "审核环节")):
        codes = [entry["code"] for entry in document[part]]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            yield f"{title}编码 {code} 重复"


def _form_is_this_version(document: Document) -> Iterator[str]:
    if document["form"].get("$id") != numbered(document, document["version"])["form"]["$id"]:
        yield "表单的标识须含实施编码和版本号"


def _form_compiles(document: Document) -> Iterator[str]:
    form = document["form"]
    if forms.leaves(form):
        yield "表单引用了指南以外的内容（$ref），须改为写在指南里"
        return
    try:
        forms.compiled(form)
    except (ValueError, jsonschema_rs.ValidationError):
        yield "表单不是有效的 JSON Schema"
        return
    missing = [name for name in form["x-order"] if name not in form["properties"]]
    missing += [name for name in form["properties"] if name not in form["x-order"]]
    if missing:
        yield f"表单次序与字段不一致：{'、'.join(missing)}"
    untitled = [name for name, field in form["properties"].items() if not field.get("title")]
    if untitled:
        yield f"表单字段缺少中文名称：{'、'.join(untitled)}"


RULES: Final[tuple[Callable[[Document], Iterator[str]], ...]] = (
    _promise_only_shortens,
    _licence_has_limit,
    _modes_have_what_they_need,
    _named_once,
    _form_is_this_version,
    _form_compiles,
)
