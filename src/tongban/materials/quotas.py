"""
How much an applicant may have that is not filed: the one place of these figures, and of the refusals.

They are no settings: nobody who applies for themselves comes near them, and whoever floods a node would find the county that
raised them. Windows have none (docs/decisions/0028): who stands before one must not be sent away for what colleagues left.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet, Sum

from tongban.accounts.models import Applicant
from tongban.kernel import db
from tongban.kernel.errors import DomainError, NotPermitted
from tongban.kernel.journal.writing import Upsert, store
from tongban.kernel.time.clock import OFFICIAL, official_day
from tongban.materials.inspection import size_words
from tongban.materials.models import Begun, Draft, Material, Upload

DRAFTS: Final = 20  # open at once
A_DAY: Final = 30  # begun on one day, also what was given up or filed since
BYTES: Final = (
    500 * 1024 * 1024
)  # of files in open drafts, with what was announced of uploads; forms are small


class DraftsTooMany(DomainError):
    """The applicant has as many unfiled drafts as they may; nothing was begun."""

    code = "drafts_too_many"


class DraftsTooManyToday(DomainError):
    """The applicant has begun as many drafts today as they may; nothing was begun."""

    code = "drafts_too_many_today"
    status = 429


class DraftsTooLarge(DomainError):
    """The files in the applicant's unfiled drafts leave no room for this one; it was not kept."""

    code = "drafts_too_large"


def begin(applicant: str, at: datetime) -> None:
    """
    Count a draft that an applicant begins, in the transaction that makes it; those of a window are not counted.

    Raises:
        DraftsTooMany, DraftsTooManyToday: they have reached a bound. NotPermitted: the account was closed.
    """
    if not applicant:
        return
    _alone(applicant)
    if refusal := refusal_of_new(applicant, at):
        raise refusal
    _count(applicant, at)


def begin_filed(applicant: str, at: datetime) -> None:
    """
    Count what an applicant files without a draft before, to be written with its first event.

    Two at the very same moment may both take the last place of the day: the bound is one against floods.

    Raises:
        DraftsTooManyToday: as named. NotPermitted: the account was closed.
    """
    if not applicant:
        return
    _demand_open(Applicant.objects.filter(pseudonym=applicant))
    if refusal := _of_the_day(applicant, at):
        raise refusal
    _count(applicant, at)


def forget(applicant: str) -> None:
    """Delete what is counted of an applicant, whose account is being closed."""
    Begun.objects.filter(applicant=applicant).delete()


def refusal_of_new(applicant: str, at: datetime) -> DomainError | None:
    """Return why an applicant cannot begin a draft now; nothing where they can."""
    if Draft.objects.filter(applicant=applicant).unfiled().count() >= DRAFTS:
        return DraftsTooMany(
            f"不能新建：您没交的草稿已有 {DRAFTS} 份，到了上限。请先提交，或在“我的办件”放弃不用的草稿，再新建。"
        )
    return _of_the_day(applicant, at)


def demand_room(applicant: str, size: int) -> None:
    """
    Return if an applicant's open drafts have room for `size` bytes more, in the transaction that keeps them.

    Raises:
        DraftsTooLarge: they have not.
    """
    if not applicant:
        return
    _alone(applicant)
    drafts = Draft.objects.filter(applicant=applicant).unfiled()
    if sum(sizes(drafts.values("number")).values()) + size > BYTES:
        raise DraftsTooLarge(
            f"文件没有保存：您各份草稿里的文件合计到了上限 {size_words(BYTES)}（含没有传完的文件）。"
            "请移除不需要的文件，或在“我的办件”放弃不用的草稿，再上传。"
        )


def sizes(numbers: Iterable[Any]) -> dict[str, int]:
    """Return by number how many bytes of files drafts hold, with what was announced of uploads."""
    held = Material.objects.filter(number__in=numbers).exclude(scan=Material.Scan.REFUSED)
    found: dict[str, int] = {}
    for rows in (held, Upload.objects.filter(number__in=numbers)):
        for number, size in rows.order_by().values_list("number").annotate(Sum("size")):
            found[number] = found.get(number, 0) + size
    return found


def sweep(at: datetime) -> int:
    """Forget the counts of days that are over; return how many."""
    over = Begun.objects.filter(on__lt=official_day(at))
    if not over.exists():
        return 0
    with db.write():
        return over.delete()[0]


def _of_the_day(applicant: str, at: datetime) -> DraftsTooManyToday | None:
    today = official_day(at)
    if not Begun.objects.filter(applicant=applicant, on=today, count__gte=A_DAY).exists():
        return None
    tomorrow = datetime.combine(today + timedelta(days=1), datetime.min.time(), OFFICIAL)
    return DraftsTooManyToday(
        f"不能新建：您今天已新建 {A_DAY} 份申报，到了一天的上限。请接着填已有的草稿，或明天再新建。",
        retry_after=int((tomorrow - at).total_seconds()) + 1,
    )


def _count(applicant: str, at: datetime) -> None:
    values = {"applicant": applicant, "on": official_day(at), "count": 1}
    store([Upsert(Begun, values, ("applicant", "on"), bump="count")])


def _alone(applicant: str) -> None:
    """Let the applicant's other requests wait until the transaction ends: two at once would both see room; raises as `_demand_open`."""
    _demand_open(Applicant.objects.select_for_update(no_key=True).filter(pseudonym=applicant))


def _demand_open(account: QuerySet[Applicant]) -> None:
    """Ask whether an account is open still: nobody could look after what is begun now; raises NotPermitted."""
    if any(closed is not None for closed in account.values_list("closed_at", flat=True)):
        raise NotPermitted("未办理：您的账号已注销。请重新注册后再申报。")
