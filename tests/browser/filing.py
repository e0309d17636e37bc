"""What an authority does about its guides: draft one anew, and have it checked by somebody else."""

from urllib.parse import urlsplit

from tests.browser.chromium import Somebody
from tongban.accounts import demo
from tongban.catalogue import seed

CARD = "social-security-card"


def drafts(me: Somebody) -> str:
    """Begin from the guide in force, not without a mistake; look at it; return the number of the filing."""
    code = seed.offering_code(CARD, demo.uscc_of("jiashan", seed.templates()[CARD]["role"]))
    me.open("/matters/guide_filing/").click("起草指南").click("提交", status=404)
    me.fill({"offering": code}).click("提交")
    number = urlsplit(me.page.url).path.split("/")[3]
    me.fetch("/content/")
    me.click("打印版").open(f"/matters/guide_filing/{number}/")
    me.click("修改指南", within="#acts").click("返回")
    return number


def checks(me: Somebody, number: str) -> None:
    """Look through a draft that changes nothing: it is not let through, and says why."""
    me.open("/matters/guide_filing/").open("/matters/guide_filing/new/").open(
        f"/matters/guide_filing/{number}/"
    )
    me.fetch("/content/")
    me.click("内部审核", within="#acts").click("确定", status=409)
    assert "内容相同" in me.words()
