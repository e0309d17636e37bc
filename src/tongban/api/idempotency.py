"""Every write carries an `Idempotency-Key`: sent twice it is done once, and answered the same."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from ninja import Schema, Status

from tongban.api.answers import as_written, text_of
from tongban.api.authentication import actor_of
from tongban.api.models import IdempotencyKey
from tongban.kernel.crypto import digest
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.journal import writing
from tongban.kernel.journal.writer import moved
from tongban.kernel.journal.writing import Insert
from tongban.kernel.prepared import Prepared
from tongban.kernel.time import clock

HEADER = "Idempotency-Key"
KEPT = timedelta(days=7)
_FORM = re.compile(r"[!-~]{1,100}", re.ASCII)

type View = Callable[..., Any]


class IdempotencyKeyMissing(InvalidInput):
    """A write without the header `Idempotency-Key`, or one that is not 1 to 100 visible ASCII characters."""

    code = "idempotency_key_missing"


class IdempotencyKeyReused(InvalidInput):
    """The key was used before, for another request."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class _Claim:
    """Who asks, under which key, for what."""

    scope: str
    key: str
    request: str

    def answered(self, status: int, body: str) -> dict[str, Any]:
        """Return the row that keeps the answer as it goes out."""
        return {
            "scope": self.scope, "key": self.key, "request": self.request, "status": status, "body": body,
            "at": clock.now(),
        }  # fmt: skip


def once(view: View) -> View:
    """
    Do what `view` does once for each key; key, act and answer are written in one transaction.

    A refusal is not kept: nothing was done, so the same key may try again. Of two at once, the second waits.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        claim = _claim(request)
        with write():
            row, kept = _reserve(claim)
            if kept:
                return _again(row, claim)
            status, body = _plain(view(request, *args, **kwargs))
            row.status, row.body = status, body
            row.save(update_fields=["status", "body"])
        return as_written(body, status)

    wrapper.is_write = True  # type: ignore[attr-defined]
    return wrapper


def once_as_one(view: View) -> View:
    """
    As `once`, for a view all of whose writing is gathered (`kernel.journal.writing`): key, act and answer are one statement.

    Of two at once neither waits; the second is undone by the key that the first has written, and gets its answer.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        claim = _claim(request)
        try:
            with writing.together():
                status, body = _plain(view(request, *args, **kwargs))
                writing.store([Insert(IdempotencyKey, (claim.answered(status, body),))])
        except (DomainError, writing.NotAsExpected, IntegrityError) as error:
            # What was done already is refused the second time, by the case or by the key: now it is asked which.
            row = _kept(claim)
            if row is not None:
                return _again(row, claim)
            if isinstance(error, DomainError):
                raise
            raise moved(str(kwargs.get("number", ""))) from error
        _forget_now_and_then(claim)
        return as_written(body, status)

    wrapper.is_write = True  # type: ignore[attr-defined]
    return wrapper


def once_outside(view: View) -> View:
    """
    As `once`, for what must not hold up other writers: decoding files, asking another node.

    Such a view must do no harm when a crash between it and its key lets it run twice.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        claim = _claim(request)
        row = _kept(claim)
        if row is not None:
            return _again(row, claim)
        status, body = _plain(view(request, *args, **kwargs))
        with write():
            IdempotencyKey.objects.update_or_create(
                scope=claim.scope, key=claim.key,
                defaults={"request": claim.request, "status": status, "body": body, "at": clock.now()},
            )  # fmt: skip
        return as_written(body, status)

    wrapper.is_write = True  # type: ignore[attr-defined]
    return wrapper


def _claim(request: HttpRequest) -> _Claim:
    key = request.headers.get(HEADER, "")
    if not _FORM.fullmatch(key):
        raise IdempotencyKeyMissing(
            f"未办理：请求须带 {HEADER} 头（1 至 100 个可见 ASCII 字符）。请为每次操作生成一个新值。"
        )
    by = actor_of(request)
    scope = "|".join((by.kind, by.organisation, by.post, by.staff, by.applicant))
    return _Claim(digest.sm3(scope.encode()).hex(), key, _digest(request))


def _digest(request: HttpRequest) -> str:
    """Return the digest of what is asked for; boundaries of a multipart body differ from one try to the next."""
    parts = [f"{request.method} {request.path}".encode()]
    if request.content_type == "multipart/form-data":
        for name in sorted(request.POST):
            parts += [name.encode(), *(value.encode() for value in request.POST.getlist(name))]
        for name in sorted(request.FILES):
            for file in request.FILES.getlist(name):
                parts += [name.encode(), (file.name or "").encode(), digest.sm3(file.read())]
                file.seek(0)
    else:
        parts.append(request.body)
    return digest.sm3(b"".join(digest.sm3(part) for part in parts)).hex()


def _reserve(claim: _Claim) -> tuple[IdempotencyKey, bool]:
    """Return the key's row, and whether it held an answer already."""
    now = clock.now()
    _forget_now_and_then(claim)
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(
                scope=claim.scope, key=claim.key, request=claim.request, at=now
            )
        return row, False
    except IntegrityError:
        return IdempotencyKey.objects.get(scope=claim.scope, key=claim.key), True


def _kept(claim: _Claim) -> IdempotencyKey | None:
    return _answer.first(claim.scope, claim.key)


_answer = Prepared(lambda scope, key: IdempotencyKey.objects.filter(scope=scope, key=key), str, str)


def _forget_now_and_then(claim: _Claim) -> None:
    if claim.request.startswith("00"):
        with write():
            IdempotencyKey.objects.filter(at__lt=clock.now() - KEPT).delete()


def _again(row: IdempotencyKey, claim: _Claim) -> Any:
    if row.request != claim.request:
        raise IdempotencyKeyReused(f"未办理：这个 {HEADER} 已用于另一项请求。请为新的操作生成新值。")
    return as_written(row.body, row.status)


def _plain(answer: Any) -> tuple[int, str]:
    status, value = (answer.status_code, answer.value) if isinstance(answer, Status) else (200, answer)
    return status, text_of(value.model_dump(mode="json") if isinstance(value, Schema) else value)
