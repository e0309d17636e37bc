"""What the pages of this desk share: whom and what a form names, and how a refusal of a form is shown."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tongban.accounts.models import Person, Post
from tongban.accounts.roster import directory
from tongban.kernel.errors import DomainError, InvalidInput, NotFound
from tongban.signin.actor import SignedInRequest
from tongban.web import typed
from tongban.web.english import told
from tongban.web.typed import whole

type Act = Callable[[SignedInRequest], HttpResponse | None]


def someone(request: SignedInRequest, code: str) -> Person:
    """Return whose page this is, by the node's code; raises NotFound where the actor may see nobody of it."""
    found = Person.objects.visible_to(request.actor).filter(pseudonym=code).first()
    if found is None:
        raise NotFound(_("没有这位人员，或不在您的管理范围内。请回到人员列表。"))
    return found


def number(request: SignedInRequest, name: str) -> int:
    """Return the number that a field of a form names; 0, which nothing has, where it is none."""
    return whole(request.POST.get(name, "")) or 0


def post_named(request: SignedInRequest) -> Post:
    """Return the post that a form names, of those that the actor may give; raises InvalidInput."""
    wanted = number(request, "post")
    found = next((post for post in directory.posts(request.actor) if post.pk == wanted), None)
    if found is None:
        raise InvalidInput(_("岗位：请从列表中选择。列表里没有的，用命令 tongban office load 设岗位。"))
    return found


def day(text: str, refused: str) -> date:
    """Return the day that somebody typed; raises InvalidInput with the sentence."""
    found = typed.day(text)
    if found is None:
        raise InvalidInput(refused)
    return found


def done(
    request: SignedInRequest, acts: Mapping[str, Act], field: str
) -> tuple[HttpResponse | None, list[tuple[str, str]], int]:
    """
    Do what the form asks for; return the answer, or the faults to show on the page again and their status.

    Who looked for nothing that should be there is not lost: what was typed, or the list, has to be looked at again.
    """
    what = request.POST.get("do", "")
    if what not in acts:
        raise InvalidInput(_("没有这种操作。请回到页面选择可办理的操作。"))
    try:
        return acts[what](request) or redirect(f"{request.path}?done={what}"), [], 200
    except DomainError as refusal:
        status = 422 if isinstance(refusal, NotFound) else refusal.status
        return None, [(f"{field}-{what}", told(refusal))], status


def notice(request: SignedInRequest, words: Mapping[str, Any]) -> str:
    """Return the sentence about what was just done."""
    return str(words.get(request.GET.get("done", ""), ""))
