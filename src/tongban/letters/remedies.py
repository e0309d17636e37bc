"""
Whom to turn to against a decision, by when, and by which law: a row for each kind of organisation. Pure.

Sixty days are calendar days (行政复议法 第二十条、第八十八条), six months run from knowing of it (行政诉讼法 第四十六条); since 2024 the
people's government of the same level reviews, not the department above (行政复议法 第二十四条).
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, Protocol

from tongban.kernel.errors import DomainError
from tongban.kernel.time.calendar import CalendarUnpublished

_REVIEW = "如不服本决定，可以自收到本文书之日起六十日内，向{review}申请行政复议"
_COURT = "可以自收到本文书之日起六个月内，依法向{court}提起行政诉讼。"
_BOTH = (_REVIEW + "{online}；", "也" + _COURT)
# By what an organisation is: the sentences, and which of its entries they need.
ROWS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    **dict.fromkeys(
        ("department", "town", "station", "provincial", "vertical", "justice", "agency", "fund"), (_BOTH, ("review", "court"))
    ),
    "notary": (
        (
            "对公证事项有异议的，可以向本公证处提出复查；对公证书内容有争议的，可以依法向人民法院提起民事诉讼。",
            "认为公证执业违法违规的，可以向{review}投诉。",
        ),
        ("review",),
    ),
    "disabled": (
        (
            "对残疾评定结论有异议的，可以向本单位申请重新评定；对办理行为有异议的，可以向{review}反映。",
            "依法可以申请行政复议、提起行政诉讼的，依照法律规定办理。",
        ),
        ("review",),
    ),
    "other": (("对办理结果有异议的，可以向本单位投诉，也可以拨打 12345。",), ()),
}  # fmt: skip
DAYS, MONTHS = 60, 6
_NAMES: Final = {"review": "复议（投诉、主管）机关", "court": "管辖法院"}


class Named(Protocol):
    """Who issues a letter, as far as remedies go."""

    authority: str
    review: str
    court: str
    review_url: str


class RemedyMissing(DomainError):
    """A letter that weighs against the applicant cannot say whom to turn to."""

    code = "remedy_missing"
    status = 409


def ends(served: date, working: Callable[[date], bool]) -> tuple[date, date]:
    """
    Return the last days on which one may ask for review and go to court against a letter that was served on a day.

    The day itself is not counted (民法典 第二百零一条); six months end on the day of the same number, or the last of a shorter
    month (第二百零二条); what ends on a day on which nobody works ends on the next on which they do (第二百零三条).
    `working` says whether somebody works on a day; where that is not published yet (CalendarUnpublished), the day stays as it is.
    """
    month = served.month + MONTHS
    year, month = served.year + (month - 1) // 12, (month - 1) % 12 + 1
    suit = date(year, month, min(served.day, monthrange(year, month)[1]))
    return _worked(served + timedelta(days=DAYS), working), _worked(suit, working)


def _worked(day: date, working: Callable[[date], bool]) -> date:
    found = day
    try:
        while not working(found):
            found += timedelta(days=1)
    except CalendarUnpublished:
        return day
    return found


def of(issuer: Named, name: str) -> list[str]:
    """
    Return the sentences by which a letter of the organisation `name` tells of remedies.

    Raises:
        RemedyMissing: the authority that reviews, or the court, is not entered.
    """
    sentences, needed = ROWS[issuer.authority]
    missing = [_NAMES[entry] for entry in needed if not getattr(issuer, entry)]
    if missing:
        raise RemedyMissing(
            f"{name} 没有登记{'、'.join(missing)}，对申请人不利的文书不能签发，未办理。请系统管理员用 tongban letters load 登记后再签发。"
        )
    online = f"（网上申请：{issuer.review_url}）" if issuer.review_url else ""
    return [one.format(review=issuer.review, court=issuer.court, online=online) for one in sentences]
