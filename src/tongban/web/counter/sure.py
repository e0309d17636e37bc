"""What takes effect at once and takes little more than a press at the window is asked once more, with what follows from it."""

from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.cases import queries
from tongban.cases.models import Case
from tongban.cases.words import Act
from tongban.kernel.time import clock
from tongban.web.ahead import Ahead, ahead_of
from tongban.web.counter import acts, service
from tongban.web.counter.acts import ActForm, Typed
from tongban.web.twice import version_to_act_on

# The others are filled in at length, or follow one another in one sitting.
ASKED: Final = frozenset(
    {
        Act.GIVE_NOTICE, Act.FORWARD, Act.TELL, Act.REJECT_ANSWER, Act.CONFIRM_DELIVERY, Act.REQUEST_WITHDRAWAL,
        Act.KEEP, Act.RETURN, Act.WITHDRAW,
    }
)  # fmt: skip
NOT_CARRIED: Final = frozenset({"csrfmiddlewaretoken", "sure", "back"})


def is_to_ask(act: Act, data: QueryDict) -> bool:
    """Return whether an act that was sent is still to be asked about."""
    return act in ASKED and "sure" not in data


def page(
    request: HttpRequest, case: Case, form: ActForm, typed: Typed, by: Actor, target: str
) -> HttpResponse:
    """
    Return the page that asks; `target` names the authority to which a case that came back goes on.

    Raises:
        as `procedures.commands.rehearsed`: what would be refused is not asked about.
    """
    # Where it goes on to another authority, what that one owes is its own agreement's to say.
    seen = version_to_act_on(case, request.POST.get("version", ""))
    ahead = (
        ahead_of(case, form.act, by=by, at=clock.now(), given=typed.given, texts=typed.texts, version=seen)
        if not target
        else Ahead()
    )
    context = {
        "case": case, "item": queries.item_name(case), "form": form, "ahead": ahead, "said": list(_said(typed, target)),
        "carried": [(name, value) for name in request.POST for value in request.POST.getlist(name) if name not in NOT_CARRIED],
    }  # fmt: skip
    return render(request, "counter/sure.html", context)


def _said(typed: Typed, target: str) -> Iterator[tuple[str, str]]:
    """Return what was chosen and written, each with what it is."""
    if target:
        yield _("改送有权机关"), target
    choices, written = {**acts.CHOICES, **service.CHOICES}, {**acts.TEXTS, **service.TEXTS}
    for name, code in typed.given.items():
        if name in choices:
            label, offered = choices[name]
            yield str(label), offered.get(code, code)
    for name, text in typed.texts.items():
        if name in written:
            yield str(written[name]), text
