"""
Who is told of what: one row for each act and each who is told. Pure data.

An applicant is told by the node where they filed, and by no other. Staff are told in the box of their organisation's posts;
never of what their own organisation did. `required`: the law wants it told, so nobody opts out of it. `owed`: and no letter
or result that is handed out brings it besides, so what does not arrive becomes a duty of the window (另行告知申请人).
"""

from typing import Final

from tongban.accounts.access.actor import Permission
from tongban.cases.words import Act, Clock, Duty
from tongban.notices.other_rows import OTHERS
from tongban.notices.row import Row, To

__all__ = ["Row", "To"]


_P = Permission
_LICENSING = "行政许可法 第三十二条"
_DESK = "通办协议（各环节时限）"
_WATCHED = "通办协议（监督和责任追溯）"
_OWN = "申请人申报时留下联系方式，用于接收通知"


def _applicant(
    act: Act, grounds: str = _OWN, *, required: bool = False, owed: bool = False, day: str = ""
) -> Row:
    return Row(
        act=act, to=To.APPLICANT, sms=True, required=required or owed, owed=owed, day=day, grounds=grounds
    )


def _staff(act: str, to: To, permission: Permission, grounds: str = _DESK) -> Row:
    return Row(act=act, to=to, permission=permission, grounds=grounds)


ROWS: Final = (
    _applicant(Act.RECEIVE, day=Clock.NOTICE),
    _applicant(Act.GIVE_NOTICE, _LICENSING, owed=True, day=Duty.SUPPLEMENT),
    _applicant(Act.RETURN),
    _applicant(Act.TELL, _LICENSING, owed=True, day=Duty.ANSWER),
    _applicant(Act.ACCEPT, _LICENSING, required=True, day=Clock.DECISION),
    _applicant(Act.DEEM_ACCEPTED, _LICENSING, day=Clock.DECISION),
    _applicant(Act.REFUSE, _LICENSING, required=True),
    _applicant(Act.SUSPEND, "行政许可法 第四十五条", owed=True),
    _applicant(Act.EXTEND, "行政许可法 第四十二条", owed=True, day=Clock.DECISION),
    _applicant(Act.DECIDE, "行政许可法 第四十四条", required=True),
    _applicant(Act.SEND_RESULT),
    _applicant(Act.GRANT_WITHDRAWAL),
    _applicant(Act.DENY_WITHDRAWAL),
    _applicant(Act.REFUSE_WITHDRAWAL),
    _applicant(Act.REPLY_URGING),
    _staff(Act.FILE, To.INTAKE, _P.CASE_RECEIVE),
    _staff(Act.SUPPLEMENT, To.INTAKE, _P.CASE_REVIEW_FORM),
    _staff(Act.REDIRECT, To.INTAKE, _P.CASE_FORWARD),
    _staff(Act.ASK_CORRECTION, To.INTAKE, _P.CASE_ANSWER, _LICENSING),
    _staff(Act.TAKE_ANSWER, To.INTAKE, _P.CASE_ANSWER),
    _staff(Act.SEND_RESULT, To.INTAKE, _P.CASE_HAND_OUT),
    _staff(Act.REPLY_URGING, To.INTAKE, _P.CASE_ANSWER),
    _staff(Act.FORWARD, To.HANDLING, _P.CASE_ACKNOWLEDGE),
    _staff(Act.ANSWER, To.HANDLING, _P.CASE_ACCEPT),
    _staff(Act.CONFIRM_ANSWER, To.HANDLING, _P.CASE_ACCEPT),
    _staff(Act.URGE, To.HANDLING, _P.CASE_ACCEPT),
    _staff(Act.REQUEST_WITHDRAWAL, To.HANDLING, _P.CASE_ACCEPT),
    _staff(Act.KEEP, To.HANDLING, _P.CASE_ACCEPT),
    _staff(Act.ESCALATE, To.LATE, _P.CASE_CONTENT, _WATCHED),
    _staff(Act.ESCALATE, To.WATCH, _P.CASE_SUPERVISE, _WATCHED),
    _staff(Act.PRESS, To.LATE, _P.CASE_CONTENT, _WATCHED),
    _staff(Act.SUPERVISE, To.WATCH, _P.CASE_SUPERVISE, _WATCHED),
    _staff(Act.WRITE, To.INTAKE, _P.CASE_CONTENT),
    _staff(Act.WRITE, To.HANDLING, _P.CASE_CONTENT),
    *OTHERS,
)
BY_NAME: Final = {row.name: row for row in ROWS}
# Of the posts that are told anything: a box holds nothing of another.
PERMISSIONS: Final = frozenset(row.permission for row in ROWS if row.permission)


def of(procedure: str, act: str) -> tuple[Row, ...]:
    """Return who is told of an act of a procedure."""
    return tuple(row for row in ROWS if (row.procedure, row.act) == (procedure, act))
