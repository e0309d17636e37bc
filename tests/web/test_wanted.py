"""Where `next` leads: to a path of this node, whatever else was written there."""

import pytest

from tests.web.browser import Browser
from tests.world import World
from tongban.accounts import demo

pytestmark = pytest.mark.database

# A word alone would be taken for the name of a route.
ELSEWHERE = [
    "add", "web:home", "items", "https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)",
    "http://[", "/" + "a" * 2000,
]  # fmt: skip


def test_what_is_no_path_of_ours_leads_home(counties: World) -> None:
    browser = Browser(counties)
    with counties.on("qingyang"):
        for wanted in ELSEWHERE:
            answer = browser.client.get("/display/", {"next": wanted})
            assert (answer.status_code, answer.headers["Location"]) == (302, "/"), wanted


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [("/items/", "/items/"), ("add", "/my-cases/"), ("//evil.example/", "/my-cases/")],
)
def test_who_signs_in_is_led_there(counties: World, wanted: str, leads: str) -> None:
    browser = Browser(counties).open("/sign-in/")
    form = browser.form()
    answer = browser._call(
        "post",
        "/sign-in/",
        {**form.values, "who": "applicant", "name": "qy-chen", "password": demo.PASSWORD, "next": wanted},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, leads)
