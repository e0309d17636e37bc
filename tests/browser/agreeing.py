"""What two service centres do about an agreement: one drafts and signs it, the other reads it and has something to say."""

from urllib.parse import urlsplit

from tests.browser.applying import upload
from tests.browser.chromium import Somebody

FOUR = "deliver,notice,receive,verify"


def drafts(me: Somebody, other: str) -> str:
    """Draft an agreement with the node `other`, not without a mistake, look at it and send it; return the number of the matter."""
    me.open("/matters/agreement/").sign_in("signer", staff=True)
    me.open("/matters/agreement/").click("拟定通办协议").click("提交", status=422)
    me.fill({"with": other, "powers": FOUR}).click("提交")
    number = urlsplit(me.page.url).path.split("/")[3]
    me.fetch("/content/")
    me.click("打印版").open(f"/matters/agreement/{number}/")
    me.click("送对方签署", within="#acts").click("确定")
    return number


def wants_it_otherwise(me: Somebody, number: str) -> None:
    me.open("/matters/agreement/").sign_in("signer", staff=True)
    me.wait_for(f"/matters/agreement/{number}/", "#acts a:has-text('签署协议')")
    me.click("签署协议", within="#acts").click("返回")
    me.click("附上纸质协议扫描件", within="#acts").click("确定", status=422)
    upload(me.page.locator("input[type=file]"))
    me.click("确定")
    me.click("要求修改文本", within="#acts").fill({"remark": "请把期限改为两年。"}).click("确定")
