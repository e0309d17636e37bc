"""What the competent department does: acknowledge, ask for a correction, accept, review, decide, send; answer what is asked."""

from tests.browser.applying import upload
from tests.browser.chromium import Somebody

ACTS = "#acts"


def acknowledges(me: Somebody, login: str, number: str) -> None:
    """Find the case in the queue, take it upon oneself, read it."""
    me.open("/desk/").sign_in(login, staff=True)
    me.wait_for("/desk/", f"a[href*='/desk/{number}/']")
    me.open(f"/desk/{number}/").click("认领").click("显示完整号码").click("重新隐藏")
    me.fetch("/files/")
    me.click("看第一份").click("收起")
    me.click("签收")


def takes_up(me: Somebody, number: str) -> None:
    """Acknowledge and accept at once; claim what follows, hand it back to all, and claim it again."""
    me.wait_for(f"/desk/{number}/", f"{ACTS} button:has-text('签收')")
    me.click("签收", within=ACTS).click("受理", within=ACTS).click("签发")
    me.click("认领").click("转交经办人").click("转交经办人")
    me.click("认领")


def looks_around(me: Somebody) -> None:
    """Look at what else could be done, and leave it."""
    for act in ("不予受理", "补正", "退回"):
        me.click(act, within=ACTS)
        me.click("返回办件")


def asks_for_correction(me: Somebody) -> None:
    """Say item by item what is wrong; forgetting to say it is told."""
    me.click("补正", within=ACTS).click("看文书", status=422)
    me.page.check("[name='item-material-photo']")
    me.fill({"wrong-material-photo": "不清晰", "wanted-material-photo": "请重拍"})
    me.fill({"wrong-form-applicant_address": "没有门牌号", "wanted-form-applicant_address": "请写全"})
    me.click("看文书").click("返回修改").click("看文书").click("签发")


def accepts(me: Somebody, number: str) -> None:
    """Accept after a correction, read, give an opinion."""
    # Accepting is possible before the answer, too, and not between its arrival and the duty that comes of it.
    me.wait_for(f"/desk/{number}/", ":text('复核补正材料')")
    me.click("受理", within=ACTS).click("签发")
    me.fetch("/letters/")
    me.click("审查", within=ACTS).click("建议准予").click("确定", status=422)
    me.fill({"opinion": "材料真实完整，符合条件。"}).click("确定")


def decides(me: Somebody, number: str) -> None:
    """Review, decide, conclude, send."""
    me.open("/desk/").sign_in("hrss-head", staff=True)
    me.open("/desk/")
    me.open(f"/desk/{number}/")
    if me.page.locator(f"{ACTS} a:has-text('审查')").count():
        me.click("审查", within=ACTS).click("建议准予").fill({"opinion": "同意。"}).click("确定")
    me.click("作出决定", within=ACTS).click("准予").fill({"decision": "符合条件。"})
    me.click("看文书").click("签发").click("办结", within=ACTS).click("确定").click("确认办理")
    me.click("寄出结果", within=ACTS).fill({"way": "electronic", "result": "社会保障卡一张（演示）"})
    upload(me.page.locator("input[type=file]"))
    me.click("确定")


def replies(me: Somebody, number: str) -> None:
    """Answer somebody who urged."""
    me.wait_for(f"/desk/{number}/", f"{ACTS} :has-text('答复催办')")
    me.click("答复催办", within=ACTS).fill({"reply": "明天审查。"}).click("确定")
    me.fill({"message": "照片已请申请人重拍，收到后当天审查。"}, within="#talk form").click(
        "发送", within="#talk"
    )
    me.fill({"note": "申请人来过电话。"}, within="#notes form").click("保存便笺", within="#notes")
    me.click("删除", within="#notes")


def lets_go(me: Somebody, number: str) -> None:
    """Grant a withdrawal."""
    me.wait_for(f"/desk/{number}/", f"{ACTS} :has-text('同意撤回')")
    me.click("同意撤回", within=ACTS).click("签发")
