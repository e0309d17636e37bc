"""A refusal becomes a page: the sentence, the right status, a way on. Views never catch what commands raise."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.defaults import bad_request, page_not_found

from tongban.accounts.identifiers import BadIdentifier
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.gates import Busy
from tongban.kernel.journal.numbers import BadNumber
from tongban.signin.halfopen import SecondStepDue
from tongban.signin.sessions import PasswordChangeNeeded
from tongban.web import english, htmx, numbering, unfinished
from tongban.web.access import SignInNeeded

NOT_PAGES = ("/api/", "/exchange/", "/healthz", "/readyz", "/metrics", "/static/", "/.well-known/")


class RefusalMiddleware:
    """Shows a refusal to the person who caused it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; keep pages with personal data out of caches."""
        response = self.get_response(request)
        if request.path.startswith(NOT_PAGES):
            return response
        if response.status_code == 405 and "Tus-Resumable" not in response.headers:
            response = _wrong_method(request)
        if response.status_code == 302 and htmx.wants_part(request):
            # fetch would follow it by itself, and a whole page would come into the middle of this one.
            response = htmx.led_to(response)
        unfinished.remember_reader(request, response)
        if response.status_code == Busy.status:
            response.setdefault("Retry-After", str(Busy.retry_after))
        response.setdefault("Cache-Control", "no-store")
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Refuse what no database can hold, wherever it was typed; nobody types it at a keyboard."""
        if request.path.startswith(NOT_PAGES) or not _holds_nul(request):
            return None
        sentence = _("网址或填写的内容里有不能识别的字符，什么也没有改变。请返回上一页，重新填写。")
        return refused(request, sentence, InvalidInput.status, InvalidInput.code)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn a refusal into its page; leave bugs alone."""
        if request.path.startswith(NOT_PAGES):
            return None
        if isinstance(error, SignInNeeded):
            return _led_to("web:sign-in", request)
        if isinstance(error, SecondStepDue):
            return _led_to("web:second", request)
        if isinstance(error, PasswordChangeNeeded):
            return _led_to("web:password", request)
        if isinstance(error, (BadNumber, BadIdentifier)):
            return refused(request, str(error), 422, english.code_of(error))
        if isinstance(error, DomainError):
            response = refused(request, str(error), error.status, error.code)
            if error.retry_after:
                response["Retry-After"] = str(error.retry_after)
            return response
        return None


def _holds_nul(request: HttpRequest) -> bool:
    sent = [request.path, *(text for _name, texts in request.GET.lists() for text in texts)]
    if request.method == "POST":
        sent += [text for _name, texts in request.POST.lists() for text in texts]
    return any("\0" in text for text in sent)


def refused(request: HttpRequest, sentence: str, status: int, code: str = "") -> HttpResponse:
    """Return the page of a refusal, with the way back to where its reader came from."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    context = {
        "sentence": numbering.in_sentence(sentence),
        "gone": status == 404,
        "lead": english.lead(sentence, code),
        "back": back if safe else reverse("web:home"),
    }
    if htmx.wants_part(request):
        response = htmx.refused(request, context, status)
    else:
        response = render(request, "web/refused.html", context, status=status)
    response.refused_as = code  # type: ignore[attr-defined]
    return response


def forged_or_stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """
    Answer a form whose token is not that of the present session.

    Mostly somebody signed in again in another tab; then the form is shown again, filled in, for them to send.
    Nothing is done: what came from another site is refused.
    """
    if request.path.startswith(NOT_PAGES):
        return HttpResponseForbidden("CSRF")
    match, actor = request.resolver_match, getattr(request, "actor", None)
    if match is not None and match.url_name == "sign-in":
        return _to_sign_in(request.POST.get("next", ""))
    # Browsers name where a form comes from, and a foreign origin has another reason: nobody fills in our pages from afar.
    own = "Origin" in request.headers and not reason.startswith(REASON_BAD_ORIGIN.partition("%")[0])
    author = unfinished.author_of(request) if own else ""
    if author and (actor is None or unfinished.mark_of(actor) == author):
        unfinished.keep(request, author)
        page = unfinished.page_of(request)
        if htmx.wants_part(request) and actor:
            return _come_first(request, _("这个页面已经失效。"), _("重新打开，填写的内容会找回"), page, 403)
        return redirect(page) if actor else _to_sign_in(page)
    if author:
        sentence = _("没有提交：这个页面是用另一个账号打开的。请用那个账号登录后重新办理。")
    else:
        sentence = _("没有提交：页面已经失效，或浏览器没有接受 Cookie。请返回上一页，刷新后再试。")
    return refused(request, sentence, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    if request.path.startswith(NOT_PAGES):
        return page_not_found(request, exception)
    return refused(request, _("没有这个页面。请核对网址，或从首页重新开始。"), 404)


def broken(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what did not arrive whole, such as an upload that was cut."""
    if request.path.startswith(NOT_PAGES) or isinstance(exception, DisallowedHost):
        return bad_request(request, exception)
    return refused(
        request, _("没有收完整，什么也没有改变。请返回上一页再试一次；上传文件时请等它传完。"), 400
    )


def _wrong_method(request: HttpRequest) -> HttpResponse:
    """Lead who reloads the address of an act to the page of its form."""
    page = unfinished.page_of(request)
    if request.method in ("GET", "HEAD") and page != request.path:
        return redirect(page)
    return refused(request, _("这个网址不能这样使用。请返回上一页，用页面上的按钮操作。"), 405)


def _led_to(name: str, request: HttpRequest) -> HttpResponse:
    """Lead somewhere that has to come first, and from there back to the page; what was sent is set aside."""
    kept = request.method == "POST" and unfinished.keep(request, unfinished.author_of(request))
    url = f"{reverse(name)}?{urlencode({'next': unfinished.page_of(request)}, safe='/')}"
    if not htmx.wants_part(request):
        return redirect(url)
    if name == "web:second":
        return _come_first(request, _("登录还差第二步。"), _("完成登录"), url, 401)
    if name == "web:password":
        return _come_first(request, _("请先修改密码。"), _("修改密码"), url, 403)
    over = _("登录已失效，填写的内容登录后找回。") if kept else _("登录已失效，页面上还是先前的内容。")
    return _come_first(request, over, _("重新登录"), url, 401)


def _come_first(request: HttpRequest, sentence: str, words: str, url: str, status: int) -> HttpResponse:
    """Say in a page that is shown already what has to come first, with the way there."""
    return htmx.refused(request, {"sentence": sentence, "on": (words, url)}, status)


def _to_sign_in(page: str) -> HttpResponse:
    query: dict[str, Any] = {"next": page} if page else {}
    return redirect(f"{reverse('web:sign-in')}?{urlencode(query, safe='/')}")
