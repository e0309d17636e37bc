"""
Every endpoint × role × place: who may is derived from the rule table, the permissions and the places.

An endpoint that is not in the table here fails the test: somebody has to say who may use it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import get_resolver

from tests import hidden, stories
from tests.api import front
from tests.api.front import Caller, Files
from tests.world import World
from tongban.accounts import demo
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.models import Applicant, Person, Post
from tongban.api.contract import api
from tongban.cases import commands
from tongban.cases.models import Case
from tongban.cases.procedure import RULES
from tongban.cases.words import MADE, Act, Mode, Role
from tongban.catalogue import queries as catalogue
from tongban.complaints.rules_1 import TAKE
from tongban.kernel.journal import writer as journal
from tongban.materials import commands as materials

pytestmark = [pytest.mark.database, pytest.mark.slow]
INTAKE, HANDLING = "qingyang", "jiashan"
REFUSED = {401, 403, 404}
# A case is filed from its draft, and a fork is settled with a document that two operators sign.
ELSEWHERE = {Act.FILE, Act.SETTLE, Act.SUCCEED}
STAFF_ROLES = (
    "window",
    "hrss",
    "hrss-head",
    "police",
    "supervisor",
    "accounts",
    "lead",
    "archive",
    "office",
    "town",
)


@dataclass
class Scene:
    """A case under way between two of three counties, an open draft, and their names."""

    world: World
    number: str
    draft: str
    form: str


@dataclass
class Who:
    """A caller, and who that is."""

    caller: Caller
    node: str
    actor: Actor | None


@pytest.fixture(scope="module")
def scene(standing_counties: World) -> Scene:
    world = standing_counties
    with world.on(INTAKE):
        owner = accounts.actor_for_applicant(
            applicant=Applicant.objects.order_by("pk")[0], channel=Channel.WEB
        )
    number = hidden.draft(world, owner, intake=INTAKE, handling=HANDLING)
    with world.on(INTAKE):
        commands.file(number=number, mode=Mode.FULLY_ONLINE, by=owner, at=world.at)
    world.settle()
    officer = stories.officer(world, number, HANDLING)
    stories.do(world, HANDLING, number, Act.ACKNOWLEDGE, officer)
    stories.do(world, HANDLING, number, Act.ACCEPT, officer)
    world.settle()
    draft = hidden.draft(world, owner, intake=INTAKE, handling=HANDLING, files=False)
    with world.on(INTAKE):
        form = str(journal.events_of(number)[0].content[0]["digest"])
    return Scene(world, number, draft, form)


def who(scene: Scene, node: str, role: str) -> Who:
    """Return a caller in a role at a node."""
    world = scene.world
    letters = COUNTIES[node].letters
    if role == "nobody":
        return Who(Caller(world, node), node, None)
    if role == "machine":
        caller = front.machine(world, node)
        with world.on(node):
            post = Post.objects.get(code="window", organisation__uscc=world[node].centre)
            return Who(caller, node, accounts.actor_for_key(post=post, prefix="machine"))
    if role.startswith("applicant"):
        login = COUNTIES[node].applicants[int(role[-1]) - 1][0]
        caller = front.applicant(world, node, login)
        with world.on(node):
            found = Applicant.objects.order_by("pk")[int(role[-1]) - 1]
            return Who(caller, node, accounts.actor_for_applicant(applicant=found, channel=Channel.WEB))
    caller = front.staff(world, node, role)
    with world.on(node):
        person = Person.objects.get(username=f"{letters}-{role}")
        appointment = accounts.appointments_of(person=person, at=world.at)[0]
        return Who(caller, node, accounts.actor_for_appointment(appointment, channel=Channel.DESK))


def roles_of(node: str) -> list[str]:
    there = {login for office in COUNTIES[node].offices() for login, _ in office.staff}
    applicants = [f"applicant{n + 1}" for n in range(len(COUNTIES[node].applicants))]
    return ["nobody", "machine", *applicants, *(role for role in STAFF_ROLES if role in there)]


def case_here(scene: Scene, node: str) -> Case | None:
    with scene.world.on(node):
        return Case.objects.filter(number=scene.number).first()


def sees(scene: Scene, someone: Who) -> bool:
    """Whether the case is on the node and within the actor's place; said again, independently of the code."""
    row, actor = case_here(scene, someone.node), someone.actor
    if row is None or actor is None:
        return False
    if actor.kind is ActorKind.APPLICANT:
        return actor.applicant == row.applicant
    here = scene.world[someone.node]
    # A county's supervisors see what was taken in there, and what their county's node takes in or decides.
    supervised = (
        Permission.CASE_SUPERVISE in actor.permissions
        and actor.supervises
        and (
            row.number.startswith(actor.supervises)
            or (
                here.config.division.startswith(actor.supervises)
                and here.fingerprint in (row.intake_node, row.handling_node)
            )
        )
    )
    # Of the own organisation, only who has to do with cases; who keeps the archive, what has come to its end. A centre watches
    # over its bureaux, and its windows have nothing to do with what they handle.
    works = any(word.startswith("case.") for word in actor.permissions)
    keeps = Permission.ARCHIVE_DESTROY in actor.permissions and not row.live
    handles = actor.organisation in (row.intake_org, row.handling_org)
    watches = Permission.CASE_SUPERVISE in actor.permissions
    here_too = actor.organisation in places(row) and ((works and (handles or watches)) or keeps)
    return here_too or bool(supervised)


def places(row: Case) -> set[str]:
    return {row.intake_org, row.intake_centre, row.handling_org, row.handling_centre}


def may_act(act: Act) -> Callable[[Scene, Who], bool]:
    rule = RULES[act]

    def allowed(scene: Scene, someone: Who) -> bool:
        actor, row = someone.actor, case_here(scene, someone.node)
        # What is redacted is named to who keeps the archive, who need not see the case for it.
        if actor is None or row is None or not (sees(scene, someone) or act == Act.REDACT):
            return False
        if actor.kind is ActorKind.APPLICANT:
            return rule.applicant
        permission = Permission.CASE_REVIEW if act == Act.REVIEW else rule.permission
        bound = [(row.intake_org, row.intake_centre), (row.handling_org, row.handling_centre)]
        at = bound if rule.role is None else [bound[rule.role == Role.HANDLING]]
        oversees = rule.overseers and bool(actor.supervises)
        return permission in actor.permissions and (
            oversees or any(actor.organisation in place for place in at)
        )

    return allowed


def anybody(scene: Scene, someone: Who) -> bool:
    return True


def signed_in(scene: Scene, someone: Who) -> bool:
    return someone.actor is not None


def has(*permissions: Permission) -> Callable[[Scene, Who], bool]:
    return lambda scene, someone: bool(someone.actor and someone.actor.permissions & set(permissions))


def may_file(scene: Scene, someone: Who) -> bool:
    actor = someone.actor
    return actor is not None and (
        actor.kind is ActorKind.APPLICANT or Permission.CASE_FILE in actor.permissions
    )


def owns_draft(scene: Scene, someone: Who) -> bool:
    return someone.node == INTAKE and bool(someone.actor) and someone.actor.applicant == owner_of(scene)


def owner_of(scene: Scene) -> str:
    row = case_here(scene, INTAKE)
    assert row
    return row.applicant


def may_read(scene: Scene, someone: Who) -> bool:
    actor, row = someone.actor, case_here(scene, someone.node)
    if not sees(scene, someone) or actor is None or row is None:
        return False
    return actor.kind is ActorKind.APPLICANT or (
        Permission.CASE_CONTENT in actor.permissions
        and actor.organisation in (row.intake_org, row.handling_org)
    )


def may_list_contents(scene: Scene, someone: Who) -> bool:
    """Who supervises is told what offices wrote, which here is nothing, and never what was handed in."""
    actor = someone.actor
    watches = actor is not None and Permission.CASE_SUPERVISE in actor.permissions
    return may_read(scene, someone) or (watches and sees(scene, someone))


def may_ask_who_looked(scene: Scene, someone: Who) -> bool:
    """Whose case it is, and who watches over it: not everybody who may see it."""
    actor = someone.actor
    return (
        sees(scene, someone)
        and actor is not None
        and (actor.kind is ActorKind.APPLICANT or Permission.CASE_SUPERVISE in actor.permissions)
    )


def may_supplement(scene: Scene, someone: Who) -> bool:
    actor, row = someone.actor, case_here(scene, someone.node)
    if not sees(scene, someone) or actor is None or row is None:
        return False
    window = {Permission.CASE_RECEIVE, Permission.CASE_ANSWER} & actor.permissions
    return actor.kind is ActorKind.APPLICANT or (
        bool(window) and actor.organisation in (row.intake_org, row.intake_centre)
    )


def applies(scene: Scene, someone: Who) -> bool:
    return someone.actor is not None and someone.actor.kind is ActorKind.APPLICANT


def holds_case(scene: Scene, someone: Who) -> bool:
    return case_here(scene, someone.node) is not None


def may_answer_for_elsewhere(scene: Scene, someone: Who) -> bool:
    # A node is no peer of itself.
    return has(Permission.CASE_ANSWER)(scene, someone) and someone.node != INTAKE


def nobody(scene: Scene, someone: Who) -> bool:
    return False


def may_complain(scene: Scene, someone: Who) -> bool:
    actor = someone.actor
    return actor is not None and (actor.kind is ActorKind.APPLICANT or TAKE in actor.permissions)


type Allowed = Callable[[Scene, Who], bool]
MAY: dict[str, Allowed] = {
    "sign_in_staff": anybody, "sign_in_applicant": anybody, "sign_in_second": anybody, "current": signed_in, "sign_out": signed_in,
    # An account of one's own, of applicants only.
    **dict.fromkeys(("show_account", "show_closing", "change_telephone", "change_login", "copy_data", "close_account"), applies),
    # A session ends by its name alone, which a case has none of.
    "list_sessions": signed_in, "end_other_sessions": signed_in, "end_session": nobody,
    "list_offerings": anybody, "show_offering": anybody, "list_organisations": anybody, "list_windows": anybody,
    "explain_deadline": anybody, "look_up": holds_case, "list_agreements": signed_in,
    "list_peers": has(Permission.PEERS_MANAGE, Permission.CASE_SUPERVISE), "send_answer": may_answer_for_elsewhere,
    "open_draft": may_file, "list_drafts": signed_in, "show_draft": owns_draft, "save_form": owns_draft,
    "discard_draft": owns_draft,
    "add_material": owns_draft, "remove_material": owns_draft, "file_draft": owns_draft,
    "submit_case": may_file,
    "list_cases": signed_in, "show_case": sees, "show_timeline": sees, "show_receipt": sees,
    # Of every procedure alike; a case's acts are its own, so what names none finds none.
    "list_matters": signed_in, "show_matter": sees, "tell_matter": sees, "sign_for_matter": sees,
    "list_looks": may_ask_who_looked,
    "list_matter_contents": may_list_contents, "show_matter_content": may_read, "do_to_matter": nobody, "open_matter": may_complain,
    "list_contents": may_list_contents, "show_content": may_read, "add_supplement": may_supplement,
    "remove_supplement": may_supplement, "list_duties": signed_in, "list_mirrors": signed_in,
    **{
        f"do_{act}": may_act(act)
        for act, rule in RULES.items()
        if (rule.permission or rule.applicant) and act not in ELSEWHERE
    },
}  # fmt: skip

VALUES: dict[str, Any] = {
    "method": "id_card", "procedure": "hearing", "way": "window", "outcome": "granted", "step": "review",
    "duties": [], "duty": "", "under": "保管期限届满", "events": [f"sm3:{'0' * 64}"],
    "ground": "expired", "colleague": "", "asked": ["material:photo"], "about": "", "contact": "phone",
    "service": "direct", "served_on": "2026-03-02",
    "promise": {"about": "handling/1.99.0", "until": "2026-03-10"},
}  # fmt: skip


def operations() -> dict[str, tuple[str, str]]:
    """Return every operation of the contract: id → (method, path)."""
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    found = {
        one["operationId"]: (method, path) for path, ways in paths.items() for method, one in ways.items()
    }
    assert len(found) == sum(len(ways) for ways in paths.values()), "two operations share a name"
    return found


def body_of(name: str, scene: Scene, someone: Who) -> Any:
    """Return a body that is not what the request fails by."""
    world = scene.world
    offering = world[HANDLING].offering(stories.PROXY)
    if name.startswith("do_") and name != "do_to_matter":
        rule, row = RULES[Act(name.removeprefix("do_"))], case_here(scene, someone.node)
        side = "intake" if someone.node == INTAKE else "handling"
        given = {field: VALUES[field] for field in rule.given if field in VALUES}
        # A duty that is not open, of the side that is asked: another's is not theirs to answer for.
        given |= {
            field: named
            for field, named in (
                ("duties", [f"{side}/1.99.0"]),
                ("duty", f"{side}/1.99.0"),
                ("about", f"{side}/1.99.0"),
            )
            if field in given
        }
        return {
            "version": row.version if row else 1,
            **given,
            **dict.fromkeys(set(rule.content) - MADE, "理由"),
        }
    bodies: dict[str, Any] = {
        "sign_in_staff": {"username": "x"}, "sign_in_applicant": {"login": "x"}, "open_draft": {"offering": offering},
        "change_telephone": {"telephone": "x", "password": demo.PASSWORD}, "change_login": {"login": "", "password": demo.PASSWORD},
        "copy_data": {"password": demo.PASSWORD}, "close_account": {"password": demo.PASSWORD},
        "look_up": {"number": scene.number, "proof": hidden.MOBILE[-4:]},
        "save_form": {"form": {}}, "file_draft": {"mode": "PROXY_INTAKE"},
        "submit_case": {"offering": offering, "mode": "PROXY_INTAKE", "form": {}},
        "add_material": front.one_file("photo", "x.png", stories.PNG),
        "add_supplement": front.one_file("photo", "x.png", stories.PNG),
        "open_matter": {"procedure": "complaint", "values": {"mode": "centre", "against": "handling", "complaint": "排队太久"}},
        "do_to_matter": {"version": 1},
        "send_answer": Files(
            {"case": scene.number, "intake": world[INTAKE].fingerprint, "code": "x", "seen": "id_card", "codes": ["photo"]},
            {"files": [("x.png", stories.PNG)]},
        ),
    }  # fmt: skip
    return bodies.get(name)


def path_of(name: str, path: str, scene: Scene, someone: Who) -> str:
    number = scene.draft if "/drafts/" in path else scene.number
    if name == "discard_draft" and owns_draft(scene, someone) and someone.actor is not None:
        number = hidden.draft(scene.world, someone.actor, files=False)  # one to lose
    digest = scene.form
    if name == "remove_material":
        # A file to take away, so that "no such material" is never mistaken for "not yours".
        with scene.world.on(INTAKE):
            actor = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=owner_of(scene))
            guide = catalogue.current_guide(scene.world[HANDLING].offering(stories.PROXY)).body
            digest = materials.add_material(
                number=number, code="photo", name=f"{uuid.uuid4()}.png", data=stories.PNG, by=actor,
                at=scene.world.at, guide=guide,
            ).digest  # fmt: skip
    query = {
        "list_organisations": "?division=341723", "list_windows": "?division=341723",
        "explain_deadline": "?start=2026-03-02&n=5",
    }.get(name, "")  # fmt: skip
    code = scene.world[HANDLING].offering(stories.PROXY)
    return path.format(number=number, digest=digest, code=code, act="look", session="0" * 16) + query


THIRD = pytest.mark.prove("every operation by everybody of a county that has nothing to do with the case")
EVERYBODY = [
    pytest.param(node, role, id=f"{node}-{role}", marks=[] if node in (INTAKE, HANDLING) else [THIRD])
    for node in COUNTIES
    for role in roles_of(node)
]


@pytest.mark.attack("A3")
@pytest.mark.parametrize(("node", "role"), EVERYBODY)
@pytest.mark.attack("A6")
def test_only_those_who_may_do_it_get_through(scene: Scene, node: str, role: str) -> None:
    someone = who(scene, node, role)
    someone.caller.address = f"10.2.{list(COUNTIES).index(node)}.{roles_of(node).index(role)}"
    if someone.actor is not None:
        lists_show_nothing_else(scene, someone)
    wrong = []
    may_know = owns_draft(scene, someone) or may_read(scene, someone)
    # Signing out comes last: it works. Closing an account does too, where nothing of theirs is going on.
    last = ("close_account", "sign_out")
    for name, (method, path) in sorted(
        operations().items(), key=lambda one: one[0] in last and last.index(one[0]) + 1
    ):
        allowed, where = MAY[name](scene, someone), path_of(name, path, scene, someone)
        before = hidden.state_of(scene.world, node)
        answer = someone.caller.call(method.upper(), where, body_of(name, scene, someone))
        text = answer.taken.decode(errors="ignore")
        through = answer.status_code not in REFUSED
        if through != allowed or answer.status_code >= 500:
            wrong.append((name, "may" if allowed else "may not", answer.status_code, text[:200]))
        if not through and hidden.state_of(scene.world, node) != before:
            wrong.append((name, "was refused", answer.status_code, "and something changed"))
        wrong += [
            (name, "was told", answer.status_code, one)
            for one in hidden.SECRETS
            if one in text and not may_know
        ]
        if name == "close_account" and answer.status_code == 204:
            break  # who has no account any more has nothing left to sign out of
    assert not wrong


def lists_show_nothing_else(scene: Scene, someone: Who) -> None:
    assert someone.actor is not None
    cases = {one["number"] for one in someone.caller.get("/cases").json()["cases"]}
    told = someone.caller.get("/duties/mirrors").json()["duties"]
    # What others of this test have complained of comes and goes.
    mirrors = {one["matter"] for one in told if one["procedure"] == "case"}
    held = {one["organisation"] for one in someone.caller.get("/duties").json()["duties"]}
    assert cases == ({scene.number} if sees(scene, someone) else set())
    assert mirrors <= cases
    # Search finds items, never people; and what one finds of drafts is one's own.
    searched = someone.caller.get(f"/offerings?q={hidden.NAME}").content.decode()
    assert not [one for one in (scene.number, scene.draft, *hidden.SECRETS) if one in searched]
    drafts = {one["number"] for one in someone.caller.get("/drafts").json()}
    assert drafts & {scene.draft} == ({scene.draft} if owns_draft(scene, someone) else set())
    assert held <= {someone.actor.organisation}


def test_every_address_is_known_to_a_test() -> None:
    """What is not in the contract is listed here, and tested in test_exchange.py and test_operations.py."""
    others = {str(one.pattern) for one in get_resolver("tongban.assembly.urls").url_patterns} - {"api/"}
    # "" are the pages, which tests/web visits.
    assert others == {
        "exchange/v1/card", "exchange/v1/messages", "healthz", "readyz", "metrics", "",
        "api/openapi.json", ".well-known/security.txt",
    }  # fmt: skip
    assert set(MAY) == set(operations())
