"""Everything that changes notices: keeping them, reading them, forgetting them."""

from collections.abc import Iterable
from datetime import datetime

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel import db
from tongban.kernel.errors import NotPermitted
from tongban.notices.models import Dispatch, Notice, OptOut, SmsCode


def keep(made: Iterable[tuple[Notice, list[Dispatch]]]) -> None:
    """Store notices with what is sent of them, within a transaction; one that is there already stays as it is."""
    for notice, dispatches in made:
        if not Notice.objects.filter(event=notice.event, row=notice.row).exists():
            notice.save()
            for one in dispatches:
                one.notice = notice
            Dispatch.objects.bulk_create(dispatches)


def opt_out(*, by: Actor, at: datetime) -> None:
    """
    Note that an applicant wants nothing sent but what the law wants told (退订).

    Raises:
        NotPermitted: `by` is no applicant.
    """
    _demand_applicant(by)
    with db.write():
        OptOut.objects.get_or_create(applicant=by.applicant, defaults={"since": at})


def opt_in(*, by: Actor) -> None:
    """Take `opt_out` back; raises as that."""
    _demand_applicant(by)
    with db.write():
        OptOut.objects.filter(applicant=by.applicant).delete()


def _demand_applicant(by: Actor) -> None:
    if by.kind is not ActorKind.APPLICANT or not by.applicant:
        raise NotPermitted("未作更改：只有申请人可以选择接收哪些短信。请用申请人账号登录。")


def mark_read(*, matter: str, by: Actor, at: datetime) -> int:
    """Mark what somebody's box says of a matter as read (已读), as they open it; return how much was unread."""
    unread = Notice.objects.visible_to(by).unread().filter(matter=matter)
    # Most who open a matter have nothing unread, and need no transaction.
    return _read(unread.values_list("pk", flat=True), by, at)


def mark_all_read(*, by: Actor, upto: int, at: datetime) -> int:
    """Mark a whole box as read, up to the notice that was shown first: what came since has not been seen; return how much was unread."""
    unread = Notice.objects.visible_to(by).unread().filter(pk__lte=upto)
    return _read(unread.values_list("pk", flat=True), by, at)


def forget(matter: str) -> None:
    """Delete what was told of a matter, within a transaction: its content is gone."""
    Notice.objects.filter(matter=matter).delete()
    SmsCode.objects.filter(matter=matter).delete()


def _read(unread: Iterable[int], by: Actor, at: datetime) -> int:
    found = list(unread)
    if not found:
        return 0
    with db.write():
        rows = Notice.objects.filter(pk__in=found, read_at=None)
        return rows.update(read_at=at, read_by=by.staff or by.applicant)
