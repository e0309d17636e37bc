"""Somebody at the window goes on leave, and who stands in (替班) does what they had claimed."""

from tongban.demonstration.building import DemonstrationFailed
from tongban.demonstration.errand import Errand
from tongban.demonstration.people import Person


def take_over(e: Errand, kind: str) -> Person:
    """
    Let the clerk claim a duty, and the account manager enter their leave from today on; return who stands in, once the duty is theirs.

    Raises:
        DemonstrationFailed: it did not become theirs.
    """
    other, manager = (
        e.place.person(e.intake_key, "window2", post="counter"),
        e.place.person(e.intake_key, "accounts"),
    )
    e.clerk.act(e.number, "claim", duties=list(_claimed(e, kind)))
    today = e.place.today()
    manager.fill_in(
        "/accounts/leaves/", do="enter", person=e.clerk.pseudonym(), first=today, last=today,
        substitute=other.pseudonym(), note="请假（演示）",
    )  # fmt: skip
    e.clerk.wait(e.number, lambda _: set(_claimed(e, kind).values()) == {other.pseudonym()})
    e.notes.append("收件窗口的人员认领后请假：账号管理员登记替班人，系统当天移交，由替班人接着办")
    return other


def _claimed(e: Errand, kind: str) -> dict[str, str]:
    """Return who has claimed what the window owes of a kind, by the duty's name."""
    owed = e.clerk.get("/api/v1/duties", kind=kind)["duties"]
    found = {duty["name"]: duty["claimed_by"] for duty in owed if duty["matter"] == e.number}
    if not found:
        raise DemonstrationFailed(f"办件 {e.number} 没有可由替班人接办的事项。")
    return found
