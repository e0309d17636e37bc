"""By what an applicant is reached besides the box: what is begun as a notice is made."""

from datetime import datetime

from tongban.accounts.people import sealed
from tongban.cases import lookups
from tongban.cases.models import Case
from tongban.notices import ports
from tongban.notices.models import Dispatch, Notice, OptOut
from tongban.notices.rows import BY_NAME

EMAIL = "email"  # the format of a field of a form that asks for a mail address
# Of these numbers the gateway says that somebody else may have them: nothing is sent there again for a case.
NOT_THEIRS = frozenset({"not_in_use", "wrong_subscriber"})


def begun(notice: Notice, case: Case, at: datetime, *, face_to_face: bool) -> list[Dispatch]:
    """
    Return what is to be sent of a notice, to telephone and mail as the form gives them; nothing to who has opted out.

    `face_to_face`: a clerk has told it by the act itself, so a message that cannot even be begun is not missed.
    """
    row = BY_NAME[notice.row]
    if not row.sms or (not row.required and has_opted_out(notice.applicant)):
        return []
    gateways: tuple[tuple[Dispatch.Way, object, list[str]], ...] = (
        (Dispatch.Way.SMS, ports.sms(), lookups.telephones(case)),
        (Dispatch.Way.MAIL, ports.mail(), lookups.form_gives(case, EMAIL)),
    )
    made = [
        _dispatch(notice, way, at, address=addresses[0])
        for way, gateway, addresses in gateways
        if gateway and addresses
    ]
    if made or not row.owed or face_to_face:
        return made
    # The law wants it told, and there is no way: which is known at once.
    reason = "no_gateway" if gateways[0][1] is None else "no_number"
    return [_dispatch(notice, Dispatch.Way.SMS, at, reason=reason)]


def has_opted_out(applicant: str) -> bool:
    """Return whether an applicant wants nothing sent but what the law wants told."""
    return bool(applicant) and OptOut.objects.filter(applicant=applicant).exists()


def _dispatch(
    notice: Notice, way: Dispatch.Way, at: datetime, *, address: str = "", reason: str = ""
) -> Dispatch:
    fresh = Dispatch(
        notice=notice, matter=notice.matter, way=way, required=BY_NAME[notice.row].required, next_at=at,
        state=Dispatch.State.WAITING, reason=reason,
    )  # fmt: skip
    lost = Dispatch.objects.filter(matter=notice.matter, way=way, reason__in=NOT_THEIRS).first()
    if lost:
        fresh.reason = lost.reason
    if fresh.reason:
        fresh.state, fresh.ended_at = Dispatch.State.GIVEN_UP, at
    else:
        fresh.address = sealed.seal(address)
    return fresh
