"""Refusals as problem documents (RFC 9457), in Chinese, without the values that were sent."""

import logging
import traceback
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from tongban.accounts.identifiers import BadIdentifier
from tongban.cases.commands import FormFaulty
from tongban.kernel import storage
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.journal.numbers import BadNumber
from tongban.kernel.storage import StorageFull
from tongban.kernel.time.calendar import CalendarUnpublished
from tongban.signin.halfopen import SecondFactorNeeded
from tongban.signin.keys import BeyondKey
from tongban.signin.sessions import PostChoiceNeeded

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_FAULTS = 20  # nobody corrects more at once, and an answer must not be larger than what was asked
# Status → (code, title, sentence when nobody had a better one).
PLAIN: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "请求无法理解", "请求内容无法解析。请检查格式后重试。"),
    401: ("not_signed_in", "尚未登录", "未办理：尚未登录。请先登录，或随请求附上接口密钥。"),
    403: ("not_permitted", "不允许", "您无权这样做。请由有权岗位办理。"),
    404: ("not_found", "没有找到", "没有这个地址或事物。请核对后重试。"),
    405: ("method_not_allowed", "方法不支持", "这个地址不支持该请求方法。请查看接口文档。"),
    408: ("request_too_slow", "没有收完整", "请求没有在限定时间内收完，未处理。请检查网络后重试。"),
    409: ("refused", "未办理", "当前状态下不能办理。请刷新后重试。"),
    410: ("gone", "已不存在", "内容已不存在。"),
    413: ("request_too_large", "内容过大", "请求过大，未处理。请分次提交，或压缩后重试。"),
    415: ("media_type_not_supported", "类型不支持", "不支持这种内容类型。请查看接口文档。"),
    422: ("invalid_input", "内容有误", "提交的内容有误，未作任何更改。请改正后重试。"),
    429: ("throttled", "过于频繁", "请求过于频繁。请稍后再试。"),
    500: ("internal_error", "系统故障", "系统出现故障，本次请求未完成。请稍后再试；多次出现请联系管理员。"),
    503: ("node_not_ready", "暂时不可用", "本节点暂时不可用。请稍后再试。"),
}
# What pydantic calls a fault → how we say it; `{…}` are its limits, never the value.
FAULTS = {
    "missing": "缺少“{name}”。",
    "extra_forbidden": "含有不认识的字段。",
    "string_too_long": "“{name}”过长，至多 {max_length} 个字符。",
    "string_too_short": "“{name}”过短，至少 {min_length} 个字符。",
    "string_type": "“{name}”应为文字。",
    "int_parsing": "“{name}”应为整数。",
    "int_type": "“{name}”应为整数。",
    "dict_type": "“{name}”应为对象。",
    "list_type": "“{name}”应为列表。",
    "literal_error": "“{name}”只能是 {expected}。",
    "enum": "“{name}”只能是 {expected}。",
    "greater_than_equal": "“{name}”不得小于 {ge}。",
    "less_than_equal": "“{name}”不得大于 {le}。",
}
BY_SENTENCE: dict[type[ValueError], str] = {
    BadNumber: "bad_number", BadIdentifier: "bad_identifier", CalendarUnpublished: "calendar_unpublished",
}  # fmt: skip


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """Return a problem document; `more` are its further members."""
    title = PLAIN.get(status, ("", "未办理", ""))[1]
    body = {
        "type": f"urn:tongban:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    options = {"ensure_ascii": False}
    response = JsonResponse(
        {**body, **more}, status=status, content_type=MEDIA_TYPE, json_dumps_params=options
    )
    # Django would log the path, and somebody may have typed an identity number into it.
    response._has_been_logged = True  # type: ignore[attr-defined]
    response.refused_as = code  # type: ignore[attr-defined]
    return response


def plain(status: int, **more: Any) -> HttpResponse:
    """Return the problem document for a status of which nothing more is known."""
    code, _, sentence = PLAIN.get(status, PLAIN[500 if status >= 500 else 400])
    return problem(status, code, sentence, **more)


def of_refusal(refusal: DomainError) -> HttpResponse:
    """Return the problem document that a refusal becomes."""
    more: dict[str, Any] = {}
    if isinstance(refusal, FormFaulty):
        more["faults"] = [
            {"pointer": pointer, "message": message} for pointer, message in refusal.faults[:MOST_FAULTS]
        ]
    if isinstance(refusal, PostChoiceNeeded):
        more["choices"] = [
            {"post": pk, "organisation": where, "title": title} for pk, where, title in refusal.choices
        ]
    if isinstance(refusal, SecondFactorNeeded):
        more |= {"ways": refusal.ways, **({"demo_code": refusal.demo_code} if refusal.demo_code else {})}
    response = problem(refusal.status, refusal.code, str(refusal), **more)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    elif refusal.status == 503:
        response["Retry-After"] = "30"
    return response


def of_bug(error: Exception) -> HttpResponse:
    """Return the problem document of a bug; the log gets its place but not its message, which may quote input."""
    frames = traceback.extract_tb(error.__traceback__)
    place = "\n".join(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    log.error("%s in an API request\n%s", type(error).__name__, place)
    return plain(500)


def of_full_disk(refusal: StorageFull) -> HttpResponse:
    """Return the problem document of a disk that is full; the log gets one line, as it may lie on that very disk."""
    log.error("a request was refused, nothing can be stored: %s", refusal.reason)
    return of_refusal(refusal)


def add_to(api: NinjaAPI) -> None:
    """Let `api` answer every exception with a problem document."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)


def answer(request: HttpRequest, error: Any) -> HttpResponse:
    """Return the problem document for an exception that an endpoint raised."""
    if isinstance(error, DomainError):
        error = _beyond_key(request, error)
        return of_refusal(error)
    if isinstance(error, ValidationError):
        return _of_faults(error)
    if isinstance(error, HttpError):
        # Ninja says of all that a parser raises that it cannot be parsed; ours says why.
        why = error.__cause__
        return of_refusal(why) if isinstance(why, DomainError) else plain(error.status_code)
    if type(error) in BY_SENTENCE:
        return problem(422, BY_SENTENCE[type(error)], str(error))
    if isinstance(error, MultiPartParserError | BadRequest | SuspiciousOperation):
        return plain(400)
    if isinstance(error, Http404):
        return plain(404)
    refusal = storage.refusal_of(error)
    return of_full_disk(refusal) if refusal else of_bug(error)


def _beyond_key(request: HttpRequest, refusal: DomainError) -> DomainError:
    """Return the refusal, in words of its own where the post may do it and its key may not."""
    missed = getattr(getattr(request, "actor", None), "missed", None)
    if not missed or refusal.code != NotPermitted.code:
        return refusal
    names = "、".join(sorted(missed))
    return BeyondKey(
        f"未办理：接口密钥签发时限定了权限，不含 {names}。请改用有此权限的密钥，或由账号管理员另行签发。"
    )


HANDLERS: dict[type[Exception], Any] = dict.fromkeys(
    (Exception, DomainError, ValidationError, HttpError, Http404, *BY_SENTENCE), answer
)


def _of_faults(error: ValidationError) -> HttpResponse:
    faults = [_fault(one) for one in error.errors[:MOST_FAULTS]]
    return problem(422, "invalid_input", f"未作任何更改：{faults[0]['message']}请改正后重试。", faults=faults)


def _fault(one: Mapping[str, Any]) -> dict[str, str]:
    # Names of unknown members come from outside, so they are not repeated.
    path = [str(part) for part in one["loc"][1:] if part != "body"]
    path = path[:-1] if one["type"] == "extra_forbidden" else path
    name = ".".join(path) or "请求内容"
    limits = {key: value for key, value in (one.get("ctx") or {}).items() if key != "error"}
    sentence = FAULTS.get(one["type"], "“{name}”格式不符。").format(**{**limits, "name": name})
    return {"pointer": "/" + "/".join(path), "message": sentence}
