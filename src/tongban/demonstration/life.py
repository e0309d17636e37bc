"""
The first two weeks of a demo neighbourhood: cases at every point of their course, so that no desk is empty.

The people of both counties do it through the HTTP API, as they would; the days pass by the demo nodes' clock, which
begins in the past and ends at the present. Everybody is invented.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tongban.demonstration import filled, pacing
from tongban.demonstration.building import Built
from tongban.demonstration.errand import Errand, Neighbourhood
from tongban.demonstration.people import Person
from tongban.kernel.time.clock import OFFICIAL

MARK: Final = "lived"  # written last: half a life is begun anew
DAYS_AGO: Final = (15, 8, 1, 0)
LAST: Final = 40 * 60.0  # seconds before the present at which today's people begin
CARD, DISABILITY, SENIOR = "social-security-card", "disability-certificate-renewal", "senior-preference-card"
DRIVING, MEDICAL = "driving-licence-renewal", "cross-province-medical-filing"
LICENCE, NOTARY = "industrial-production-licence", "education-notary"
FOOD = "food-business-licence"
# Who applies online from home, by county.
APPLICANTS: Final = {"qingyang": ("chen", "lin"), "jiashan": ("shen", "xu")}


def begins(now: float) -> float:
    """Return how far from `now`, in seconds, the clock of a new neighbourhood is set."""
    return _morning(now, DAYS_AGO[0]) - now


def is_broken_off(folder: Path) -> bool:
    """Return whether the neighbourhood in `folder` has begun its life and not come to the present."""
    return (folder / "clock").exists() and not (folder / MARK).exists()


def live(folder: Path, built: Sequence[Built]) -> None:
    """
    Let the people of two neighbouring counties, whose nodes are being served, live up to the present.

    Raises:
        DemonstrationFailed: something they did was refused, or did not arrive.
    """
    nodes = {one.node.key: one for one in built}
    first, second = nodes
    # Each side has people of its own: two threads must not share a connection.
    sides = [
        Side(Neighbourhood(folder, nodes, pause=2 * pacing.EVERY), intake, handling)
        for intake, handling in ((first, second), (second, first))
    ]
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        for number, ago in enumerate(DAYS_AGO):
            if number:  # on the first day the nodes were made, and a clock never goes back
                moment = _morning(time.time(), ago) if ago else time.time() - LAST
                sides[0].place.advance_to(datetime.fromtimestamp(moment, OFFICIAL).isoformat())
            with pacing.quickly(folder, until=_noon(time.time(), ago) if ago else None):
                for done in [pool.submit(side.days()[number]) for side in sides]:
                    done.result()
    finally:
        # Who presses Ctrl-C does not wait until the day is over; the lines below are cut, and the day with them.
        pool.shutdown(wait=False, cancel_futures=True)
        for side in sides:
            for person in side.place.people.values():
                person.close()
    (folder / MARK).write_text("", encoding="ascii")


type Day = Callable[[], None]


class Side:
    """What one county takes in and the other decides."""

    def __init__(self, place: Neighbourhood, intake: str, handling: str) -> None:
        self.place, self.intake, self.handling = place, intake, handling
        self.errands: dict[str, Errand] = {}

    def days(self) -> tuple[Day, ...]:
        """Return what is done on each of the days."""
        return (self.first_day, self.a_week_later, self.yesterday, self.today)

    def first_day(self) -> None:
        """Five cases leave; the department looks at all of them, and forgets one."""
        for name, item in (
            ("granted", CARD),
            ("corrected", DISABILITY),
            ("refused", SENIOR),
            ("licence", LICENCE),
        ):
            e = self.begin(name)
            e.take_in(item)
            e.clerk.act(e.number, "pass_review")
            e.clerk.act(e.number, "forward")
        self.begin("online").file(DRIVING, "FULLY_ONLINE", by=self.applicant(0))
        for e in self.errands.values():
            e.officer.wait_for_duty(e.number, "acknowledge")
            e.officer.act(e.number, "acknowledge")
        for name in ("granted", "online"):
            self.errands[name].officer.act(self.errands[name].number, "accept")
        e = self.errands["corrected"]
        e.officer.act(
            e.number,
            "ask_correction",
            asked=["material:photo"],
            notice="1．照片：底色不是白色；请补交近期二寸免冠白底照片两张",
        )
        e = self.errands["refused"]
        e.officer.act(
            e.number, "refuse", reason="申请人户籍不在本县，不符合办理条件。",
        )  # fmt: skip
        self.settle()

    def a_week_later(self) -> None:
        """One case is handed out, a refusal lies at the window, a case nobody will open is pushed."""
        self.errands["granted"].decide_and_deliver()
        e = self.errands["corrected"]
        e.clerk.act(e.number, "tell")
        e = self.errands["refused"]
        e.head.act(e.number, "conclude")
        e.head.act(e.number, "send_result", way="electronic", result="不予受理告知书")
        e = self.errands["online"]
        e.officer.act(e.number, "review", step="review", opinion="材料真实完整，符合换证条件。")
        e = self.begin("unopened")
        e.take_in(CARD)
        e.clerk.act(e.number, "pass_review")
        e.clerk.act(e.number, "forward")
        self.begin("returned").take_in(SENIOR)
        e = self.errands["returned"]
        e.clerk.act(e.number, "return", reason="证件已过有效期，当场说明并退还全部材料。")
        self.settle()

    def yesterday(self) -> None:
        """Two cases arrive; of one the applicant has thought better."""
        self.begin("arrived").file(MEDICAL, "FULLY_ONLINE", by=self.applicant(1))
        e = self.begin("withdrawn")
        e.push(NOTARY)
        e.officer.act(e.number, "acknowledge")
        e.clerk.act(e.number, "request_withdrawal", remark="用人单位不再要求公证。")
        self.settle()

    def today(self) -> None:
        """At the window: one filed, one received, one to be pushed, two unfinished. A guide, a complaint and an agreement wait."""
        own = Errand(self.place, intake_key=self.intake, handling_key=self.intake)
        own.submit_guide(FOOD, "经营场所须与营业执照一致。")
        complaint = {
            "mode": "centre",
            "channel": "telephone",
            "against": "handling",
            "number": self.errands["unopened"].number,
        }
        own.clerk.open("complaint", **complaint, complaint="交上去一周没有人联系我。")
        agreement = {
            "powers": "receive,deliver",
            "items": "学历公证",
            "with": self.errands["granted"].handling.fingerprint,
        }
        own.signer.open("agreement", **agreement)
        self.begin("filed").file(CARD, "PROXY_INTAKE")
        e = self.begin("received")
        e.file(DISABILITY, "PROXY_INTAKE")
        e.clerk.act(e.number, "receive")
        e = self.begin("reviewed")
        e.take_in(CARD)
        e.clerk.act(e.number, "pass_review")
        self.begin("draft").fill_in(LICENCE, by=e.clerk)
        self.begin("draft online").fill_in(DRIVING, by=self.applicant(0))

    def settle(self) -> None:
        """Wait until nothing is on its way: what is sent today must arrive today."""
        # The window looks, not the department: a case that nobody there has opened is to stay unopened.
        for e in self.errands.values():
            e.rest()

    def begin(self, name: str) -> Errand:
        """Return a new errand, to be found again by its name on a later day."""
        here, there = (self.place.nodes[key].node.title for key in (self.intake, self.handling))
        self.errands[name] = Errand(
            self.place, intake_key=self.intake, handling_key=self.handling,
            fitting=lambda template: filled.fitting(template, self.place.today(), here, there),
        )  # fmt: skip
        return self.errands[name]

    def applicant(self, which: int) -> Person:
        """Return one of the intake county's applicants."""
        return self.place.person(self.intake, APPLICANTS[self.intake][which], staff=False)


def _morning(now: float, ago: int) -> float:
    """Return twenty to nine of the weekday that lies `ago` days or a little more before `now`."""
    return _weekday(now, ago).replace(hour=8, minute=40, second=0, microsecond=0).timestamp()


def _noon(now: float, ago: int) -> float:
    """Return when the same day's people go to lunch."""
    return _weekday(now, ago).replace(hour=12, minute=0, second=0, microsecond=0).timestamp()


def _weekday(now: float, ago: int) -> datetime:
    day = datetime.fromtimestamp(now, OFFICIAL) - timedelta(days=ago)
    while day.isoweekday() > 5:
        day -= timedelta(days=1)
    return day
