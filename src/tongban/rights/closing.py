"""Closing an account (注销): what hinders it, what is deleted at once, what has to stay and why (个人信息保护法 第四十七条)."""

from dataclasses import dataclass
from datetime import datetime

from tongban.accounts.access import noting
from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Applicant
from tongban.accounts.people import own
from tongban.kernel import accesses, db
from tongban.kernel.errors import DomainError
from tongban.materials import discarding, quotas
from tongban.materials import queries as materials
from tongban.procedures import queries as matters
from tongban.procedures.models import Matter
from tongban.rights.models import DataCopy

NAMED = 5  # matters that a refusal lists by number


class MattersUnderWay(DomainError):
    """Something of the person's is still going on: it has to come to its end, or be withdrawn, before the account is closed."""

    code = "account_has_matters_under_way"


@dataclass(frozen=True, slots=True)
class Following:
    """What closing an account would mean now."""

    hindering: list[Matter]
    drafts: int
    staying: list[Matter]


def what_follows(by: Actor) -> Following:
    """Return what closing the account of `by` would meet and leave."""
    rows = list(matters.matters(by).defer("state"))
    return Following(
        hindering=[row for row in rows if row.live],
        drafts=materials.drafts_of(by).count(),
        staying=[row for row in rows if not row.live],
    )


def close(*, applicant: Applicant, by: Actor, at: datetime) -> None:
    """
    Close the account of `by` for good: drafts with their files and uploads, credentials, sessions and what says who it was.

    Matters that are over stay with their content as long as the archive has to keep them, and so do events and the record of
    access; they name a pseudonym that leads to nobody any more on this node.

    Raises:
        MattersUnderWay: something is going on; nothing was changed. NotPermitted: `by` is somebody else.
    """
    with db.write():
        account = Applicant.objects.select_for_update().get(pk=applicant.pk)
        _demand_nothing_under_way(by)
        for draft in materials.drafts_of(by):
            discarding.discard(number=draft.number, by=by, at=at)
        quotas.forget(account.pseudonym)
        DataCopy.objects.filter(owner=account.pseudonym).delete()
        own.close(applicant=account, by=by, at=at)
        accesses.write_now(noting.row(by, at=at, otherwise="close_account"))


def _demand_nothing_under_way(by: Actor) -> None:
    going_on = [f"{row.title} {row.number}（{row.phase_name}）" for row in what_follows(by).hindering]
    if going_on:
        listed = "、".join(going_on[:NAMED]) + (f" 等 {len(going_on)} 件" if len(going_on) > NAMED else "")
        raise MattersUnderWay(
            f"账号没有注销：{listed} 还没有办完。请等办结并收到结果，或先在办件页面撤回；撤不了的，请到窗口说明。"
        )
