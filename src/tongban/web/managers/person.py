"""One member of staff: posts, factors, work in hand, leave, what was done to the account; and every act on it."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tongban.accounts import commands
from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Permission
from tongban.accounts.models import Appointment, Authenticator, Grant, Person, Post
from tongban.accounts.people import granting, leaving, resetting, staffing
from tongban.accounts.roster import directory
from tongban.kernel.errors import InvalidInput, NotFound
from tongban.kernel.journal import nodechain
from tongban.kernel.time import clock
from tongban.procedures import standing_in
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.managers import asking
from tongban.web.staff import names_of

HISTORY: Final = 30
DONE = {
    "give": gettext_lazy("已办理。能作决定的岗位，等另一位账号管理员复核后生效。"),
    "take": gettext_lazy("已免去岗位。"), "move": gettext_lazy("已调动。新岗位能作决定的，等另一位账号管理员复核后生效。"),
    "close": gettext_lazy("已停用账号，其登录都已结束。"), "telephone": gettext_lazy("已保存手机号。"),
    "second": gettext_lazy("已申请重置两步登录，请另一位账号管理员或督办专员在 24 小时内复核。"),
    "free": gettext_lazy("已移交。移交不了的仍列在“在手”里，由督办人员解除认领。"),
    "added": gettext_lazy("已添加。"),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def person(request: SignedInRequest, code: str) -> HttpResponse:
    """The page of a member of staff; acts are sent to it."""
    faults: list[tuple[str, str]] = []
    found, status = asking.someone(request, code), 200
    if request.method == "POST":
        acts = {name: partial(act, person=found) for name, act in ACTS.items()}
        answer, faults, status = asking.done(request, acts, "act")
        if answer is not None:
            return answer
        found.refresh_from_db()
    return render(request, "managers/person.html", _shown(request, found, faults), status=status)


def _shown(request: SignedInRequest, found: Person, faults: list[tuple[str, str]]) -> dict[str, Any]:
    by, at = request.actor, clock.now()
    (row,) = directory.described([found], at)
    grants = {
        grant.post_id: grant
        for grant in Grant.objects.filter(person=found, outcome=Grant.Outcome.COUNTERSIGNED).order_by("pk")
    }
    history = nodechain.about(found.pseudonym, HISTORY)
    titles = _titles({_post_of(entry) for entry in history})
    substitutes = leaving.substitutes_for(found)
    known = names_of(
        {str(entry.actor["staff"]) for entry in history}
        | {who for grant in (*grants.values(), *row.waiting) for who in (grant.asked_by, grant.decided_by)}
        - {""}
    )
    return {
        "row": row, "person": found, "faults": faults, "notice": asking.notice(request, DONE),
        "held": [(one, grants.get(one.post_id)) for one in row.posts],
        "factors": list(Authenticator.objects.of(found)), "me": by.staff, "who": known,
        "history": [
            (entry, known.get(str(entry.actor["staff"]), ""), titles.get(_post_of(entry), "")) for entry in history
        ],
        "leaves": list(found.leaves.filter(cancelled_at=None, ends_on__gte=clock.official_day(at)).order_by("begins_on")),
        "posts": directory.posts(by), "substitutes": substitutes, "typed": request.POST, "today": clock.official_day(at),
    }  # fmt: skip


def _post_of(entry: nodechain.Entry) -> tuple[str, str]:
    return str(entry.given.get("organisation", "")), str(entry.given.get("post", ""))


def _titles(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return what posts are called, by organisation (USCC) and code, as the node's chain names them."""
    posts = Post.objects.filter(organisation__uscc__in={uscc for uscc, _code in wanted})
    found = posts.select_related("organisation")
    return {(one.organisation.uscc, one.code): f"{one.organisation} {one.title}" for one in found}


def handed_out(request: SignedInRequest, found: Person, password: str) -> HttpResponse:
    """Show a password once, for whoever hands it over in person."""
    there = reverse("web:managers-person", args=[found.pseudonym])
    shown = {"handed": [(found, password)], "there": there}
    return render(request, "managers/handed_out.html", shown)


def _give(request: SignedInRequest, *, person: Person) -> None:
    granting.give(person=person, post=asking.post_named(request), by=request.actor, at=clock.now())


def _take(request: SignedInRequest, *, person: Person) -> None:
    held = Appointment.objects.filter(person=person, ends_at=None).select_related(
        "person", "post__organisation"
    )
    found = held.filter(pk=asking.number(request, "appointment")).first()
    if found is None:
        raise NotFound(_("未免去：此人已不在这个岗位任职。请刷新后再看。"))
    commands.end_appointment(appointment=found, by=request.actor, at=clock.now())


def _move(request: SignedInRequest, *, person: Person) -> None:
    post, frees = asking.post_named(request), request.POST.get("frees") == "1"
    standing_in.move(person=person, post=post, passes_on=frees, by=request.actor, at=clock.now())


def _close(request: SignedInRequest, *, person: Person) -> None:
    frees = request.POST.get("frees") == "1"
    standing_in.close(person=person, passes_on=frees, by=request.actor, at=clock.now())


def _reopen(request: SignedInRequest, *, person: Person) -> HttpResponse:
    password, post = passwords.made_up(login=person.username), asking.post_named(request)
    granting.reopen(person=person, post=post, password=password, by=request.actor, at=clock.now())
    return handed_out(request, person, password)


def _password(request: SignedInRequest, *, person: Person) -> HttpResponse:
    new = passwords.made_up(login=person.username)
    commands.reset_password(person=person, new=new, by=request.actor, at=clock.now())
    return handed_out(request, person, new)


def _second(request: SignedInRequest, *, person: Person) -> None:
    resetting.ask(person=person, by=request.actor, at=clock.now())


def _free(request: SignedInRequest, *, person: Person) -> None:
    code = request.POST.get("to", "")
    to = Person.objects.filter(pseudonym=code, is_active=True).first() if code else None
    if code and to is None:
        raise InvalidInput(_("未移交：请从列表中选择接办人。"))
    standing_in.free(person=person, to=to, by=request.actor, at=clock.now())


def _telephone(request: SignedInRequest, *, person: Person) -> None:
    staffing.set_telephone(
        person=person, telephone=request.POST.get("telephone", ""), by=request.actor, at=clock.now()
    )


ACTS: Final[dict[str, Callable[..., HttpResponse | None]]] = {
    "give": _give, "take": _take, "move": _move, "close": _close, "reopen": _reopen, "password": _password,
    "second": _second, "free": _free, "telephone": _telephone,
}  # fmt: skip
