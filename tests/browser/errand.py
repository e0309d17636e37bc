"""
The four desks, through their pages only: cases from 青阳 that 嘉善 decides, and who watches them.

One is taken in at a window, corrected there, decided and handed out; one is filed on line, corrected by the applicant,
urged and withdrawn; one is returned at the window; one is taken in by a township, without a mouse, and waits for the supervisor
to find out what is wrong with it.
"""

import traceback
from collections.abc import Mapping
from functools import partial

from tests.browser import (
    agreeing,
    applying,
    complaining,
    deciding,
    filing,
    keyboard,
    managing,
    watching,
    window,
)
from tests.browser.chromium import Somebody, chromium
from tests.browser.rounds import come_in_with, go_round
from tests.browser.seen import Seen
from tests.crash.nodes import Node

# Whom no errand needs; what they may see they are shown all the same.
ONLOOKERS = ("office", "accounts", "archive", "lead", "signer")


class Neighbourhood:
    """The people of both counties, each at a browser of their own."""

    def __init__(self, nodes: Mapping[str, Node], someone: partial[Somebody]) -> None:
        self.here, self.there = (partial(someone, node=nodes[key]) for key in ("qingyang", "jiashan"))
        self.applicant, self.clerk, self.township, self.supervisor = (self.here() for _ in range(4))
        self.hrss, self.head, self.traffic, self.watcher = (self.there() for _ in range(4))

    def everybody(self) -> list[Somebody]:
        return [
            self.applicant, self.clerk, self.township, self.supervisor, self.hrss, self.head, self.traffic,
            self.watcher,
        ]  # fmt: skip


def walk(nodes: Mapping[str, Node], *, scripts: bool) -> Seen:
    """Let everybody do their part; what breaks off is told with what was seen until then."""
    seen = Seen()
    with chromium() as browser:
        people = Neighbourhood(nodes, partial(Somebody, browser=browser, seen=seen, scripts=scripts))
        try:
            number = taken_in_and_decided(people)
            withdrawn_one = withdrawn(people)
            window.returns(people.clerk)
            window.gives_up(window.sits_down(people.township, "town"))
            pushed = keyboard.takes_in(people.township, scripts=scripts)
            window.reads(people.township, pushed)
            deciding.takes_up(people.hrss, pushed)
            window.gets_the_letter(people.township, pushed)
            complained(people, number, withdrawn_one)
            watching.relieves(people.watcher, pushed)
            filing.checks(people.head, filing.drafts(people.hrss))
            agreed = agreeing.drafts(people.here(), nodes["jiashan"].built.fingerprint)
            agreeing.wants_it_otherwise(people.there(), agreed)
            watching.looks(people.supervisor, number)
            watching.park(nodes["qingyang"], pushed)
            watching.releases(people.supervisor, pushed)
            rounds(people, number)
        except Exception:  # noqa: BLE001 - the report is read by every test
            seen.broke_off = traceback.format_exc()
    return seen


def taken_in_and_decided(people: Neighbourhood) -> str:
    """A case of the window, with a correction that the window answers; return its number."""
    clerk, hrss = people.clerk, people.hrss
    number = window.takes_in(window.sits_down(clerk, "window"), slowly=True)
    window.pushes(clerk)
    window.reads(clerk, number)
    deciding.acknowledges(hrss, "hrss", number)
    deciding.looks_around(hrss)
    deciding.asks_for_correction(hrss)
    window.tells(clerk, number)
    window.answers(clerk)
    deciding.accepts(hrss, number)
    deciding.decides(people.head, number)
    window.hands_out(clerk, number)
    return number


def withdrawn(people: Neighbourhood) -> str:
    """A case filed on line, with a correction that the applicant answers; return its number."""
    number = applying.files(people.applicant)
    deciding.acknowledges(people.traffic, "traffic", number)
    deciding.asks_for_correction(people.traffic)
    applying.answers(people.applicant, number)
    applying.urges(people.applicant)
    deciding.replies(people.traffic, number)
    applying.asks_to_withdraw(people.applicant, number)
    deciding.lets_go(people.traffic, number)
    people.applicant.wait_for(f"/my-cases/{number}/", ".state:has-text('已撤回')")
    return number


def complained(people: Neighbourhood, number: str, own: str) -> None:
    """The window notes one down and passes it on, a township another; the applicant makes one and takes it back."""
    told = complaining.complains(people.clerk, number)
    complaining.passes_on(people.clerk, told)
    complaining.looks_into(people.watcher, told)
    complaining.tells(people.clerk, told)
    complaining.complains(people.township, number)
    complaining.goes_home(people.applicant, complaining.complains(people.applicant, own))


def rounds(people: Neighbourhood, ended: str) -> None:
    nobody = people.here()
    nobody.open("/").click("投诉", within="main").click("提交", status=422).open("/")
    come_in_with(nobody, "Deny access", status=403)
    for me in (nobody, *people.everybody()):
        go_round(me, ended)
    for login in ONLOOKERS:
        me = people.here().open("/sign-in/").sign_in(login, staff=True)
        if login == "accounts":
            managing.manages(me)
        go_round(me, ended)
