"""
Assisted filing (帮办): a window files online for somebody in front of it, who says yes by a code sent to their telephone.

The code belongs to what the form holds as it is asked for: whoever changes a word afterwards has to ask the applicant again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from tongban.accounts import identifiers
from tongban.accounts.access.actor import Actor, Permission
from tongban.cases import checklist, commands, filers
from tongban.cases.checklist import Checked
from tongban.cases.models import Case
from tongban.cases.sitting import EVIDENCE, Seen
from tongban.cases.words import Mode
from tongban.catalogue import queries as catalogue
from tongban.kernel import attempts
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.materials import queries as materials
from tongban.notices import codes, drafted, ports
from tongban.notices.models import SmsCode
from tongban.signin import throttle
from tongban.signin.visits import HOUR, TooManySmsCodes

OF_ONE_DRAFT: Final = ((5, HOUR), (10, timedelta(days=1)))
CONSENT: Final = (
    "consent"  # what shows that the applicant agreed: where the code went, masked, and when it was said
)
CODE_REFUSALS: Final = (codes.SmsCodeWrong, codes.SmsCodeExpired, codes.SmsCodeUsed, codes.SmsCodeSpent)
_HELP: Final = SmsCode.Purpose.HELP


class NoTelephone(InvalidInput):
    """The form gives no telephone to which a code could go; nothing was sent."""

    code = "no_telephone"


class NoSmsGateway(InvalidInput):
    """This node sends no messages; nothing can be confirmed by one."""

    code = "no_sms_gateway"
    status = 409


def is_for(modes: Collection[str]) -> bool:
    """Return whether an item with these modes is one that a window can only help to file online."""
    return Mode.FULLY_ONLINE in modes and Mode.PROXY_INTAKE not in modes


def send_code(*, number: str, by: Actor, at: datetime) -> str:
    """
    Send the code by which the applicant confirms what is filled in; return the telephone it goes to, masked.

    Raises:
        NotFound: `by` has no such draft. NotPermitted: the post files nothing. NoTelephone, NoSmsGateway: as named.
        TooManySmsCodes: there were enough for this draft.
    """
    if not by.may(Permission.CASE_FILE):
        raise NotPermitted("没有发送：您的岗位不能帮助申请人申报。请由窗口收件人员办理。")
    telephone = drafted.telephone(materials.draft(number, by))
    if not telephone:
        raise NoTelephone("申请人手机号码：请先填写，确认码发到这个号码。")
    if ports.sms() is None:
        raise NoSmsGateway("没有发送：本地没有接通短信，不能用短信确认。请帮助申请人用本人账号网上申报。")
    for limit, within in OF_ONE_DRAFT:
        if not throttle.take(account=f"sms-help:{number}:{limit}", limit=limit, within=within, at=at):
            attempts.note(code=TooManySmsCodes.code, doing="help-send", at=at)
            raise TooManySmsCodes("没有发送：这份申请获取确认码过于频繁。请一小时后再试。")
    codes.ask(number=number, purpose=_HELP, at=at)
    return identifiers.mask_mobile(telephone)


def file(*, number: str, checked: Checked, seen: Seen, code: str, by: Actor, at: datetime) -> Case:
    """
    File a draft of the window's online, confirmed by the code that its applicant was sent; as `commands.file` goes on.

    Whoever has proved that the number of the form is theirs finds the case in their account; others look at it by code.

    Raises:
        ChecksIncomplete, ScanMissing: as `checklist.demand_complete`. As `codes.use`, and `commands.file`; nothing is filed then.
    """
    draft = materials.draft(number, by)
    guide, form = catalogue.current_guide(draft.offering).body, materials.form_of(number)
    held = set(materials.materials_of(number).values_list("code", flat=True))
    checklist.demand_complete(checklist.compiled(guide, form), checked, held, number=number)
    telephone = identifiers.mask_mobile(drafted.telephone(draft))
    commands.demand_fileable(number=number, mode=Mode.FULLY_ONLINE, by=by, at=at)
    codes.use(number=number, purpose=_HELP, typed=code, at=at)
    texts = {
        checklist.LABEL: checked.to_text(), EVIDENCE: seen.evidence,
        CONSENT: f"确认码发至 {telephone}，申请人当面告知窗口，{at.astimezone():%Y-%m-%d %H:%M} 核对一致。",
    }  # fmt: skip
    helped = commands.Helped(seen.presence, filers.account_of(guide["form"], form), texts)
    return commands.file(number=number, mode=Mode.FULLY_ONLINE, by=by, at=at, helped=helped)
