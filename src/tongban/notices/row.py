"""What a row says of who is told of what. Pure data; the rows stand in `rows` and `other_rows`."""

from dataclasses import dataclass
from enum import StrEnum

from tongban.cases.procedure import NAME as CASE


class To(StrEnum):
    """Who is told."""

    APPLICANT = "applicant"  # 申请人
    INTAKE = "intake"  # the window that took it in (收件窗口)
    HANDLING = "handling"  # the authority that decides (办理机关); of a complaint, who looks into it (承办地)
    RECEIVING = "receiving"  # where a complaint was made (受理地)
    DEPARTMENT = "department"  # whose guide is filed (编制部门)
    CENTRE = "centre"  # with which it is filed (备案的政务服务中心)
    PROPOSER = "proposer"  # who drew up an agreement (提出方)
    OTHER = "other"  # with whom (另一方)
    LATE = "late"  # the organisation that let a duty become late
    WATCH = "watch"  # the service centre that watches over it (督办)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One act of which somebody is told; `day` names the clock or duty whose day the text says."""

    act: str
    to: To
    permission: str = ""  # of the posts that it concerns, for staff
    day: str = ""
    sms: bool = False
    required: bool = False
    owed: bool = False
    grounds: str
    procedure: str = CASE

    @property
    def name(self) -> str:
        """By what notices and texts are found: stays as it is once notices exist."""
        told = f"{self.act}.{self.to}"
        return told if self.procedure == CASE else f"{self.procedure}.{told}"
