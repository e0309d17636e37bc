"""What is done about a complaint: made by an applicant or noted at a window, looked into over there, answered here."""

from urllib.parse import urlsplit

from tests.browser.chromium import Somebody
from tests.browser.roles import APPLICANT

ABOUT = {
    "against": "handling",
    "mode": "hotline",
    "complaint": "电话打了三次没有人接。",
    "contact": "13800000000",
}


def complains(me: Somebody, about: str) -> str:
    """Make a complaint about a case, not without a mistake; look at it and at what can be done; return its number."""
    me.open("/matters/complaint/").click("提出投诉").click("提交", status=422)
    me.fill({**ABOUT, "number": about, "channel": "window"}).click("提交")
    number = urlsplit(me.page.url).path.split("/")[3]
    me.fetch("/content/")
    me.click("打印版").open(f"/matters/complaint/{number}/")
    if me.role != APPLICANT:
        me.click("不予受理", within="#acts").click("返回")
    return number


def goes_home(me: Somebody, number: str) -> None:
    """The applicant thinks better of it."""
    me.open(f"/matters/complaint/{number}/").click("撤回投诉", within="#acts").click("确定")


def passes_on(me: Somebody, number: str) -> None:
    me.open(f"/matters/complaint/{number}/").click("受理并转承办", within="#acts").click("确定")


def looks_into(me: Somebody, number: str) -> None:
    """The service centre over there takes it over, looks into it, and answers."""
    me.open("/matters/complaint/").sign_in("supervisor", staff=True)
    me.wait_for(f"/matters/complaint/{number}/", "#acts a:has-text('承接')")
    me.click("认领", within="#acts").click("承接", within="#acts").click("确定")
    me.click("作出答复", within="#acts").click("确定", status=422)
    me.fill({"outcome": "upheld", "reply": "情况属实，已加派接听人员。"}).click("确定")
    me.fetch("/content/")


def tells(me: Somebody, number: str) -> None:
    me.wait_for(f"/matters/complaint/{number}/", "#acts a:has-text('答复投诉人')")
    me.click("答复投诉人", within="#acts").click("确定")
    for box in ("待办", "在办", "办过", "全部"):
        me.open("/matters/complaint/").click(box)
