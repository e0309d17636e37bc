"""Assisted filing (帮办) on the page of taking in: the code to the applicant's telephone, and filing online once they have said it."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.cases.sitting import Seen
from tongban.cases.words import Act
from tongban.catalogue.filers import mobile_of_filer
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.signin import helping
from tongban.web import forms
from tongban.web.counter import checks, sheet
from tongban.web.counter.sheet import Sheet
from tongban.web.english import told

CODE, HELP = "code", "help"  # send the code; file


def sent(request: HttpRequest, now: Sheet, by: Actor) -> HttpResponse:
    """Send the code to the telephone that the form gives, and show the page again."""
    try:
        telephone = helping.send_code(number=now.draft.number, by=by, at=clock.now())
    except helping.NoTelephone as refusal:
        place, _said = mobile_of_filer(now.guide["form"], now.form)
        return sheet.page(request, replace(now, faults=[(forms.field_id(place), told(refusal))]))
    except DomainError as refusal:
        return sheet.page(request, replace(now, faults=[("part-attest", told(refusal))]))
    words = _(
        "确认码正发往 %(telephone)s。请申请人核对填写内容后，把收到的六位数字告诉您。没有收到的，一分钟后重新发送。"
    )
    return sheet.page(request, replace(now, notice=words % {"telephone": telephone}))


def filed(request: HttpRequest, now: Sheet, seen: Seen, by: Actor) -> HttpResponse:
    """File online what the applicant has confirmed; a code that does not fit is told at its field."""
    number, code = now.draft.number, request.POST.get(sheet.CODE, "")
    try:
        helping.file(number=number, checked=now.checked, seen=seen, code=code, by=by, at=clock.now())
    except helping.CODE_REFUSALS as refusal:
        return sheet.page(request, replace(now, faults=[(sheet.CODE, told(refusal))]))
    except DomainError as refusal:
        return sheet.page(request, replace(now, faults=[("part-attest", told(refusal))]))
    checks.forget(request, number)
    return redirect(f"{reverse('web:counter-case', args=[number])}?done={Act.FILE}")
