"""What an account manager does: look at people and one of them, propose a post, enter leave, take the template along."""

from tests.browser.chromium import Somebody


def manages(me: Somebody) -> None:
    """Look at everything there is at the desk."""
    me.open("/accounts/").fill({"words": "负责人"}).click("查找").click("看全部人员")
    me.click("新增人员").click("添加", status=422)
    for tab in ("岗位复核", "请假和替班", "窗口和班次", "机器密钥", "导入名单"):
        me.click(tab)
    me.fetch("template.xlsx")
    me.click("上传并核对", status=422)
    me.open("/accounts/")
    me.page.locator("main table a").first.click()
    me.look().click("登记请假").click("登记请假", status=422)
