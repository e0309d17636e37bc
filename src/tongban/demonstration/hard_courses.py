"""Errands with a neighbour that lies, is newer, or shows two faces; and one whose record forgets a person."""

import json
import time
from typing import Any

from tongban.demonstration import building
from tongban.demonstration.building import DemonstrationFailed
from tongban.demonstration.courses import PROXY
from tongban.demonstration.errand import Errand

PATIENCE = 60.0  # seconds


def lied_to(e: Errand) -> None:
    """The authority's node lies with its own true key: each lie is refused for what it is, nothing changes, the case goes on."""
    e.push(PROXY)
    e.officer.act(e.number, "acknowledge")
    e.clerk.wait(e.number, lambda c: c["phase"] == "acknowledged")
    before = e.clerk.case(e.number)
    answers = building.neighbour(e.handling, "lie", {"case": e.number, "to": e.intake.fingerprint})
    wanted = {
        "改绑收件地": "out_of_bounds", "关闭对方的责任": "out_of_bounds",
        "以对方名义写记录": "transfer_not_authentic",
    }  # fmt: skip
    if answers != wanted or e.clerk.case(e.number) != before:
        raise DemonstrationFailed(f"谎报没有被逐一拒绝：{answers}")
    e.notes += [f"谎报“{what}”：拒绝（{code}），没有改动任何内容" for what, code in answers.items()]
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()


def newer(e: Errand) -> None:
    """The authority runs a newer program: what is unknown is held and put before a human, who lets it in; the case goes on."""
    e.push(PROXY)
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.review_first()
    building.neighbour(e.handling, "hear", {"case": e.number})
    e.clerk.wait(e.number, lambda c: c["parked"] == "newer_rules")
    e.notes.append("对方使用更新的规则表（举行听证）：已收下、签收，效果暂不计，暂停待核实")
    e.supervisor.act(e.number, "release", note="对方已说明：新版规则中的听证。")
    e.notes.append("政务服务中心核处：准予计入")
    e.officer.wait(e.number, lambda c: not c["state"]["withheld"])
    e.decide_and_deliver()
    e.verdict = 3  # intact, but by rules that this version of the verifier does not have


def redacted(e: Errand) -> None:
    """Who did an act is deleted from its record on both nodes; the chain and the dossier hold all the same."""
    e.push(PROXY)
    e.officer.act(e.number, "acknowledge")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()
    checked = next(one for one in events_of(e) if one["kind"] == "check_identity")
    e.archivist.act(
        e.number, "redact", events=[checked["hash"]], under="个人信息保护法 第四十七条（申请人要求）"
    )
    e.rest()
    if checked["body"] in _dossier(e)["bodies"]:
        raise DemonstrationFailed("附文删除后仍在案卷中。")
    e.notes.append("身份核验一条的附文（经办人、所带内容）已在两地删除，摘要仍在")


def forked(e: Errand) -> None:
    """A copy of the authority's node has spoken too: both branches are kept, both sides settle, the case goes on."""
    e.push(PROXY)
    e.officer.act(e.number, "acknowledge")
    e.clerk.wait(e.number, lambda c: c["phase"] == "acknowledged")
    told = building.neighbour(e.handling, "fork", {"case": e.number, "to": e.intake.fingerprint})
    for person in (e.clerk, e.officer):
        person.wait(e.number, lambda c: c["parked"] == "fork")
    e.notes.append("同一位置出现两条都有签名的记录：两地均挂起，两个分支都留存")
    papers = [e.place.folder / f"{e.number}.{name}.json" for name in ("proposed", "settled")]
    building.tongban(
        ["fork", "settle", e.number, "--chain", "handling/1", "--keep", told["kept"], "--basis", "双方电话核对",
         "--out", str(papers[0])], e.handling,
    )  # fmt: skip
    building.tongban(["fork", "settle", "--countersign", str(papers[0]), "--out", str(papers[1])], e.intake)
    building.tongban(["fork", "settle", "--adopt", str(papers[1])], e.handling)
    for person in (e.clerk, e.officer):
        person.wait(e.number, lambda c: not c["parked"])
    e.notes.append("双方签署核处书，保留其一，另一分支作为证据留存，继续办理")
    e.officer.act(e.number, "accept")
    e.decide_and_deliver()


def events_of(e: Errand) -> list[dict[str, Any]]:
    """Return the events of the errand's case, as its dossier shows them."""
    found: list[dict[str, Any]] = _dossier(e)["events"]
    return found


def _dossier(e: Errand) -> dict[str, Any]:
    path = e.place.folder / f"{e.number}.{time.monotonic_ns()}.look"
    building.tongban(["dossier", "export", e.number, str(path)], e.intake)
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return document


HARD_COURSES = [
    ("对方节点谎报：逐一拒绝，照常办结", lied_to),
    ("对方节点较新：收下、核处后办结", newer),
    ("删除记录中的个人信息：证据不变", redacted),
    ("对方节点分叉：双方核处后办结", forked),
]
