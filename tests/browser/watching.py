"""What a supervisor does: look at what is open and at the story of a case, take its proof along."""

import subprocess
import sys

from tests.browser.chromium import Somebody
from tests.crash.nodes import Node
from tongban.web.templatetags.tongban_web import grouped


def looks(me: Somebody, number: str) -> None:
    """Look at everything there is, take the dossier, verify the journal."""
    me.open("/supervision/").sign_in("supervisor", staff=True)
    for tab in ("暂停待核实", "无人登录", "窗口值守", "对方县", "记录查验"):
        me.click(tab)
    me.click("现在查验")
    me.open(f"/supervision/cases/{number}/").click("谁看过这个办件").open(f"/supervision/cases/{number}/")
    consults(me, number)
    me.open(f"/supervision/cases/{number}/")
    with me.page.expect_download() as taken:
        me.page.locator("button:has-text('只下载原件')").click()
    assert number in taken.value.suggested_filename


def consults(me: Somebody, number: str) -> None:
    """Read form and files of one case, not without forgetting first to say why."""
    me.open(f"/supervision/cases/{number}/").click("调阅材料").click("调阅", within="main form", status=422)
    me.fill({"ground": "spot_check", "reason": "抽查所交材料与受理通知书是否一致。"}).click(
        "调阅", within="main form"
    )
    me.fetch("/consulted/")


def relieves(me: Somebody, number: str) -> None:
    """Give back to all what somebody absent has claimed, not without forgetting to say why."""
    me.open(f"/supervision/cases/{number}/").click("解除认领").click("解除认领", status=422)
    me.fill({"note": "经办人今天请假，由同科室接办。"}).click("解除认领", within="main form")


def park(node: Node, number: str) -> None:
    """
    Let a node find something wrong with a case.

    It would take a peer that breaks the rules; here the node does itself what it would do then.
    """
    program = f"""
from tongban.commandline.node import prepare
prepare()
from tongban.procedures import commands
from tongban.cases.words import Act, Role
from tongban.kernel.time import clock
from tongban.kernel.journal import writer as journal
last = [event for event in journal.events_of({number!r}) if event.role == Role.HANDLING][-1]
withhold = dict(chain=last.chain, seq=last.seq, hash=last.hash)
given = dict(reason="not_allowed", event=last.hash, withhold=withhold)
commands.system_act(matter={number!r}, act=Act.PARK, role=Role.INTAKE, at=clock.now(), given=given)
"""
    subprocess.run([sys.executable, "-c", program], env=node.built.environment(), check=True)


def releases(me: Somebody, number: str) -> None:
    """Find a parked case, look into it, say what was found, let in what was held back, and let it go on."""
    me.open("/supervision/parked/").click("", within=f"tr:has-text('{grouped(number)}')")
    me.click("恢复办理", status=422)
    me.fill({"struck": "no", "note": "已与对方核对，记录无误。"}).click("恢复办理")
    me.open("/supervision/parked/")
