"""
Assisted filing (帮办): a window files online for somebody in front of it, who says yes by a code sent to their telephone.

The code belongs to what the form holds as it is asked for: whoever changes a word afterwards has to ask the applicant again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_noop

from tongban.accounts import identifiers
from tongban.accounts.access.actor import Actor, Permission
from tongban.accounts.people import sealed
from tongban.cases import checklist, commands, filers
from tongban.cases.checklist import Checked
from tongban.cases.models import Case
from tongban.cases.sitting import EVIDENCE, Seen
from tongban.cases.words import Mode
from tongban.catalogue import filers as form_filers
from tongban.catalogue import queries as catalogue
from tongban.kernel import attempts
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted
from tongban.kernel.time import clock
from tongban.materials import queries as materials
from tongban.materials.models import Draft
from tongban.notices import codes, drafted, ports
from tongban.notices.models import SmsCode
from tongban.signin import throttle
from tongban.signin.visits import DAY, HOUR, TooManySmsCodes

# Of one draft, and to one telephone: nobody's is made to ring, and one that agrees for many is seen.
OF_ONE_DRAFT: Final = ((5, HOUR), (10, DAY))
OF_ONE_TELEPHONE: Final = ((8, HOUR), (20, DAY))
# What shows that the applicant agreed: where the code went, masked, and when it was said.
CONSENT: Final = "consent"
CODE_REFUSALS: Final = (codes.SmsCodeWrong, codes.SmsCodeExpired, codes.SmsCodeUsed, codes.SmsCodeSpent)
WHY_NOT: Final = {
    "no_telephone": gettext_noop("只能网上办，申请表没有申请人的手机号码，不能凭确认码帮办：请帮助申请人用本人账号网上申报。"),
    "no_sms": gettext_noop("只能网上办，本地没有接通短信，不能凭确认码帮办：请帮助申请人用本人账号网上申报。"),
}  # fmt: skip
_HELP: Final = SmsCode.Purpose.HELP


class NotToBeHelped(InvalidInput):
    """The item is not one that a window helps to file online: it takes it in itself, the form asks for no telephone, or there is no SMS."""

    code = "not_to_be_helped"


class NoTelephone(InvalidInput):
    """The form gives no telephone to which a code could go; nothing was sent."""

    code = "no_telephone"


def is_for(guide: Mapping[str, Any]) -> bool:
    """Return whether an item is one that a window can only help to file online."""
    return Mode.FULLY_ONLINE in guide["modes"] and Mode.PROXY_INTAKE not in guide["modes"]


def why_not(guide: Mapping[str, Any]) -> str:
    """Return by a word of `WHY_NOT` why nobody can be helped with such an item here; nothing if they can."""
    if not form_filers.mobile_of_filer(guide["form"], {})[0]:
        return "no_telephone"
    return "no_sms" if ports.sms() is None else ""


def send_code(*, number: str, by: Actor, at: datetime) -> str:
    """
    Send the code by which the applicant confirms what is filled in; return the telephone it goes to, masked.

    Raises:
        NotFound: `by` has no such draft. NotPermitted: the post files nothing. NotToBeHelped, NoTelephone: as named.
        What `commands.file` raises of a form and materials that are not yet as they have to be: nobody agrees to half of it.
        TooManySmsCodes: there were enough for this draft, or to this telephone.
    """
    draft, guide, form = _demand(number, by)
    telephone = drafted.telephone(guide["form"], form)
    if not telephone:
        raise NoTelephone("申请人手机号码：请先填写，确认码发到这个号码。")
    commands.demand_fileable(draft=draft, mode=Mode.FULLY_ONLINE, by=by, at=at)
    counts = [(f"sms-help:{number}:{limit}", limit, within) for limit, within in OF_ONE_DRAFT]
    ringing = sealed.lookup(f"sms-help:{telephone}")
    counts += [(f"sms-help-to:{ringing}:{limit}", limit, within) for limit, within in OF_ONE_TELEPHONE]
    for account, limit, within in counts:
        if not throttle.take(account=account, limit=limit, within=within, at=at):
            attempts.note(code=TooManySmsCodes.code, doing="help-send", at=at)
            later = "一小时后" if within == HOUR else "明天"
            raise TooManySmsCodes(f"没有发送：这份申请或这个手机号码获取确认码过于频繁。请{later}再试。")
    codes.ask(number=number, purpose=_HELP, at=at, about=drafted.about(number, form))
    return identifiers.mask_mobile(telephone)


def file(*, number: str, checked: Checked, seen: Seen, code: str, by: Actor, at: datetime) -> Case:
    """
    File a draft of the window's online, confirmed by the code that its applicant was sent; as `commands.file` goes on.

    Whoever has proved that the number of the form is theirs finds the case in their account; others look at it by code.

    Raises:
        ChecksIncomplete, ScanMissing: as `checklist.demand_complete`. As `codes.use`, `send_code` and `commands.file`; nothing is
        filed then.
    """
    draft, guide, form = _demand(number, by)
    held = set(materials.materials_of(number).values_list("code", flat=True))
    checklist.demand_complete(checklist.compiled(guide, form), checked, held, number=number)
    commands.demand_fileable(draft=draft, mode=Mode.FULLY_ONLINE, by=by, at=at)
    try:
        codes.use(number=number, purpose=_HELP, typed=code, at=at, about=drafted.about(number, form))
    except DomainError as refusal:
        attempts.note(code=refusal.code, doing="help-code", at=at)
        raise
    telephone = identifiers.mask_mobile(drafted.telephone(guide["form"], form))
    told = at.astimezone(clock.OFFICIAL)
    texts = {
        checklist.LABEL: checked.to_text(), EVIDENCE: seen.evidence,
        CONSENT: f"确认码发至 {telephone}，申请人当面告知窗口，{told:%Y-%m-%d %H:%M} 核对一致。",
    }  # fmt: skip
    helped = commands.Helped(seen.presence, filers.account_of(guide["form"], form), draft.form, texts)
    return commands.file(number=number, mode=Mode.FULLY_ONLINE, by=by, at=at, helped=helped)


def _demand(number: str, by: Actor) -> tuple[Draft, dict[str, Any], dict[str, Any]]:
    """Return a draft of the window's that it may help to file, with its guide and what is filled in."""
    if not by.may(Permission.CASE_FILE):
        raise NotPermitted("没有办理：您的岗位不能帮助申请人申报。请由窗口收件人员办理。")
    draft = materials.draft(number, by)
    guide = catalogue.current_guide(draft.offering).body
    if not is_for(guide):
        raise NotToBeHelped(f"办件 {number} 的事项不用帮办网上申报。请由窗口收件，或告知申请人向办理地申请。")
    if reason := why_not(guide):
        raise NotToBeHelped(f"办件 {number} 没有办理：{WHY_NOT[reason]}")
    return draft, guide, materials.form_at(number, draft.form) if draft.form else {}
