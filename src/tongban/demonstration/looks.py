"""What people of an errand look at, and what has to be there: a field put right, a sealed letter, a search by name."""

import hashlib
import re
import shutil
import subprocess
import time

from tongban.demonstration.building import DemonstrationFailed
from tongban.demonstration.errand import Errand
from tongban.demonstration.people import PATIENCE, Person

CHANGES = re.compile(r'<section[^>]*\bid="changes".*?</section>', re.DOTALL)
LETTER = "letter"
COUNTER = re.compile(r"/counter/cases/[0-9A-Z]+/")
ARRIVED = "已到达"


def see_change(e: Errand, before: str, after: str) -> None:
    """Look at the case at the window and in the department: each shows the old value beside the new."""
    for person, page in ((e.clerk, f"/counter/cases/{e.number}/"), (e.officer, f"/desk/{e.number}/")):
        shown = CHANGES.search(person.page(page))
        if shown is None or not all(
            one in shown[0] for one in (f"<del>{before}</del>", f"<ins>{after}</ins>")
        ):
            raise DemonstrationFailed(
                f"办件 {e.number} 在 {person.at.node.title} 没有并列显示改正前后的“{before}”和“{after}”。"
            )
    e.notes.append(f"申请表改正的栏目：两地都并列显示原“{before}”和改为“{after}”")


def check_letter(e: Errand) -> None:
    """Check the letter of the authority at the window of the other node: the same bytes there and here, and its seal holds."""
    here, there = (_letter(person, e.number) for person in (e.clerk, e.officer))
    if here != there:
        raise DemonstrationFailed(f"办件 {e.number} 的文书在两地不一致。")
    digest = hashlib.sha256(here).hexdigest()[:12]
    e.notes.append(
        f"文书由{e.handling.node.title}盖章，{e.intake.node.title}取得的一份逐字节相同（SHA-256 {digest}…）"
    )
    if shutil.which("pdfsig") is None:
        e.notes.append("本机没有 pdfsig（poppler），印章未用它查验")
        return
    path = e.place.folder / f"{e.number}.letter.pdf"
    path.write_bytes(here)
    done = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    if "Signature is Valid" not in done.stdout:
        raise DemonstrationFailed(f"pdfsig 没有确认文书的印章：{(done.stdout + done.stderr).strip()}")
    e.notes.append("收件地用 pdfsig 查验印章：签名有效（Signature is Valid）")


def find_by_name(e: Errand, name: str) -> None:
    """Look for the case by the applicant's name: the window that took it in finds it, a bureau that has no part in it does not."""
    stranger = e.place.person(e.intake_key, "land")
    if e.number not in e.clerk.find(name):
        raise DemonstrationFailed(f"收件窗口按姓名没有查到办件 {e.number}。")
    if e.number in (said := stranger.find(name)) or "没有查到" not in said:
        raise DemonstrationFailed(f"与办件 {e.number} 无关的机构按姓名查到了它。")
    e.notes.append("按申请人姓名查找：收件窗口查到这一件；本县与它无关的自然资源和规划局什么也没有查到")


def tell_otherwise(e: Errand) -> None:
    """Tell the applicant by telephone what a message could not, and record it; the message was refused by its operator."""
    e.clerk.wait_for_duty(e.number, "reach")
    e.clerk.act(e.number, "reached", contact="phone", reached="上午电话告知本人，本人表示当天来改（演示）。")
    e.notes.append("告知补正的短信被运营商拒收：窗口改用电话告知，方式和时间记入经过")


def see_arrived(e: Errand, name: str) -> None:
    """Look at an earlier case, the only one found by a name: the operator has reported that its message arrived."""
    found = COUNTER.search(e.clerk.find(name))
    if found is None:
        raise DemonstrationFailed("收件窗口没有查到先前的办件。")
    patience = time.monotonic() + PATIENCE
    while ARRIVED not in e.clerk.page(found[0]):
        if time.monotonic() > patience:
            raise DemonstrationFailed("办件页面没有显示短信已到达。")
        time.sleep(0.2)
    e.notes.append("先前一件的短信：运营商报告已到达，窗口的办件页面可见")


def _letter(person: Person, number: str) -> bytes:
    pieces = person.get(f"/api/v1/cases/{number}/materials")
    digests = [one["digest"] for one in pieces if one["label"] == LETTER]
    if not digests:
        raise DemonstrationFailed(f"办件 {number} 在 {person.at.node.title} 没有文书。")
    return person.content(number, digests[-1])
