"""Cases for a measurement, brought to where they are wanted by the node's own commands."""

from datetime import datetime
from typing import Any

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.models import Appointment
from tongban.accounts.people import shifts
from tongban.cases import commands
from tongban.cases.words import Act, Mode
from tongban.catalogue import seed
from tongban.catalogue.models import Offering
from tongban.demonstration.counties import QINGYANG, DemoNode
from tongban.kernel.time import clock
from tongban.procedures import tasks

TEMPLATE = "social-security-card"  # taken in at a window, decided by the same county's 人社局
CLERK, OFFICER, HEAD, SUPERVISOR = "window", "hrss", "hrss-head", "supervisor"
# What the clerk does with a case that was filed; each is one request.
AT_THE_WINDOW: tuple[tuple[Act, dict[str, Any]], ...] = (
    (Act.RECEIVE, {}),
    (Act.CHECK_IDENTITY, {"method": "id_card"}),
    (Act.PASS_REVIEW, {}),
)


def application() -> dict[str, Any]:
    """Return the body of a request that files a whole application."""
    name = seed.templates()[TEMPLATE]["name"]
    code = Offering.objects.get(name=name, division=QINGYANG.division).code
    return {"offering": code, "mode": str(Mode.PROXY_INTAKE), "form": seed.example(TEMPLATE)}


def actor(login: str, channel: Channel = Channel.DESK, county: DemoNode = QINGYANG) -> Actor:
    """Return somebody of the county as their session would make them."""
    username = f"{county.prefix}-{login}"
    appointment = Appointment.objects.get(person__username=username)
    return accounts.actor_for_appointment(appointment, channel=channel)


def sit_down(at: datetime) -> None:
    """Let the clerk begin a shift at a window, as every clerk does who takes cases in; who signs in after that sits there."""
    clerk = actor(CLERK, Channel.COUNTER)
    shifts.start_shift(window=shifts.windows_for(clerk)[0].pk, by=clerk, at=at)


def filed(at: datetime) -> str:
    """File a case at the window; return its number."""
    told = application()
    case = commands.submit(
        offering=told["offering"], mode=Mode(told["mode"]), form=told["form"], by=actor(CLERK, Channel.COUNTER), at=at
    )  # fmt: skip
    return case.number


def arrived(at: datetime) -> str:
    """Carry a case to the department that decides it."""
    number = filed(at)
    for act, given in (*AT_THE_WINDOW, (Act.FORWARD, {})):
        do(number, act, CLERK, given=given)
    tasks.arrive(matter=number, at=clock.now())
    return number


def delivered(at: datetime) -> str:
    """Carry a case to its end."""
    number = arrived(at)
    do(number, Act.ACKNOWLEDGE, OFFICER)
    do(number, Act.ACCEPT, OFFICER)
    for step in seed.templates()[TEMPLATE]["review_steps"]:
        login = HEAD if step["permission"] == "case.decide" else OFFICER
        do(number, Act.REVIEW, login, given={"step": step["code"]}, texts={"opinion": "符合条件。"})
    do(number, Act.DECIDE, HEAD, given={"outcome": "granted"}, texts={"decision": "准予。"})
    do(number, Act.CONCLUDE, HEAD)
    do(number, Act.SEND_RESULT, HEAD, given={"way": "electronic"}, texts={"result": "结果"})
    tasks.arrive(matter=number, at=clock.now())
    do(number, Act.HAND_OUT, CLERK, given={"way": "window"})
    do(number, Act.CONFIRM_DELIVERY, CLERK)
    tasks.arrive(matter=number, at=clock.now())
    return number


def do(number: str, act: Act, login: str, **more: Any) -> None:
    """Let somebody of the county do an act now."""
    commands.act(case=number, act=act, by=actor(login), at=clock.now(), **more)
