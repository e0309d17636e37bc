"""
The words of tus 1.0.0, the protocol of resumable uploads (https://tus.io/protocols/resumable-upload):
its headers read and checked, and refusals as a program reads them. What is uploaded is not decided here.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _

from tongban.kernel.errors import DomainError
from tongban.materials.commands import DEFAULT_MAX_BYTES
from tongban.materials.parts import PIECE

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,termination,checksum,expiration"
BODY: Final = "application/offset+octet-stream"


class BadUpload(DomainError):
    """The request is not one of the upload protocol as we speak it."""

    code = "bad_upload"
    status = 400


class OtherVersion(BadUpload):
    """The client speaks another version of the protocol."""

    code = "other_upload_version"
    status = 412


class WrongContent(BadUpload):
    """The body is not a part of a file."""

    code = "wrong_upload_content"
    status = 415


def spoken(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a view be called in this protocol by `methods`; its refusals are sentences in plain text."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            # Some proxies let nothing but POST pass; the protocol provides for them.
            request.method = request.headers.get("X-HTTP-Method-Override", request.method or "").upper()
            try:
                response = _called(view, methods, request, *args, **kwargs)
            except DomainError as refusal:
                response = HttpResponse(
                    str(refusal), status=refusal.status, content_type="text/plain; charset=utf-8"
                )
                if refusal.retry_after:
                    response["Retry-After"] = str(refusal.retry_after)
            response["Tus-Resumable"] = VERSION
            response["Cache-Control"] = "no-store"
            return response

        return answered

    return decorate


def _called(
    view: Callable[..., HttpResponse],
    methods: tuple[str, ...],
    request: HttpRequest,
    *args: Any,
    **kwargs: Any,
) -> HttpResponse:
    about = {
        "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(DEFAULT_MAX_BYTES),
        "Tus-Checksum-Algorithm": "sha256",
    }  # fmt: skip
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers=about)
    if request.method not in methods:
        return HttpResponse(status=405, headers={"Allow": ", ".join(("OPTIONS", *methods))})
    if request.headers.get("Tus-Resumable") != VERSION:
        refusal = OtherVersion(_("上传协议的版本不符。请刷新页面后重试，或用普通方式上传。"))
        return HttpResponse(
            str(refusal), status=refusal.status, headers=about, content_type="text/plain; charset=utf-8"
        )
    return view(request, *args, **kwargs)


def number(request: HttpRequest, header: str) -> int:
    """
    Return a header that is a number of bytes.

    Raises:
        BadUpload: it is missing or no such number.
    """
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise BadUpload(_("上传请求不完整。请刷新页面后重试，或用普通方式上传。"))
    return int(text)


def metadata(request: HttpRequest) -> dict[str, str]:
    """
    Return what the client says of the file.

    Raises:
        BadUpload: it is not written as the protocol says.
    """
    found = {}
    try:
        for pair in request.headers.get("Upload-Metadata", "").split(","):
            key, _space, value = pair.strip().partition(" ")
            found[key] = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadUpload(_("上传请求不完整。请刷新页面后重试，或用普通方式上传。")) from None
    return found


def checksum(request: HttpRequest) -> bytes | None:
    """
    Return the SHA-256 of the body, if the client gave it.

    Raises:
        BadUpload: it is of another kind, or no checksum.
    """
    algorithm, _space, value = request.headers.get("Upload-Checksum", "").partition(" ")
    if not algorithm:
        return None
    try:
        if algorithm == "sha256":
            return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise BadUpload(_("上传的校验方式不能识别。请刷新页面后重试，或用普通方式上传。"))


def body(request: HttpRequest) -> Iterator[bytes]:
    """
    Yield the body in pieces, as it comes, until it ends or the line breaks.

    Raises:
        WrongContent: it is not a part of a file.
    """
    if request.content_type != BODY:
        raise WrongContent(_("上传请求的内容类型不符。请刷新页面后重试，或用普通方式上传。"))
    return _pieces(request)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while True:
        # Filled up before it is yielded, so that a slow line does not make a thousand small parts.
        piece = b""
        broken = False
        while len(piece) < PIECE and not broken:
            try:
                more = request.read(PIECE - len(piece))
            except (UnreadablePostError, OSError):
                more = b""
            piece, broken = piece + more, not more
        if piece:
            yield piece
        if broken:
            return
