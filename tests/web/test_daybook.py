"""The window's book of a day: what was taken in, masked, in order; printed, and exported on record."""

import csv
import io
from datetime import timedelta

import pytest

from tests import stories
from tests.web.test_counter import Clerk, take_in
from tests.world import World
from tongban.kernel.journal import numbers
from tongban.kernel.models import Access
from tongban.kernel.time import clock
from tongban.web.counter.daybook import NoSuchDay

pytestmark = pytest.mark.slow


def today(world: World) -> str:
    return clock.official_day(world.at).isoformat()


class TestTheBook:
    def test_says_of_the_day_what_was_taken_in_for_whom_by_whom_and_how_far_it_is(
        self, counties: World
    ) -> None:
        clerk = Clerk(counties).arrive()
        number = take_in(clerk)
        filed_only = stories.filed(counties)
        clerk.open("/counter/").open("/counter/book/")
        for said in (numbers.grouped(number), "张*", "已收件", "张三（窗口人员）", "收件 1 件"):
            assert said in clerk.words, clerk.words
        assert "张三" not in clerk.words.replace("张三（窗口人员）", "")
        assert numbers.grouped(filed_only) not in clerk.words
        yesterday = clock.official_day(counties.at) - timedelta(days=1)
        assert "这一天没有收件" in clerk.open(f"/counter/book/?day={yesterday}").words

    def test_is_of_the_own_organisation_and_if_asked_of_the_own_hand(self, counties: World) -> None:
        number = take_in(Clerk(counties).arrive())
        assert "这一天没有收件" in Clerk(counties).arrive("qy-town").open("/counter/book/").words
        mine = Clerk(counties).arrive().open("/counter/book/?mine=1")
        assert numbers.grouped(number) in mine.words

    def test_is_exported_as_the_page_shows_it_and_that_is_written_down(self, counties: World) -> None:
        clerk = Clerk(counties).arrive()
        number = take_in(clerk)
        answer = clerk.fetch("/counter/book/export.csv")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert (len(rows), rows[1][1], rows[1][3]) == (2, numbers.grouped(number), "张*")
        assert clerk.fetch("/counter/book/export.xlsx").content.startswith(b"PK")
        assert clerk.fetch("/counter/book/export.pdf").status_code == 404
        with counties.on("qingyang"):
            assert Access.objects.filter(doing="counter-book-export", result="ok").count() == 2

    def test_refuses_what_is_no_day(self, counties: World) -> None:
        clerk = Clerk(counties).arrive().open("/counter/book/?day=2026-02-30")
        assert (clerk.status, "日期不对" in clerk.words, NoSuchDay.code) == (422, True, "no_such_day")
