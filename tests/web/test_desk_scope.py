"""
Every page of the desk × procedure × role × place, made from the procedures' own tables: a new procedure is covered by itself.

What is expected is said anew here, from rows and bindings, not by the code of the pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from tests import hidden, stories
from tests.api.front import show_time
from tests.filing import course
from tests.web.browser import Browser
from tests.web.who_may import APPLICANTS, EVERYBODY, Person
from tests.world import World
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.models import Appointment
from tongban.accounts.models import Person as Staff
from tongban.agreements.course import open_agreement
from tongban.complaints.commands import open_complaint
from tongban.kernel.journal import writer as journal
from tongban.procedures import commands
from tongban.procedures.models import Matter
from tongban.procedures.procedure import Procedure
from tongban.web import designs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once("the conditions are those of the API, whose matrix asks both"),
]

DESK = {"desk-list", "desk-open", "desk-matter", "desk-claim", "desk-act", "desk-content", "desk-print"}
SECRET = "暗访路七十七弄的窗口态度冷淡"


def a_complaint(world: World) -> str:
    """A complaint taken in by 青阳's window about 嘉善, which 嘉善's centre has not taken over yet."""
    case = stories.acknowledged(world)
    clerk = world["qingyang"].staff("window")
    with world.on("qingyang"):
        number = open_complaint(
            {"mode": "centre", "against": "handling", "number": case, "complaint": SECRET}, clerk, world.at
        ).number
    with world.on("qingyang"):
        commands.act(matter=number, act="accept_centre", by=clerk, at=world.at)
    world.settle()
    return number


def a_filing(world: World) -> str:
    """A guide that 青阳's department has drafted and submitted to its own centre."""
    return course.submitted(world, course.revised(world, SECRET))


def an_agreement(world: World) -> str:
    """An agreement that 青阳 sent to 嘉善, which 嘉善 wants changed."""
    signers = {node: world[node].staff("catalogue") for node in ("qingyang", "jiashan")}
    with world.on("qingyang"):
        values = {"with": world["jiashan"].fingerprint, "powers": "receive,deliver"}
        number = open_agreement(values, signers["qingyang"], world.at).number
        commands.act(matter=number, act="send", by=signers["qingyang"], at=world.at)
    world.settle()
    with world.on("jiashan"):
        commands.act(
            matter=number, act="ask_change", by=signers["jiashan"], at=world.at, texts={"remark": SECRET}
        )
    world.settle()
    return number


# One matter of each procedure that the desk shows; a procedure without one fails the test below.
MATTERS: dict[str, Callable[[World], str]] = {
    "complaint": a_complaint, "guide_filing": a_filing, "agreement": an_agreement,
}  # fmt: skip


@dataclass
class Scene:
    world: World
    numbers: dict[str, str]


@pytest.fixture(scope="module")
def scene(standing_counties: World) -> Scene:
    return Scene(standing_counties, {name: make(standing_counties) for name, make in MATTERS.items()})


def test_every_procedure_of_the_desk_is_asked() -> None:
    assert {one.procedure for one in designs.everyone()} == MATTERS.keys()


def powers(world: World, person: Person) -> tuple[frozenset[str], str, str]:
    """Return what somebody's post carries, its organisation and its reach, as they stand in the tables."""
    node, role = person
    with world.on(node):
        staff = Staff.objects.get(username=f"{COUNTIES[node].letters}-{role}")
        post = Appointment.objects.select_related("post__organisation").get(person=staff).post
        return frozenset(post.permissions), post.organisation.uscc, post.supervises


def admitted(procedure: Procedure, words: frozenset[str]) -> bool:
    rows = {str(rule.permission) for rule in procedure.present.rules.values() if rule.permission}
    return bool(
        ({*rows, procedure.reads, procedure.supervises} - {"archive.destroy", "archive.approve"}) & words
    )


def in_sight(
    matter: Matter | None, procedure: Procedure, organisation: str, reach: str, words: frozenset[str]
) -> bool:
    if matter is None:
        return False
    bound = matter.state["roles"].values()
    handles = any(organisation == one["org"] for one in bound)
    # A centre watches over its bureaux; its other posts have to do with what waits for the centre.
    owed = any(duty["holder"]["org"] == organisation for duty in matter.state["duties"].values())
    centre = any(organisation == one["office"] for one in bound) and (
        owed or bool(matter.parked) or procedure.supervises in words
    )
    return ((handles or centre) and admitted(procedure, words)) or (
        bool(reach) and procedure.supervises in words
    )


def faults_of(
    scene: Scene, person: Person, browser: Browser, name: str, acts: int | None = None
) -> list[Any]:
    """Ask for every page of a procedure's matter as somebody, and for so many of its acts; return what is wrong with the answers."""
    node, number = person[0], scene.numbers[name]
    wrong: list[Any] = []
    procedure = designs.design_of(name).of
    with scene.world.on(node):
        matter = Matter.objects.filter(number=number).first()
        digest = journal.events_of(number)[0].content[0]["digest"] if matter else "sm3:0"
    lets, sees, reads, opens = expected(scene.world, person, procedure, matter)
    for page, arguments in (
        ("desk-list", [name]), ("desk-open", [name]), ("desk-matter", [name, number]),
        ("desk-content", [name, number, digest]), ("desk-print", [name, number]),
        *(("desk-act", [name, number, act]) for act in list(procedure.present.rules)[:acts]),
    ):  # fmt: skip
        url = reverse(f"web:{page}", args=arguments)
        before = hidden.state_of(scene.world, node)
        status, text = asked(scene.world, browser, node, url)
        ok = {
            "desk-list": lets,
            "desk-open": opens,
            "desk-content": lets and sees and reads,
        }.get(page, lets and sees)
        if ok != (status == 200) and not (page == "desk-act" and ok and status == 404):
            wrong.append((url, status, "may" if ok else "may not"))
        if not lets and not ok and status not in (302, 403):
            wrong.append((url, status, "the desk is not theirs"))
        if SECRET in text and not reads:
            wrong.append((url, "was told what is not theirs to read"))
        if not ok and hidden.state_of(scene.world, node) != before:
            wrong.append((url, "was refused, and something changed"))
    for page in ("desk-claim", "desk-act"):
        arguments = [name, number, *(["take_over"] if page == "desk-act" else [])]
        if not (lets and sees):
            status, _ = asked(scene.world, browser, node, reverse(f"web:{page}", args=arguments), post=True)
            if status not in (302, 403, 404):
                wrong.append((page, status, "may not send anything"))
    return wrong


@pytest.mark.prove("every procedure, page and act × role × place")
@pytest.mark.parametrize("person", sorted(EVERYBODY), ids="-".join)
def test_only_those_who_may_get_through(scene: Scene, person: Person) -> None:
    browser = signed_in(scene.world, person)
    wrong = [fault for name in scene.numbers for fault in faults_of(scene, person, browser, name)]
    assert not wrong


@pytest.mark.parametrize("person", sorted(one for one in EVERYBODY if one[0] == "jiashan"), ids="-".join)
def test_a_complaint_is_for_whom_it_is_for(scene: Scene, person: Person) -> None:
    """The sample of the gate: one procedure, one act, at one place."""
    assert not faults_of(scene, person, signed_in(scene.world, person), "complaint", acts=1)


FOR_ANYBODY = frozenset({"complaint"})  # opened by who has not signed in, too
FOR_THE_NODE = frozenset({"agreement"})  # opened by the organisation that the node is of, and no other


def expected(
    world: World, person: Person, procedure: Procedure, matter: Matter | None
) -> tuple[bool, bool, bool, bool]:
    """Return whether the desk lets somebody in, whether they see the matter, may read it, may open one."""
    _, role = person
    rows = procedure.present.rules.values()
    opening = designs.design_of(procedure.name).opening
    if role == "nobody":
        return False, False, False, procedure.name in FOR_ANYBODY
    if person in APPLICANTS:
        return any(rule.applicant for rule in rows), False, False, bool(opening and opening.applicant)
    words, organisation, reach = powers(world, person)
    sees = in_sight(matter, procedure, organisation, reach, words)
    parties = matter.state["roles"].values() if matter else []
    held = [duty["holder"]["org"] for duty in matter.state["duties"].values()] if matter else []
    own = any(
        organisation == one["org"] or (organisation == one["office"] and organisation in held)
        for one in parties
    )
    founding = {str(rule.permission) for rule in rows if rule.founds}
    return (
        admitted(procedure, words),
        sees,
        own and procedure.reads in words,
        bool(opening and founding & words)
        and (procedure.name not in FOR_THE_NODE or organisation == world[person[0]].centre),
    )


def asked(world: World, browser: Browser, node: str, url: str, *, post: bool = False) -> tuple[int, str]:
    show_time(world)
    headers = {
        "X-CSRFToken": browser.client.cookies[settings.CSRF_COOKIE_NAME].value,
        "referer": "http://testserver/",
    }
    with world.on(node):
        answer = (
            browser.client.post(url, {"version": "1"}, headers=headers) if post else browser.client.get(url)
        )
    return answer.status_code, answer.content.decode(errors="ignore")


def signed_in(world: World, person: Person) -> Browser:
    node, role = person
    browser = Browser(world, node).open("/sign-in/")
    if role == "nobody":
        return browser
    applicant = person in APPLICANTS
    login = COUNTIES[node].applicants[int(role[-1]) - 1][0] if applicant else role
    name = f"{COUNTIES[node].letters}-{login}"
    return browser.sign_in(name, who="applicant" if applicant else "staff")
