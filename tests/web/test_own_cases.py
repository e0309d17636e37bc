"""我的办件: tabs with counts, what needs the applicant first and marked, the outcome in words, search among one's own."""

import re

import pytest

from tests import hidden, stories
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Channel
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.models import Applicant
from tongban.cases import commands
from tongban.cases.words import Act, Mode

pytestmark = pytest.mark.database


def filed(world: World) -> str:
    """File a case of the first applicant, as they do themselves."""
    with world.on("qingyang"):
        owner = accounts.actor_for_applicant(
            applicant=Applicant.objects.order_by("pk")[0], channel=Channel.WEB
        )
    number = hidden.draft(world, owner)
    with world.on("qingyang"):
        commands.file(number=number, mode=Mode.PROXY_INTAKE, by=owner, at=world.at)
    return number


def mine(world: World) -> Browser:
    return Browser(world).sign_in(f"{COUNTIES['qingyang'].letters}-{COUNTIES['qingyang'].applicants[0][0]}")


def counts(browser: Browser) -> list[str]:
    return re.findall(r"(?:需要您办|办理中|已办结|全部) (\d+\+?)", browser.words)[:4]


def test_what_needs_the_applicant_comes_first_and_is_marked(counties: World) -> None:
    clerk = counties["qingyang"].staff("window")
    waits, goes_on = filed(counties), filed(counties)
    stories.do(counties, "qingyang", waits, Act.RECEIVE, clerk)
    stories.do(counties, "qingyang", waits, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    stories.do(counties, "qingyang", waits, Act.GIVE_NOTICE, clerk, texts={"notice": "请补交一张照片"})
    chen = mine(counties).open("/my-cases/")
    assert counts(chen) == ["1", "1", "0", "2"]
    assert waits in chen.text
    assert goes_on not in chen.text
    assert '<span class="tag warn">需要您办</span>' in chen.text
    both = chen.open("/my-cases/?box=all").text
    assert both.index(f"/my-cases/{waits}/") < both.index(f"/my-cases/{goes_on}/")
    assert both.count("需要您办</span>") == 1
    assert "等待收件地窗口收件" in both
    assert goes_on in chen.open("/my-cases/?box=doing").text
    assert waits not in chen.text


def test_the_outcome_is_told_in_words_and_found_again(counties: World) -> None:
    clerk, number = counties["qingyang"].staff("window"), filed(counties)
    stories.do(counties, "qingyang", number, Act.RECEIVE, clerk)
    stories.do(counties, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    stories.do(counties, "qingyang", number, Act.PASS_REVIEW, clerk)
    stories.do(counties, "qingyang", number, Act.FORWARD, clerk)
    counties.settle()
    for act in (Act.ACKNOWLEDGE, Act.ACCEPT):
        stories.do(counties, "jiashan", number, act, stories.officer(counties, number))
    stories.review_all(counties, number)
    stories.decide(counties, number)
    stories.conclude(counties, number)
    counties.settle()
    chen = mine(counties).open("/my-cases/")
    assert "已办结·准予" in chen.words
    for q in ("社保卡", number[18:26].lower(), hidden.shapes(number)[1][-10:]):
        assert number in chen.open(f"/my-cases/?box=all&q={q}").text, q
    for q in ("驾驶证", "ZZZZ9999"):
        assert "没有查到" in chen.open(f"/my-cases/?box=all&q={q}").words
    other = Browser(counties).sign_in(
        f"{COUNTIES['qingyang'].letters}-{COUNTIES['qingyang'].applicants[1][0]}"
    )
    assert number not in other.open(f"/my-cases/?box=all&q={number[18:26]}").text


def test_its_owner_reads_the_filing_whole_and_takes_it_along(counties: World) -> None:
    number = filed(counties)
    chen = mine(counties).open(f"/my-cases/{number}/")
    assert hidden.IDNO in chen.words
    assert hidden.NAME in chen.words
    answer = chen.fetch(f"/my-cases/{number}/filing.pdf")
    assert answer.content.startswith(b"%PDF")
    assert "attachment" in answer.headers["Content-Disposition"]
    other = Browser(counties).sign_in(
        f"{COUNTIES['qingyang'].letters}-{COUNTIES['qingyang'].applicants[1][0]}"
    )
    assert other.fetch(f"/my-cases/{number}/filing.pdf").status_code == 404


def test_a_case_says_what_comes_next_and_nothing_of_machines(counties: World) -> None:
    number = filed(counties)
    chen = mine(counties).open(f"/my-cases/{number}/")
    assert "接下来，窗口核对材料" in chen.words
    for unwanted in ("传送", "督办", "送达对方"):
        assert unwanted not in chen.text.partition("办理经过")[2]
    assert "接下来，窗口核对材料" in chen.open(f"/my-cases/{number}/receipt/").words
    assert "Ctrl+P" not in chen.words
