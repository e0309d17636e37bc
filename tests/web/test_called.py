"""The head of a page says who is signed in, in which post and where, and whom to ring; the page behind the name sets the rest."""

from dataclasses import replace

import pytest

from tests.web.browser import Browser
from tests.web.desks import window
from tests.web.test_applicant import DRIVING, begin
from tests.web.test_officer import staff
from tests.world import World
from tongban.configuration.config import ConfigError, _telephone

pytestmark = pytest.mark.database


def head(browser: Browser) -> str:
    return browser.text.partition('<header class="top')[2].partition("</header>")[0]


def test_staff_are_called_by_name_post_and_office(counties: World) -> None:
    officer = head(staff(counties, "jiashan", "js-hrss").open("/desk/"))
    assert "嘉善县人力资源和社会保障局" in officer
    assert "审批人员" in officer
    assert 'href="/me/"' in officer
    assert "长辈版" not in officer
    assert "English" not in officer


def test_a_clerk_is_called_by_the_window(counties: World) -> None:
    assert "跨省通办专窗" in head(window(counties).open("/counter/"))


def test_an_applicant_is_called_in_part(counties: World) -> None:
    mine = Browser(counties).sign_in("qy-chen").open("/my-cases/")
    assert "陈*" in head(mine)
    assert "长辈版" in head(mine)


def test_the_page_behind_the_name_offers_what_the_head_does_not(counties: World) -> None:
    officer = staff(counties, "jiashan", "js-hrss").open("/me/")
    for offered in ("登录的设备", "修改密码", "两步登录", "长辈版", "高对比度", "English"):
        assert offered in officer.words


def test_the_foot_names_whom_to_ring(counties: World) -> None:
    node = counties["qingyang"]
    assert 'href="tel:12345"' in Browser(counties).open("/").text
    node.config = replace(node.config, telephone="0566-5020000")
    assert 'href="tel:0566-5020000"' in Browser(counties).open("/").text
    with pytest.raises(ConfigError, match="不是电话号码"):
        _telephone("请打总机")


def test_english_is_not_offered_where_the_form_is_chinese_only(counties: World) -> None:
    mine = Browser(counties).sign_in("qy-chen")
    assert "English" in head(mine.open("/items/"))
    assert "English" not in head(mine.open(f"/drafts/{begin(mine, DRIVING)}/steps/1/"))


def test_the_list_of_items_says_how_many_there_are(counties: World) -> None:
    found = Browser(counties).open("/items/?q=驾照")
    assert "共 1 项" in found.words or "共 2 项" in found.words
    assert "12345" in found.open("/items/?q=%E4%B8%8D%E5%AD%98%E5%9C%A8").text.partition("<main")[2]
