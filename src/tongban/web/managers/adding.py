"""Adding a member of staff with a first post; the password is shown once."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tongban.accounts.access import passwords
from tongban.accounts.access.actor import Permission
from tongban.accounts.people import granting, staffing
from tongban.accounts.roster import directory
from tongban.kernel import db
from tongban.kernel.time import clock
from tongban.signin.actor import SignedInRequest
from tongban.web.access import signed_in
from tongban.web.managers import asking, person


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(Permission.ACCOUNTS_MANAGE)
def new(request: SignedInRequest) -> HttpResponse:
    """The form, and what comes of it."""
    faults: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        answer, faults, status = asking.done(request, {"add": _add}, "act")
        if answer is not None:
            return answer
    context = {
        "faults": faults, "typed": request.POST, "posts": directory.posts(request.actor),
        "chosen": request.POST.get("post", ""), "bureaux": list(directory.bureaux(request.actor)),
    }  # fmt: skip
    return render(request, "managers/new.html", context, status=status)


def _add(request: SignedInRequest) -> HttpResponse:
    username, at = request.POST.get("username", ""), clock.now()
    password, post = passwords.made_up(login=username.strip()), asking.post_named(request)
    with db.write():
        made, _given = granting.add(
            username=username,
            name=request.POST.get("name", ""),
            password=password,
            post=post,
            by=request.actor,
            at=at,
        )
        if telephone := request.POST.get("telephone", "").strip():
            staffing.set_telephone(person=made, telephone=telephone, by=request.actor, at=at)
    return person.handed_out(request, made, password)
