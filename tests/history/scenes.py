"""What a node has in hand while history grows behind it: matters of every procedure, open and ended, drafts, and somebody for each role."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests import hidden, stories
from tests.api import front
from tests.api.front import Caller
from tests.browser.roles import APPLICANT, posts, role_of
from tests.filing import course
from tests.history import laying
from tests.web import test_desk_scope as desks
from tests.world import World
from tongban.accounts import commands as accounts
from tongban.accounts import demo
from tongban.accounts import queries as people
from tongban.accounts.access.actor import SYSTEM, Actor, Channel
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.models import Applicant, Organisation, Person, Shift, Window
from tongban.accounts.people import sealed
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.agreements.words import Act as Agreeing
from tongban.cases import checklist, commands
from tongban.cases.checklist import Answer, Checked
from tongban.cases.words import Act, Mode
from tongban.catalogue import queries as catalogue
from tongban.catalogue.filing.words import Act as Filing
from tongban.complaints.words import Act as Complaining
from tongban.kernel.accesses import SIGN_IN
from tongban.kernel.models import Access, SealNode
from tongban.materials import commands as materials
from tongban.materials.models import Draft
from tongban.procedures import commands as matters
from tongban.procedures import consulting
from tongban.procedures.models import Consultation, DossierExport
from tongban.rights.models import DataCopy
from tongban.supervision.models import LookAlarm, LookDay

NODE, OTHER = "qingyang", "jiashan"
NOBODY, MACHINE, AUDITOR = "nobody", "machine", "audit of service_centre"
LOGINS = {"officer of competent": "hrss", "decider of competent": "hrss-head"}  # who has something to do
OPEN = (40, 150, 40)  # open cases of each kind: more than a page of a list holds


@dataclass
class Scene:
    """The matters of a node; `ended` is copied to become its history."""

    world: World
    open: list[str]
    ended: list[str]
    drafts: list[str]


def built(world: World) -> Scene:
    """Return a world in which everything has been done once, with a gap for history before what is open."""
    with world.on(NODE):
        owner = people.actor_for_applicant(applicant=Applicant.objects.order_by("pk")[0], channel=Channel.WEB)
    ended = [
        taken_in_here(world, owner, to_the_end=True), stories.delivered(world, intake=OTHER, handling=NODE), returned(world, owner),
        complaint(world), filing(world), agreement(world),
    ]  # fmt: skip
    with world.on(NODE):
        left_by_time(world)
        for number in ended:
            looked_at(world, number)
            DossierExport.objects.create(
                number=number, at=world.at, staff="QY1", organisation=world[NODE].centre
            )
            Consultation.objects.create(
                number=number, staff="QY1", organisation=world[NODE].centre, post="supervisor", ground="other",
                reason=sealed.seal("核对所交材料"), at=world.at, until=world.at + consulting.LASTS,
            )  # fmt: skip
        laying.leave_a_gap()
    begun = [
        taken_in_here(world, owner), stories.accepted(world, intake=OTHER, handling=NODE), stories.received(world),
        *(make(world) for make in desks.MATTERS.values()),
    ]  # fmt: skip
    with world.on(NODE):
        for number, count in zip(begun, OPEN, strict=False):
            laying.copies(number, count)
    drafts = [hidden.draft(world, owner), with_a_picture(world)]
    return Scene(world, begun, ended, drafts)


def with_a_picture(world: World) -> str:
    """A draft of the window, among its files one that is shown small."""
    clerk = world[NODE].staff("window")
    number = hidden.draft(world, clerk)
    with world.on(NODE):
        guide = catalogue.current_guide(Draft.objects.get(number=number).offering).body
        materials.add_material(
            number=number,
            code="photo",
            name="photo.png",
            data=stories.PNG,
            by=clerk,
            at=world.at,
            guide=guide,
        )
    return number


# ------------------------------------------------------------------ matters, each to its end
def taken_in_here(world: World, owner: Actor, *, to_the_end: bool = False) -> str:
    clerk, number = world[NODE].staff("window"), hidden.draft(world, owner)
    with world.on(NODE):
        commands.file(number=number, mode=Mode.PROXY_INTAKE, by=owner, at=world.at)
    checked = Checked({"ask-1": Answer.OK}, (), {})
    stories.do(world, NODE, number, Act.RECEIVE, clerk, texts={checklist.LABEL: checked.to_text()})
    stories.do(world, NODE, number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    stories.do(world, NODE, number, Act.GIVE_NOTICE, clerk, texts={"notice": "请补交一张照片"})
    stories.do(world, NODE, number, Act.SUPPLEMENT, owner, texts=stories.BROUGHT)
    stories.do(world, NODE, number, Act.PASS_REVIEW, clerk)
    stories.do(world, NODE, number, Act.FORWARD, clerk)
    world.settle()
    stories.do(world, OTHER, number, Act.ACKNOWLEDGE, stories.officer(world, number))
    if to_the_end:
        stories.do(world, OTHER, number, Act.ACCEPT, stories.officer(world, number))
        stories.review_all(world, number)
        stories.decide(world, number)
        stories.conclude(world, number)
        stories.deliver(world, number)
    world.settle()
    return number


def returned(world: World, owner: Actor) -> str:
    """A case that the window returned: it need not be kept for long."""
    clerk, number = world[NODE].staff("window"), hidden.draft(world, owner)
    with world.on(NODE):
        commands.file(number=number, mode=Mode.PROXY_INTAKE, by=owner, at=world.at)
    stories.do(world, NODE, number, Act.RECEIVE, clerk)
    stories.do(world, NODE, number, Act.RETURN, clerk, texts={"reason": "材料不属于本事项"})
    return number


def complaint(world: World) -> str:
    number = desks.a_complaint(world)
    handler, clerk = world[OTHER].staff("supervisor"), world[NODE].staff("window")
    with world.on(OTHER):
        matters.act(matter=number, act=Complaining.TAKE_OVER, by=handler, at=world.at)
        matters.act(
            matter=number, act=Complaining.REPLY, by=handler, at=world.at, given={"outcome": "partly"}, texts={"reply": "已增开窗口"}
        )  # fmt: skip
    world.settle()
    with world.on(NODE):
        matters.act(matter=number, act=Complaining.TELL, by=clerk, at=world.at)
        matters.act(
            matter=number, act=Complaining.RATE_FOR, by=clerk, at=world.at, given={"rating": "4"}, texts={"callback": "满意"}
        )  # fmt: skip
    world.settle()
    return number


def filing(world: World) -> str:
    number = course.opened(world)
    course.do(world, number, Filing.WITHDRAW, course.head(world), texts={"reason": "依据将修订"})
    world.settle()
    return number


def agreement(world: World) -> str:
    number = desks.an_agreement(world)
    with world.on(NODE):
        matters.act(matter=number, act=Agreeing.WITHDRAW, by=world[NODE].staff("catalogue"), at=world.at)
    world.settle()
    return number


def looked_at(world: World, number: str) -> None:
    """As somebody looks into a matter several times while it is under way."""
    staff = {
        "organisation": world[NODE].centre,
        "post": "window",
        "who": "QY1",
        "kind": "staff",
        "channel": "desk",
    }
    for doing in ("counter-case", "matter", "counter-case"):
        Access.objects.create(**staff, at=world.at, doing=doing, matter=number, result="ok")


def left_by_time(world: World) -> None:
    """One row of everything else that is left behind day by day."""
    clerk, at = Person.objects.get(username="qy-window"), world.at - timedelta(days=3)
    centre = world[NODE].centre
    window = Window.objects.filter(organisation__uscc=centre).order_by("pk")[0]
    Shift.objects.create(person=clerk, window=window, started_at=at, ended_at=at + timedelta(hours=8))
    Access.objects.create(
        at=at, who=clerk.pseudonym, organisation=centre, post="window", kind="staff", channel="counter", doing=SIGN_IN, result="ok"
    )  # fmt: skip
    looked = {"who": clerk.pseudonym, "organisation": centre, "post": "window", "day": date(2026, 2, 27)}
    LookDay.objects.create(**looked, strange=1, off_hours=0, refused=0)
    LookAlarm.objects.create(
        **looked,
        kind="strange",
        count=9,
        usual=3,
        closed_at=at,
        closed_by=clerk.pseudonym,
        word_sealed=sealed.seal("已核实"),
    )
    DataCopy.objects.create(owner=Applicant.objects.order_by("pk")[0].pseudonym, begun_at=at, ended_at=at)
    SealNode.objects.get_or_create(epoch=0, level=0, index=0, defaults={"hash": "sm3:0"})
    # One write over HTTP, for the answer that is remembered of it.
    front.machine(world, NODE).post("/drafts", {"offering": world[OTHER].offering(stories.PROXY)})


# ------------------------------------------------------------------ somebody for each role
def roles() -> list[str]:
    """Return every role: whoever is not signed in, applicants, each post that a county fills, who audits, and a machine."""
    return [NOBODY, APPLICANT, *dict.fromkeys(map(role_of, posts())), AUDITOR, MACHINE]


def login_of(role: str) -> str:
    return LOGINS.get(role) or next(login for login in posts() if role_of(login) == role)


def appoint_auditor(world: World) -> None:
    """Fill the post that no demo county fills."""
    standard = STANDARD_POSTS["audit"]
    with world.on(NODE):
        post = accounts.add_post(
            organisation=Organisation.objects.get(uscc=world[NODE].centre), code="audit", title=standard.title,
            permissions=standard.permissions, supervises=COUNTIES[NODE].division, by=SYSTEM, at=world.at,
        )  # fmt: skip
        accounts.add_person(
            username="qy-audit", password=demo.PASSWORD, name="审计", post=post, by=SYSTEM, at=world.at
        )


def caller(world: World, role: str) -> Caller:
    """Return somebody in a role, signed in; pages and the API know them by one session."""
    if role == NOBODY:
        return Caller(world, NODE)
    if role == MACHINE:
        return front.machine(world, NODE)
    if role == APPLICANT:
        return front.applicant(world, NODE, COUNTIES[NODE].applicants[0][0])
    return front.staff(world, NODE, "audit" if role == AUDITOR else login_of(role))
