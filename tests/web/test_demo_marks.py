"""What a demo node says of itself on a page: once, at its foot."""

from django.http import HttpRequest, HttpResponse

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.web import demo_marks


def test_a_page_says_once_that_it_is_a_demonstration(counties: World) -> None:
    for page in (
        staff(counties, "jiashan", "js-supervisor").open("/supervision/"),
        Browser(counties).open("/items/"),
    ):
        assert demo_marks.MARK not in page.text
        assert page.text.count("演示系统，数据均为虚构") == 1


def test_what_may_be_sent_back_stays_as_it_is(counties: World) -> None:
    written = '<p title="甲（演示）">甲（演示）</p><input value="甲（演示）"><textarea>甲（演示）</textarea><p>末</p>'
    with counties.on("jiashan"):
        page = demo_marks.middleware(lambda _request: HttpResponse(written))(HttpRequest())
        table = demo_marks.middleware(lambda _request: HttpResponse("甲（演示）", content_type="text/csv"))(
            HttpRequest()
        )
    assert page.content.decode() == written.replace(">甲（演示）</p>", ">甲</p>")
    assert table.content.decode() == "甲（演示）"
