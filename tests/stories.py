"""Brings cases to each point of their course by running the commands, so no test rests on a state that cannot occur."""

import io
from typing import Any

from PIL import Image

from tests.world import Node, World
from tongban.accounts.access.actor import Actor, Permission
from tongban.cases import commands, papers
from tongban.cases.models import Case
from tongban.cases.words import ADVERSE, Act, Mode
from tongban.catalogue import queries as catalogue
from tongban.catalogue import seed
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import official_day
from tongban.materials import commands as materials
from tongban.materials import queries as material_queries

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(buffer, "PNG")
    return buffer.getvalue()


PNG = _png()
# What somebody says who brings what was asked for.
BROUGHT = {"remark": "已补齐"}

PROXY = "social-security-card"  # taken in elsewhere, decided at home
LICENSING = "industrial-production-licence"  # 行政许可: deemed acceptance applies
ONLINE = "education-notary"


def proof(template: str = PROXY) -> str:
    """What the owner of a case from `draft` says besides its number: how their telephone ends."""
    return str(seed.example(template)["applicant_mobile"])[-4:]


def case_on(world: World, node: str | Node, number: str) -> Case:
    """Return the case as a node holds it."""
    with world.on(node):
        return Case.objects.get(number=number)


def do(world: World, node: str, number: str, act: Act, by: Actor, **more: Any) -> Case:
    """Do one act on a node; who asks for corrections and names nothing, asks for all materials again."""
    with world.on(node):
        if act in (Act.ASK_CORRECTION, Act.GIVE_NOTICE):
            more["given"] = {"asked": materials_asked(number), **more.get("given", {})}
        return commands.act(case=number, act=act, by=by, at=world.at, **more)


def materials_asked(number: str) -> list[str]:
    """Return all materials of a case, as a correction names them."""
    guide = papers.terms_of(State.from_dict(Case.objects.get(number=number).state)).guide
    return [f"material:{one['code']}" for one in guide["materials"]]


def draft(world: World, intake: str, handling: str, template: str, by: Actor, *, files: bool = True) -> str:
    """Open a draft with a good form and every material that is asked for."""
    with world.on(intake):
        number = commands.open_draft(offering=world[handling].offering(template), by=by, at=world.at)
        materials.save_form(number=number, instance=seed.example(template), by=by, at=world.at)
        guide = catalogue.current_guide(world[handling].offering(template)).body
        if files:
            missing = set(material_queries.missing_required(number, guide))
            for material in guide["materials"]:
                if material["name"] in missing:
                    pdf = "application/pdf" in material["accept"]
                    materials.add_material(
                        number=number, code=material["code"], name="scan.pdf" if pdf else "scan.png",
                        data=PDF if pdf else PNG, by=by, at=world.at, guide=guide,
                    )  # fmt: skip
    return number


def filed(world: World, intake: str = "qingyang", handling: str = "jiashan", template: str = PROXY) -> str:
    """A window clerk has registered a case for an applicant."""
    clerk = world[intake].staff("window")
    number = draft(world, intake, handling, template, clerk)
    with world.on(intake):
        commands.file(number=number, mode=Mode.PROXY_INTAKE, by=clerk, at=world.at)
    return number


def received(world: World, **more: Any) -> str:
    """The window has taken it in (收件)."""
    number = filed(world, **more)
    intake = more.get("intake", "qingyang")
    do(world, intake, number, Act.RECEIVE, world[intake].staff("window"))
    return number


def reviewed(world: World, **more: Any) -> str:
    """Identity is checked and the form reviewed."""
    number = received(world, **more)
    intake = more.get("intake", "qingyang")
    clerk = world[intake].staff("window")
    do(world, intake, number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    do(world, intake, number, Act.PASS_REVIEW, clerk)
    return number


def pushed(world: World, **more: Any) -> str:
    """The window has pushed it, and it is still on its way."""
    number = reviewed(world, **more)
    intake = more.get("intake", "qingyang")
    do(world, intake, number, Act.FORWARD, world[intake].staff("window"))
    return number


def forwarded(world: World, **more: Any) -> str:
    """The window has pushed it, and it has arrived."""
    number = pushed(world, **more)
    world.settle()
    return number


def officer(world: World, number: str, handling: str = "jiashan", post: str = "officer") -> Actor:
    """Return someone at a post of the very organisation that handles the case."""
    from dataclasses import replace

    org = case_on(world, handling, number).handling_org
    return replace(world[handling].staff(post), organisation=org)


def acknowledged(world: World, **more: Any) -> str:
    """The department has signed for it (签收)."""
    number = forwarded(world, **more)
    handling = more.get("handling", "jiashan")
    do(world, handling, number, Act.ACKNOWLEDGE, officer(world, number, handling))
    return number


def accepted(world: World, **more: Any) -> str:
    """The department has accepted it (受理)."""
    number = acknowledged(world, **more)
    handling = more.get("handling", "jiashan")
    do(world, handling, number, Act.ACCEPT, officer(world, number, handling))
    return number


def review_all(world: World, number: str, handling: str = "jiashan") -> None:
    """Give an opinion for every review step of the guide."""
    both = officer(world, number, handling), officer(world, number, handling, "decider")
    with world.on(handling):
        case = Case.objects.get(number=number)
        steps = catalogue.guide_by_digest(case.state["roles"]["handling"]["papers"][0]["digest"]).body[
            "review_steps"
        ]
    for step in steps[len(case.facts.get("reviewed", [])) :]:
        by = next(actor for actor in both if actor.may(Permission(step["permission"])))
        do(world, handling, number, Act.REVIEW, by, given={"step": step["code"]}, texts={"opinion": "同意"})


def decide(world: World, number: str, handling: str = "jiashan", outcome: str = "granted") -> None:
    """Decide, once every opinion is there."""
    head = officer(world, number, handling, "decider")
    do(world, handling, number, Act.DECIDE, head, given={"outcome": outcome}, texts={"decision": "准予"})


def decided(world: World, outcome: str = "granted", **more: Any) -> str:
    """The department has decided."""
    number = accepted(world, **more)
    handling = more.get("handling", "jiashan")
    review_all(world, number, handling)
    decide(world, number, handling, outcome)
    return number


def conclude(world: World, number: str, handling: str = "jiashan") -> None:
    """Conclude and send the result; it arrives."""
    head = officer(world, number, handling, "decider")
    do(world, handling, number, Act.CONCLUDE, head)
    do(world, handling, number, Act.SEND_RESULT, head, given={"way": "electronic"}, texts={"result": "结果"})
    world.settle()


def deliver(world: World, number: str, intake: str = "qingyang") -> None:
    """Hand out the result and confirm it."""
    clerk = world[intake].staff("window")
    do(world, intake, number, Act.HAND_OUT, clerk, given={"way": "window"})
    with world.on(intake):
        weighs = Case.objects.get(number=number).outcome in ADVERSE
    given = {"service": "direct", "served_on": official_day(world.at).isoformat()} if weighs else {}
    do(world, intake, number, Act.CONFIRM_DELIVERY, clerk, given=given)
    world.settle()


def delivered(world: World, **more: Any) -> str:
    """The whole course."""
    number = decided(world, **more)
    conclude(world, number, more.get("handling", "jiashan"))
    deliver(world, number, more.get("intake", "qingyang"))
    return number
