"""Help: from every page to the section of one's own desk; each section is there and every link in it leads to a page."""

import re

import pytest
from django.urls import resolve

from tests.web.browser import Browser
from tests.web.desks import window
from tests.web.test_officer import staff
from tests.world import World
from tongban.web import desks, manual


@pytest.mark.parametrize("name", manual.SECTIONS)
def test_every_link_of_a_section_leads_to_a_page(name: str) -> None:
    blocks = manual.section(name).blocks
    links = re.findall(r'href="([^"]+)"', "".join(line for block in blocks for line in block.lines))
    assert all(resolve(link).url_name for link in links)  # it raises where there is none
    assert {block.kind for block in blocks} & {"ol", "ul"}


def test_every_desk_has_its_section() -> None:
    assert {desk.help for desk in desks.desks()} <= set(manual.SECTIONS)
    assert {one.stem for one in manual.FOLDER.glob("*.md")} == set(manual.SECTIONS)


@pytest.mark.database
def test_the_head_leads_to_the_section_of_ones_desk(counties: World) -> None:
    assert 'href="/help/window/"' in window(counties).open("/counter/").text
    assert 'href="/help/officer/"' in staff(counties, "jiashan", "js-hrss").open("/me/").text
    assert 'href="/help/applicant/"' in Browser(counties).sign_in("qy-chen").open("/").text
    guest = Browser(counties).open("/help/first-day/")
    assert "两步登录" in guest.words
    assert guest.open("/help/nothing/").status == 404
