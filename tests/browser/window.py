"""What a clerk does at the window, of the service centre or of a township."""

from typing import Any

from tests.browser.applying import a_picture, number_in, upload
from tests.browser.chromium import Somebody
from tests.web.test_applicant import flat
from tongban.catalogue import seed

CARD = "social-security-card"
NEXT = "[aria-labelledby=part-next]"
MORE = "[aria-labelledby=part-more]"
# What the clerk saw of the applicant's identity.
SEEN = {"method": "document", "same": "1", "evidence": "G00000001"}
PAPERS = "[aria-labelledby=part-papers] ul"


def sits_down(me: Somebody, login: str) -> Somebody:
    """Sign in, and say at which window."""
    return me.open("/counter/").sign_in(login, staff=True).open("/counter/shift/").click("上岗")


def takes_in(me: Somebody, *, slowly: bool = False) -> str:
    """Take a case in; return its number. `slowly`: as somebody who tries things out."""
    me.open("/counter/").fill({"q": "社保卡 嘉善"})
    me.click("查找").click("开始收件")
    if slowly:
        me.click("登记并收件", status=422)
    me.open("/counter/").click("放弃").click("不放弃，接着填")
    me.fill(flat(seed.example(CARD)))
    check_papers(me)
    if slowly:
        me.click("保存，稍后继续").see(".scans")
    me.click("登记并收件")
    return number_in(me)


def check_papers(me: Somebody) -> None:
    """Upload what the checklist asks for, and tick it."""
    checks: Any = me.page.locator("main [name^='check-'][value='ok']")
    for check in [checks.nth(n) for n in range(checks.count())]:
        code = (check.get_attribute("name") or "").removeprefix("check-see-")
        field = me.page.locator(f"input[name='file-{code}']")
        if me.page.locator(f"#check-see-{code} legend:has-text('如适用')").count():
            continue
        if field.count():
            upload(field)
        check.check()


def pushes(me: Somebody) -> None:
    """Check, review and push it."""
    me.fill(SEEN, within=NEXT)
    for act in ("身份核验", "形式审查通过", "推送办理地"):
        me.click(act, within=NEXT)
    me.click("返回修改").click("推送办理地", within=NEXT).click("确认办理")


def reads(me: Somebody, number: str) -> None:
    """Look at the papers of a case, also as those do who decide."""
    me.open(f"/counter/cases/{number}/").fetch("/letters/")
    me.click("申请表", within=PAPERS).open("/counter/")
    me.open(f"/desk/{number}/").fetch("/files/")
    me.open(f"/desk/{number}/acts/review/")


def gets_the_letter(me: Somebody, number: str) -> None:
    """Print what the department has written, for the applicant who asks."""
    me.wait_for(f"/desk/{number}/", "a[href*='/letters/']").fetch("/letters/")


def gives_up(me: Somebody) -> None:
    """Begin a case by mistake, and destroy what was begun."""
    me.open("/counter/").fill({"q": "社保卡 嘉善"}).click("查找").click("开始收件")
    check_papers(me)
    me.click("保存，稍后继续").see(".scans")
    me.open("/counter/").click("放弃").click("放弃并销毁")


def tells(me: Somebody, number: str) -> None:
    """Tell the applicant what the other place asks for."""
    me.wait_for(f"/counter/cases/{number}/", "#act-tell")
    me.open("/counter/").open(f"/counter/cases/{number}/").click("告知申请人补正", within=NEXT)
    me.click("确认办理")


def answers(me: Somebody) -> None:
    """Answer for the applicant who stands at the window, taking one file back."""
    me.click("上传", within=MORE, status=422)
    for shade in ("grey", "black"):
        me.page.locator("#supplement-file").set_input_files(a_picture(shade))
        me.click("上传", within=MORE)
    me.click("移除", within=MORE)
    me.click("答复补正", within=NEXT)


def hands_out(me: Somebody, number: str) -> None:
    """Hand the result out against a signature, and the window over."""
    me.wait_for(f"/counter/cases/{number}/", "#act-hand_out")
    me.open("/counter/")
    me.open(f"/counter/cases/{number}/").fill({"way": "signature", "proof": "张三"}, within="#act-hand_out")
    me.click("发放", within="#act-hand_out")
    me.click("确认送达", within=NEXT).click("确认办理")
    me.click("交班", within="header").click("先不交班")


def returns(me: Somebody) -> None:
    """Take in what cannot be done, and return it; a reason has to be given."""
    takes_in(me)
    me.unfold("窗口退件").click("窗口退件", within="#act-return", status=422)
    me.fill({"reason": "不属于受理范围，请向户籍地申请。"}, within="#act-return")
    me.click("窗口退件", within="#act-return").click("确认办理")
