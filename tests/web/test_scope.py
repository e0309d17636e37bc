"""
Every page × role × place: who gets through stands in one table, which a reader can check without reading the pages.

A page that is not in the table fails the test: somebody has to say who may use it.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, reverse

from tests import hidden, stories
from tests.api.front import show_time
from tests.hidden import IDNO, NAME, SECRETS, shapes, state_of
from tests.stories import PNG
from tests.web.browser import Browser
from tests.web.test_desk_scope import DESK
from tests.web.who_may import (
    ACTS,
    APPLICANTS,
    BY_CODE,
    CASE,
    EVERYBODY,
    LETTER_PAGES,
    LISTED,
    MAY_PRINT,
    OTHER_CASE,
    OWNER,
    PAGES,
    READERS,
    UPLOADS,
    WHO_ACTS,
    May,
    Person,
)  # fmt: skip
from tests.world import World
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.models import Applicant
from tongban.accounts.models import Person as Member
from tongban.cases import checklist, commands
from tongban.cases.checklist import Answer, Checked
from tongban.cases.models import Case
from tongban.cases.words import Act, Mode
from tongban.catalogue import queries as catalogue
from tongban.kernel.journal import writer as journal
from tongban.materials import commands as materials
from tongban.materials.models import Draft, Material
from tongban.procedures.models import Consultation
from tongban.web import unfinished
from tongban.web.urls import urlpatterns

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once("the conditions are those of the API, whose matrix asks both"),
]

CONSULTED = {
    "consulted-case",
    "consulted-file",
}  # what names people to a supervisor, while they consult the case
ITEM, OFFICE = "社会保障卡", "嘉善县人力资源和社会保障局"


# ------------------------------------------------------------------ the scene
@dataclass
class Scene:
    """A case under way between two of three counties, another one, and open drafts."""

    world: World
    number: str
    other: str
    draft: str
    window_draft: str
    form: str
    photo: str
    digests: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def scene(standing_counties: World) -> Scene:
    world = standing_counties
    with world.on("qingyang"):
        owner = accounts.actor_for_applicant(
            applicant=Applicant.objects.order_by("pk")[0], channel=Channel.WEB
        )
    clerk = world["qingyang"].staff("window")
    number = hidden.draft(world, owner)
    with world.on("qingyang"):
        commands.file(number=number, mode=Mode.PROXY_INTAKE, by=owner, at=world.at)
    checked = Checked({"ask-1": Answer.OK}, (), {})
    stories.do(world, "qingyang", number, Act.RECEIVE, clerk, texts={checklist.LABEL: checked.to_text()})
    stories.do(world, "qingyang", number, Act.CHECK_IDENTITY, clerk, given={"method": "id_card"})
    stories.do(world, "qingyang", number, Act.GIVE_NOTICE, clerk, texts={"notice": "请补交一张照片"})
    stories.do(world, "qingyang", number, Act.SUPPLEMENT, owner, texts=stories.BROUGHT)
    stories.do(world, "qingyang", number, Act.PASS_REVIEW, clerk)
    stories.do(world, "qingyang", number, Act.FORWARD, clerk)
    other = stories.forwarded(world, intake="third", template=stories.LICENSING)
    stories.do(world, "jiashan", number, Act.ACKNOWLEDGE, stories.officer(world, number))
    world.settle()
    with world.on("qingyang"):
        form = str(journal.events_of(number)[0].content[0]["digest"])
        photo = str(journal.events_of(number)[0].content[1]["digest"])
    mine = hidden.draft(world, owner, files=False)
    begun = hidden.draft(world, clerk)
    with world.on("qingyang"):
        page = Material.objects.filter(number=begun, media_type="image/png").values_list("digest", flat=True)[
            0
        ]
    return Scene(world, number, other, mine, begun, form, photo, {"window": page})


def somebody(scene: Scene, person: Person) -> Browser:
    """Sign somebody in, through the page; or nobody."""
    node, role = person
    browser = Browser(scene.world, node).open("/sign-in/")
    if role == "nobody":
        return browser
    letters = COUNTIES[node].letters
    is_applicant = person in APPLICANTS
    login = COUNTIES[node].applicants[int(role[-1]) - 1][0] if is_applicant else role
    who = "applicant" if is_applicant else "staff"
    browser.sign_in(f"{letters}-{login}", who=who)
    assert browser.status == 200, browser.words
    return browser


# ------------------------------------------------------------------ the requests
@dataclass
class Asked:
    """One request and its answer."""

    name: str
    method: str
    url: str
    may: May | None
    answer: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.url} → {self.answer.status_code}"


def requests(scene: Scene, person: Person, pages: Iterable[str] = (*PAGES, *ACTS)) -> Iterator[Asked]:
    """Return every page by every method, and for acts every act; or those of these pages."""
    for name, row in ((name, PAGES[name]) for name in pages if name in PAGES):
        for url in addresses(scene, person, name):
            get = row.get
            if get and name in LETTER_PAGES:
                get = get._replace(power=MAY_PRINT[url.rpartition("/")[2].removesuffix(".pdf")])
            yield Asked(name, "get", url, get)
            yield Asked(name, "post", url, row.post)
    for name, (acts, get, post) in ((name, ACTS[name]) for name in pages if name in ACTS):
        # Whoever may not open the page at all is tried with one act; the others with each.
        near = person in post.posts & post.place
        for act in acts if near else acts[:1]:
            url = reverse(f"web:{name}", args=[scene.number, act])
            power = post.power if name == "my-case-act" else WHO_ACTS[act]
            yield Asked(name, "get", url, get)
            yield Asked(name, "post", url, post._replace(power=power))


def addresses(scene: Scene, person: Person, name: str) -> list[str]:
    offering = scene.world["jiashan"].offering(stories.PROXY)
    if name in ("draft-discard", "counter-discard"):
        return [reverse(f"web:{name}", args=[one_to_lose(scene, person, name)])]
    draft = scene.window_draft if name == "counter-draft" else scene.draft
    with scene.world.on("jiashan"):
        officer = Member.objects.get(username="js-hrss").pseudonym
    values: dict[str, list[Any]] = {
        "managers-person": [officer], "item": [offering], "item-form": [offering], "item-example": [offering],
        "sign-in-with": ["none"], "sign-in-back": ["none"],
        "look-alarm-close": [999], "start": [offering], "counter-take": [offering], "draft-step": [draft, 1],
        "counter-thumbnail": [scene.window_draft, scene.digests["window"]], "case-export": ["csv"], "counter-book-export": ["csv"],
        "supervision-export": ["csv"],
        "help-section": ["first-day"],
        "draft-material": [draft, scene.digests.get("draft", f"sm3:{'0' * 64}")],
    }  # fmt: skip
    if name in LETTER_PAGES:
        return [reverse(f"web:{name}", args=[scene.number, kind]) for kind in MAY_PRINT]
    if name == "lookup-letter":
        return [reverse("web:lookup-letter", args=["acceptance"])]
    if name == "my-case-letter":
        return [reverse(f"web:{name}", args=[scene.number, "notice"])]
    if name in ("my-case-content", "counter-content", "officer-file", "consulted-file"):
        return [reverse(f"web:{name}", args=[scene.number, digest]) for digest in (scene.form, scene.photo)]
    if name == "lookup":
        return [reverse("web:lookup") + f"?number={scene.number}"]
    if name in ("items", "counter"):
        # Search finds items, never people.
        return [
            reverse(f"web:{name}"),
            reverse(f"web:{name}") + f"?q={NAME}",
            reverse(f"web:{name}") + f"?q={IDNO}",
        ]
    if name in values:
        return [reverse(f"web:{name}", args=values[name])]
    takes = route_of(name).count("<")
    number = draft if name.startswith(("draft", "counter-draft")) else scene.number
    return [reverse(f"web:{name}", args=[number] * takes)]


def one_to_lose(scene: Scene, person: Person, name: str) -> str:
    """Return a draft to give up: one of their own for whoever may, else the one that must stay."""
    if person not in PAGES[name].post.posts & PAGES[name].post.place:  # type: ignore[union-attr]
        return scene.window_draft if name == "counter-discard" else scene.draft
    with scene.world.on("qingyang"):
        row = Draft.objects.get(number=scene.draft)
    owner = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant=row.applicant)
    return hidden.draft(
        scene.world, owner if person in OWNER else scene.world["qingyang"].staff("window"), files=False
    )


def route_of(name: str) -> str:
    return next(str(one.pattern) for one in urlpatterns if one.name == name)


def body(scene: Scene, person: Person, asked: Asked) -> dict[str, Any]:
    """Return what is not what the request fails by; whoever may act acts on a version long gone, so nothing moves."""
    with scene.world.on(person[0]):
        case = Case.objects.filter(number=scene.number).first()
    may_act = asked.may is not None and person in asked.may.posts & asked.may.place & asked.may.power
    common = {
        "version": str(1 if may_act or case is None else case.version),
        "note": "说明",
        "duty": "intake/1.1.0",
    }
    acts = {
        "method": "id_card", "same": "1", "evidence": IDNO,
        "way": "signature", "proof": "某人", "notice": "内容", "reason": "理由", "remark": "说明", "opinion": "意见",
        "contact": "phone", "reached": "说明",
        "procedure": "hearing", "outcome": "granted", "decision": "决定", "result": "结果", "reply": "答复",
        "wrong-material-photo": "模糊", "wanted-material-photo": "重拍", "sure": "1",
    }  # fmt: skip
    if asked.url.endswith(f"/{Act.SEND_RESULT}/"):
        acts["way"] = "electronic"
    if "act" in asked.name.split("-"):
        return common | acts
    own: dict[str, dict[str, Any]] = {
        "draft-materials": {"code": "photo", "file": SimpleUploadedFile("x.png", PNG)},
        "draft-material-remove": {"digest": scene.digests.get("draft", "")},
        "my-case-materials": {"code": "photo", "file": SimpleUploadedFile("x.png", PNG)},
        "counter-materials": {"code": "photo", "file": SimpleUploadedFile("x.png", PNG)},
        "lookup": {"number": scene.number, "proof": hidden.MOBILE[-4:]},
        "find": {"q": NAME[:2], "why": "work"},
        "start": {}, "password": {}, "shift": {}, "sign-in": {"who": "staff", "name": "", "password": ""},
    }  # fmt: skip
    return own.get(asked.name, common)


def ask(scene: Scene, browser: Browser, person: Person, asked: Asked) -> Asked:
    show_time(scene.world)
    token = browser.client.cookies[settings.CSRF_COOKIE_NAME].value
    headers = {"X-CSRFToken": token, "referer": "http://testserver/"}
    sent = body(scene, person, asked) if asked.method == "post" else None
    with scene.world.on(person[0]):
        asked.answer = getattr(browser.client, asked.method)(asked.url, sent, headers=headers)
    return asked


# ------------------------------------------------------------------ what is asked of the answers
def wanted(person: Person, asked: Asked) -> set[int] | None:
    """Return the statuses of a refusal; None: they get through."""
    may = asked.may
    if may is None:
        return {302, 403, 405}
    if person not in may.posts:
        return {302} if person[1] == "nobody" else {403}
    if person not in may.place:
        return {401} if asked.name in BY_CODE else {404}
    # The window's checklist is asked for before anything else.
    return None if person in may.power else {403, 422} if asked.url.endswith(f"/{Act.RECEIVE}/") else {403}


def verdict(asked: Asked, person: Person) -> str:
    answer, refusals = asked.answer, wanted(person, asked)
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/?next=")
    if asked.may is None and asked.method == "get":
        # The page of the form decides for itself.
        return "" if answer.status_code in (302, 403) else "is no page, and answers"
    if refusals is None:
        # Who sends nothing to the sign-in page is not let in by it.
        refused = answer.status_code in (401, 403, 404, 405) and asked.name != "sign-in"
        return "may, and was refused" if refused or to_sign_in or answer.status_code >= 500 else ""
    if answer.status_code not in refusals or (answer.status_code == 302 and not to_sign_in):
        return f"may not, and {refusals} was expected"
    return ""


def told(scene: Scene, person: Person, asked: Asked) -> list[str]:
    """Return what the answer tells somebody who has no right to know it."""
    text = asked.answer.content.decode(errors="ignore") + str(asked.answer.headers)
    kept: list[str] = [*shapes(scene.other)] if person not in OTHER_CASE else []
    if person not in OWNER | (READERS & CASE):
        kept += SECRETS
    if person not in OWNER | CASE and asked.name not in (
        "lookup",
        "item",
        "items",
        "start",
        "counter",
        "counter-take",
    ):
        # The number that they sent themselves comes back; nothing else of the case does.
        kept += [ITEM, OFFICE] if scene.number in asked.url else shapes(scene.number)
    if person not in OWNER:
        kept += shapes(scene.draft) if scene.draft not in asked.url else [ITEM]
    # What they typed themselves comes back.
    return [one for one in kept if one in text and one not in unquote(asked.url)]


def fresh_file(scene: Scene) -> None:
    """Give the owner's draft a file to look at and to take back."""
    with scene.world.on("qingyang"):
        row = Draft.objects.get(number=scene.draft)
        owner = accounts.actor_for_applicant(
            applicant=Applicant.objects.order_by("pk")[0], channel=Channel.WEB
        )
        guide = catalogue.current_guide(row.offering).body
        added = materials.add_material(
            number=row.number, code="photo", name=f"{len(scene.digests)}-{scene.world.at}.png", data=PNG, by=owner,
            at=scene.world.at, guide=guide,
        )  # fmt: skip
    scene.digests["draft"] = added.digest


# ------------------------------------------------------------------ the tests
OF_A_CASE = ("my-case", "counter-case", "officer-case", "officer-file")


def test_every_page_is_in_the_table() -> None:
    every = {str(one.name) for one in urlpatterns if isinstance(one, URLPattern)}
    # The desk's pages are the same for every procedure, and asked of each in `test_desk_scope`.
    assert every == set(PAGES) | set(ACTS) | set(UPLOADS) | DESK


def test_every_address_that_only_takes_something_knows_its_page() -> None:
    """Who signs in again, or reloads, is led to a page, never to an address that only takes something."""
    only = {name for name, row in PAGES.items() if row.get is None}
    only |= {name for name, (_, get, _post) in ACTS.items() if get is None} | {"desk-claim"}
    assert set(unfinished.FORM_STANDS_ON) == only


@pytest.mark.parametrize("person", sorted(EVERYBODY), ids="-".join)
def test_lists_and_counts_hold_only_what_one_may_see(scene: Scene, person: Person) -> None:
    browser = somebody(scene, person)
    for page, (case, other) in LISTED.items():
        browser.open(reverse(f"web:{page}"))
        expected = {number for number, who in ((scene.number, case), (scene.other, other)) if person in who}
        if browser.url.partition("?")[0] != reverse(f"web:{page}"):
            assert not expected, page  # led elsewhere, or to sign in
            continue
        shown = [number for number in (scene.number, scene.other) if shapes(number)[2] in browser.text]
        assert set(shown) == expected, page
        counted = [
            int(n)
            for n in re.findall(
                r"共 (\d+) 项|在办事项</dt><dd class=\"num\"><a href=\"/supervision/\">(\d+)", browser.text
            )
            for n in n
            if n
        ]
        lines = len(re.findall(r'<tr[^>]*><th scope="row">(?:<label.*?</label> )?<a ', browser.text))
        assert set(counted) <= {lines}, page
        if page == "supervision" and browser.status == 200:
            tables = [
                int(n)
                for n in re.findall(
                    r'<th scope="row" class="cut">.*?</th><td class="num"[^>]*>(\d+)<', browser.text
                )
            ]
            assert sum(tables) == 4 * lines  # by holder, item, places and month


@pytest.fixture
def quiet() -> Iterator[None]:
    """Let nobody keep the lines about a thousand refusals."""
    logger = logging.getLogger("django.request")
    logger.disabled = True
    yield
    logger.disabled = False


@pytest.fixture
def consulting_the_case(scene: Scene) -> Iterator[Browser]:
    """A supervisor who consults the case, and nobody does any more afterwards."""
    browser = somebody(scene, ("jiashan", "supervisor")).open(
        reverse("web:supervision-consult", args=[scene.number])
    )
    browser.send({"ground": "spot_check", "reason": "抽查所交材料与受理通知书是否一致"}, to="/consult/")
    assert browser.url == reverse("web:consulted-case", args=[scene.number])
    yield browser
    with scene.world.on("jiashan"):
        Consultation.objects.all().delete()


@pytest.mark.attack("A3")
@pytest.mark.usefixtures("quiet")
def test_a_consultation_tells_who_it_is_on_its_own_pages_alone(
    scene: Scene, consulting_the_case: Browser
) -> None:
    person = ("jiashan", "supervisor")
    tell = {
        asked.name
        for asked in requests(scene, person)
        if asked.method == "get" and told(scene, person, ask(scene, consulting_the_case, person, asked))
    }
    assert tell == CONSULTED
    colleague = ("jiashan", "office")
    browser = somebody(scene, colleague)
    for name in CONSULTED:
        for url in addresses(scene, colleague, name):
            asked = Asked(name, "get", url, PAGES[name].get)
            assert not told(scene, colleague, ask(scene, browser, colleague, asked)), asked


def faults_of(scene: Scene, person: Person, every: Iterable[Asked]) -> list[str]:
    """Ask for all of it as somebody, signed in for it; return what is wrong with the answers."""
    browser = somebody(scene, person)
    wrong = []
    before = state_of(scene.world, person[0])
    for asked in every:
        ask(scene, browser, person, asked)
        after = state_of(scene.world, person[0])
        faults = [verdict(asked, person), *told(scene, person, asked)]
        if wanted(person, asked) is not None and after != before:
            faults.append("something changed")
        before = after
        wrong += [f"{asked}: {fault}" for fault in faults if fault]
    return wrong


@pytest.mark.prove("every page × role × place")
@pytest.mark.attack("A3")
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("person", sorted(EVERYBODY), ids="-".join)
@pytest.mark.attack("A6")
def test_only_those_who_may_get_through(scene: Scene, person: Person) -> None:
    if person in OWNER:
        fresh_file(scene)
    # Handing over and signing out come last: they end the session.
    last = {("hand-over", "post"): 1, ("sign-out", "post"): 2}
    every = sorted(requests(scene, person), key=lambda one: last.get((one.name, one.method), 0))
    wrong = faults_of(scene, person, every)
    assert not wrong, "\n".join(wrong)


@pytest.mark.attack("A3", "A6")
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("person", sorted(EVERYBODY), ids="-".join)
def test_the_pages_of_a_case_are_for_whom_they_are_for(scene: Scene, person: Person) -> None:
    """The sample of the gate: the pages that tell most, and the acts on them."""
    wrong = faults_of(scene, person, requests(scene, person, OF_A_CASE))
    assert not wrong, "\n".join(wrong)
