"""What an applicant does: find the item without signing in, sign in, fill in, hand in, file, follow."""

import io
import re
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload

from tests.browser.chromium import Somebody
from tests.stories import proof
from tests.web.test_applicant import flat
from tongban.catalogue import seed
from tongban.demonstration.papers import file_for

DRIVING = "driving-licence-renewal"
LONGEST = 12  # steps of a form
KINDS = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


def files(me: Somebody) -> str:
    """File a case that is wholly done on line; return its number."""
    me.open("/").open("/components/").open("/lookup/").open("/items/none/", status=404)
    me.open("/helpers/").open("/help/first-day/")
    me.open("/").click("长辈版", within="header")
    assert me.page.locator("html").get_attribute("data-elder") == "1"
    me.click("标准版", within="header")
    me.fill({"q": "驾照到期", "division": "330421"})
    me.click("查找").click("机动车驾驶证期满换证").fetch("/form.pdf")
    me.fetch("/example.pdf")
    me.click("在线申办")
    me.sign_in("chen", staff=False).click("开始填写")
    me.click("保存并继续", status=422)
    fill_in(me)
    hand_in(me)
    me.fetch("/materials/")
    me.click("看还差什么").click("存好，以后再交")
    me.click("放弃").open("/my-cases/")
    me.click("接着填").fill(flat(seed.example(DRIVING)))
    me.click("提交申请")
    number = number_in(me)
    me.fetch("/receipt.json")
    me.click("看办理进度")
    me.fetch("/materials/")
    me.fetch("/filing.pdf")
    me.open("/my-cases/").sign_out()
    me.click("凭编号查进度").fill({"number": number, "proof": "0000"})
    me.click("查询", status=404).fill({"proof": proof(DRIVING)})
    me.click("查询")
    me.click("发送验证码到办件登记的手机").fill({"code": "000000"}).click("查看办件", status=422)
    return number


def answers(me: Somebody, number: str) -> None:
    """Hand in what was asked for, not without mistakes, and say that it is all."""
    me.open("/my-cases/").sign_in("chen", staff=False)
    me.wait_for(f"/my-cases/{number}/", "#answer")
    code = me.page.locator("#code option", has_text="照片").get_attribute("value")
    for faulty, status in ((None, 422), (a_file("application/pdf"), 415)):
        me.fill({"code": code}, within="#answer")
        me.page.locator("#file").set_input_files([faulty] if faulty else [])
        me.click("上传", within="#answer", status=status)
    for shade in ("grey", "black"):
        me.fill({"code": code}, within="#answer")
        me.page.locator("#file").set_input_files(a_picture(shade))
        me.click("上传", within="#answer")
    me.click("移除", within="#answer")
    me.fill({"remark": "照片已按要求重拍。"}, within="#answer")
    me.click("补好了，答复", within="#answer")


def urges(me: Somebody) -> None:
    """Ask to be served sooner."""
    me.unfold("催办").fill({"remark": "急用，请尽快。"}, within="details[open]")
    me.click("催办", within="details[open]")


def asks_to_withdraw(me: Somebody, number: str) -> None:
    """Read the letters, and think better of the whole."""
    me.wait_for(f"/my-cases/{number}/", "#letters:has-text('明天')").fetch("/letters/")
    me.click("谁看过我的材料").open(f"/my-cases/{number}/")
    me.unfold("请求撤回").fill({"remark": "不需要了。"}, within="details[open]")
    me.click("请求撤回", within="details[open]")


def fill_in(me: Somebody) -> None:
    """Go through the steps of the form."""
    for _ in range(LONGEST):
        if "/steps/" not in me.page.url:
            return
        me.fill(flat(seed.example(DRIVING)))
        me.click("保存并继续")
    raise AssertionError(me.page.url)


def hand_in(me: Somebody) -> None:
    """Upload every material that has to be."""
    wanted = me.page.locator("section.sheet:has-text('须上传')")
    for place in range(wanted.count()):
        upload(wanted.nth(place).locator("input[type=file]"))
        with me.page.expect_navigation():
            wanted.nth(place).locator("form[enctype] button:not([type])").click()
        me.look()


def upload(field: Any) -> None:
    """Choose a file that a field accepts."""
    field.set_input_files(a_file(*(field.get_attribute("accept") or "").split(",")))


def a_file(*accept: str) -> FilePayload:
    name, data = file_for(accept)
    return {"name": name, "mimeType": KINDS[name.rpartition(".")[2]], "buffer": data}


def a_picture(shade: str) -> FilePayload:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80), shade).save(buffer, "PNG")
    return {"name": f"{shade}.png", "mimeType": "image/png", "buffer": buffer.getvalue()}


def number_in(me: Somebody) -> str:
    """Return the number of the case whose page is shown."""
    found = re.search(r"/([0-9A-Z]{20,})/", me.page.url)
    assert found, me.page.url
    return found[1]
