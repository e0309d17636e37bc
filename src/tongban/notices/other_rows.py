"""
Who is told of what in complaints, filings of guides and agreements: staff only, in the box of their posts.

Whoever complains is answered by the place that took the complaint, whose duty that is (答复投诉人).
"""

from typing import Final

from tongban.accounts.access.actor import Permission
from tongban.agreements import rules_1 as agreements
from tongban.agreements.words import NAME as AGREEMENT
from tongban.agreements.words import Act as Agreeing
from tongban.catalogue.filing import rules_1 as filings
from tongban.catalogue.filing.procedure import NAME as FILING
from tongban.catalogue.filing.words import Act as Filing
from tongban.complaints import rules_1 as complaints
from tongban.complaints.procedure import NAME as COMPLAINT
from tongban.complaints.words import Act as Complaining
from tongban.notices.row import Row, To
from tongban.procedures.words import Standard

_COMPLAINT, _FILING = "政务服务中心投诉办理规定", "青政办秘〔2021〕22号（操作指南备案）"
_AGREEMENT, _WATCHED = "通办协议（订立、变更）", "青政办秘〔2021〕22号（责任追溯）"


def _rows(procedure: str, to: To, permission: str, grounds: str, *acts: str) -> tuple[Row, ...]:
    return tuple(
        Row(act=act, to=to, permission=permission, grounds=grounds, procedure=procedure) for act in acts
    )


def _watched(procedure: str, reads: str, supervises: str) -> tuple[Row, ...]:
    """Return who is told of what became late: the office that owes it, and the one that watches over it."""
    return (
        *_rows(procedure, To.LATE, reads, _WATCHED, Standard.ESCALATE, Standard.PRESS),
        *_rows(procedure, To.WATCH, supervises, _WATCHED, Standard.ESCALATE, Standard.SUPERVISE),
    )


OTHERS: Final = (
    *_rows(COMPLAINT, To.RECEIVING, complaints.TAKE, _COMPLAINT, Complaining.FILE, Complaining.RETURN, Complaining.REPLY),
    *_rows(
        COMPLAINT, To.HANDLING, complaints.HANDLE, _COMPLAINT,
        Complaining.ACCEPT_CENTRE, Complaining.ACCEPT_HOTLINE, Complaining.ACCEPT_PETITION, Complaining.RATE, Complaining.RATE_FOR,
    ),
    *_watched(COMPLAINT, complaints.READ, complaints.APPROVE),
    *_rows(FILING, To.CENTRE, filings.FILE, _FILING, Filing.SUBMIT, Filing.WITHDRAW, Filing.CANCEL),
    *_rows(FILING, To.DEPARTMENT, filings.DRAFT, _FILING, Filing.RETURN_WITH_REMARKS),
    *_rows(FILING, To.DEPARTMENT, Permission.CATALOGUE_PUBLISH, _FILING, Filing.FILE),
    *_watched(FILING, filings.READ, filings.SUPERVISE),
    *_rows(
        AGREEMENT, To.OTHER, agreements.SIGN, _AGREEMENT,
        Agreeing.SEND, Agreeing.PROPOSE_ANEW, Agreeing.CHANGE, Agreeing.REJECT_SIGNED, Agreeing.KEEP, Agreeing.DROP_CHANGE,
        Agreeing.SUSPEND, Agreeing.RESUME, Agreeing.END,
    ),
    *_rows(
        AGREEMENT, To.PROPOSER, agreements.SIGN, _AGREEMENT,
        Agreeing.ASK_CHANGE, Agreeing.DECLINE, Agreeing.COUNTERSIGN, Agreeing.WISH, Agreeing.DECLINE_CHANGE,
        Agreeing.SUSPEND, Agreeing.RESUME, Agreeing.END,
    ),
    *_watched(AGREEMENT, agreements.READ, agreements.WATCH),
)  # fmt: skip
