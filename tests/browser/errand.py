"""The four desks, through their pages only: two cases from 青阳 that 嘉善 decides, and who watches them."""

import re
import traceback
from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.browser.chromium import Somebody, chromium
from tests.browser.seen import Seen
from tests.crash.nodes import Node
from tests.web.test_applicant import flat
from tongban.catalogue import seed
from tongban.demonstration.papers import file_for

DRIVING, CARD = "driving-licence-renewal", "social-security-card"
LONGEST = 12  # steps of a form
NEXT = "[aria-labelledby=part-next]"


def walk(nodes: Mapping[str, Node], *, scripts: bool) -> Seen:
    """Let everybody do their part; what breaks off is told with what was seen until then."""
    seen = Seen()
    with chromium() as browser:
        someone = partial(Somebody, browser, seen=seen, scripts=scripts)
        try:
            applicant_files(someone(nodes["qingyang"], "applicant"))
            number = clerk_takes_in(clerk := someone(nodes["qingyang"], "clerk"))
            officer_accepts(someone(nodes["jiashan"], "officer"), number)
            head_decides(someone(nodes["jiashan"], "head"), number)
            clerk_hands_out(clerk, number)
            supervisor_looks(someone(nodes["qingyang"], "supervisor"), number)
        except Exception:  # noqa: BLE001 - the report is read by every test
            seen.broke_off = traceback.format_exc()
    return seen


def applicant_files(me: Somebody) -> None:
    """Find the item without signing in, sign in, fill in, hand in, file, follow."""
    me.open("/").open("/components/").open("/lookup/").open("/items/none/", status=404)
    me.open("/").click("长辈版", within="header")
    assert me.page.locator("html").get_attribute("data-elder") == "1"
    me.click("标准版", within="header")
    me.fill({"q": "驾照到期", "division": "330421"})
    me.click("查找").click("机动车驾驶证期满换证").click("在线申办")
    me.sign_in("chen", staff=False).click("开始填写")
    me.click("保存并继续", status=422)
    for _ in range(LONGEST):
        if "/steps/" not in me.page.url:
            break
        me.fill(flat(seed.example(DRIVING)))
        me.click("保存并继续")
    hand_in(me)
    me.fetch("/materials/")
    me.click("看还差什么").click("存好，以后再交")
    me.click("放弃").open("/my-cases/")
    me.click("接着填").fill(flat(seed.example(DRIVING)))
    me.click("提交申请")
    number = number_in(me)
    me.click("看办理进度")
    me.fetch("/materials/")
    me.open("/my-cases/")
    me.click("退出登录", within="header")
    me.click("凭编号查进度").fill({"number": number})
    me.click("查询")


def hand_in(me: Somebody) -> None:
    """Upload every material that has to be."""
    wanted = me.page.locator("section.sheet:has-text('须上传')")
    for place in range(wanted.count()):
        field = wanted.nth(place).locator("input[type=file]")
        upload(me, field)
        with me.page.expect_navigation():
            wanted.nth(place).locator("form[enctype] button").click()
        me.look()


def upload(me: Somebody, field: Any) -> None:
    name, data = file_for((field.get_attribute("accept") or "").split(","))
    field.set_input_files(
        {"name": name, "mimeType": "image/png" if name.endswith("png") else "application/pdf", "buffer": data}
    )


def clerk_takes_in(me: Somebody) -> str:
    """Take a case in at the window, check, review, push; return its number."""
    me.open("/counter/").sign_in("window", staff=True)
    me.fill({"q": "社保卡 嘉善"})
    me.click("查找").click("开始收件")
    me.open("/counter/").click("放弃").click("不放弃，接着填")
    me.click("登记并收件", status=422)
    me.fill(flat(seed.example(CARD)))
    checks = me.page.locator("main [name^='check-'][value='ok']")
    mandatory = [checks.nth(n) for n in range(checks.count())]
    for check in mandatory:
        code = (check.get_attribute("name") or "").removeprefix("check-see-")
        field = me.page.locator(f"input[name='file-{code}']")
        optional = me.page.locator(f"#check-see-{code} legend:has-text('如适用')").count()
        if field.count() and not optional:
            upload(me, field)
        if not optional:
            check.check()
    me.click("登记并收件")
    number = number_in(me)
    for act in ("身份核验", "形式审查通过", "推送办理地"):
        me.click(act, within=NEXT)
    me.fetch("/letters/")
    me.click("申请表", within="[aria-labelledby=part-papers] ul")
    me.open("/counter/")
    return number


def officer_accepts(me: Somebody, number: str) -> None:
    """Acknowledge, accept, read, give an opinion."""
    me.open("/desk/").sign_in("hrss", staff=True)
    me.wait_for("/desk/", f"a[href*='/desk/{number}/']")
    me.open(f"/desk/{number}/").click("认领").click("显示完整号码").click("重新隐藏")
    me.fetch("/files/")
    me.click("签收")
    for act in ("不予受理", "补正", "退回"):
        me.click(act, within="#acts")
        me.click("返回办件")
    me.click("受理")
    me.click("审查", within="#acts").click("确定", status=422)
    me.fill({"opinion": "材料真实完整，符合条件。"})
    me.click("确定")


def head_decides(me: Somebody, number: str) -> None:
    """Review, decide, conclude, send."""
    me.open("/desk/").sign_in("hrss-head", staff=True)
    me.open("/desk/")
    me.open(f"/desk/{number}/")
    if me.page.locator("#acts a:has-text('审查')").count():
        me.click("审查", within="#acts").fill({"opinion": "同意。"})
        me.click("确定")
    me.click("作出决定", within="#acts").fill({"outcome": "granted", "decision": "准予。"})
    me.click("确定").click("办结", within="#acts")
    me.click("寄出结果", within="#acts").fill({"way": "electronic", "result": "社会保障卡一张（演示）"})
    upload(me, me.page.locator("input[type=file]"))
    me.click("确定")


def clerk_hands_out(me: Somebody, number: str) -> None:
    """Hand the result out against a signature."""
    me.wait_for(f"/counter/cases/{number}/", "#act-hand_out")
    me.open("/counter/")
    me.open(f"/counter/cases/{number}/").fill({"way": "signature", "proof": "张三"}, within="#act-hand_out")
    me.click("发放", within="#act-hand_out")
    me.click("确认送达", within=NEXT)


def supervisor_looks(me: Somebody, number: str) -> None:
    """Look at what is open and at the story of the case, take the dossier, verify the journal."""
    me.open("/supervision/").sign_in("supervisor", staff=True)
    for tab in ("挂起待核", "无人登录", "对方节点", "记录查验"):
        me.click(tab)
    me.click("现在查验")
    me.open(f"/supervision/cases/{number}/")
    with me.page.expect_download() as taken:
        me.page.locator("button:has-text('下载案卷')").click()
    assert number in taken.value.suggested_filename
    me.seen.asked.add(("POST", "web:dossier"))


def number_in(me: Somebody) -> str:
    """Return the number of the case whose page is shown."""
    found = re.search(r"/([0-9A-Z]{20,})/", me.page.url)
    assert found, me.page.url
    return found[1]
