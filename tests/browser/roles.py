"""
Who is to go where: the routes as they are configured, the roles as a demo county fills them.

Nothing is listed here twice: a view says whom it admits, a post what it may do. So a page that is added, or a post
that is cut anew, has somebody sent there by itself.
"""

from functools import cache

from django.test import RequestFactory
from django.urls import URLPattern

from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.accounts.demo_counties import COUNTIES
from tongban.accounts.roster.standard_posts import STANDARD_POSTS
from tongban.web import designs, urls
from tongban.web.access import admits

NOBODY, APPLICANT = "nobody", "applicant"
# The lead office drafts guides of its own offerings, and a demo county's has none: it comes in, and its desk is empty.
OF_A_MATTER = frozenset(
    {
        "web:desk-matter",
        "web:desk-act",
        "web:desk-content",
        "web:desk-print",
        "web:claims-hand-over",
        "web:supervision-answer",
    }
)
# It watches over complaints, and reads none but those about the centre itself; the errand has no such complaint.
READS_NONE = frozenset({"county-office of county_office"})
EMPTY_DESKS = frozenset({"catalogue of lead"})
# It reads what waits for the centre, and in the errand nothing does that has a letter.
READS_WHAT_WAITS = frozenset({"window of service_centre"})
# A consultation is of who asked for it alone, and in the errand a supervisor does.
CONSULTS = frozenset({"supervisor of service_centre"})
CONSULTED = frozenset({"web:consulted-case", "web:consulted-file"})
# Nothing of the errand has been kept for as long as an archive keeps it; these are walked in tests/web/test_archive.py.
OF_LONG_AGO = frozenset({"web:archive-content"})
# No node of the errand lets staff in through a provider; these are walked in tests/signin, against one that does.
OF_STAFF_PROVIDERS = frozenset({"web:sign-in-post", "web:signed-out", "web:sign-out-with"})
# A session opens them by a code that goes to a telephone, and nodes of the errand have no gateway; tests/web/test_visiting.py looks.
OF_A_VISIT = frozenset({"web:lookup-case", "web:lookup-letter"})


@cache
def posts() -> dict[str, tuple[str, str]]:
    """Return, for each staff account of a whole county, its role: (kind of office, post)."""
    offices = COUNTIES["qingyang"].offices()
    return {login: (str(office.kind), post) for office in offices for login, post in office.staff}


def role_of(login: str) -> str:
    """Return the role of an account: two departments' officers are one, a township's window is another."""
    return " of ".join(reversed(posts()[login])) if login in posts() else APPLICANT


@cache
def actors() -> dict[str, Actor | None]:
    """Return every role there is, with somebody who has it."""
    found: dict[str, Actor | None] = {
        NOBODY: None, APPLICANT: Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB),
    }  # fmt: skip
    for login, (_kind, post) in posts().items():
        found[role_of(login)] = Actor(
            kind=ActorKind.STAFF, channel=Channel.DESK, permissions=STANDARD_POSTS[post].permissions
        )
    return found


def routes() -> dict[str, URLPattern]:
    return {f"web:{one.name}": one for one in urls.urlpatterns}


def is_page(route: str) -> bool:
    """Return whether a route answers to GET: asked in a way that none knows, each says which ways it does."""
    request = RequestFactory().generic("BREW", "/")
    # Who audits has a post in no demo county, so that each standard post is asked too.
    everybody = [actor for actor in actors().values() if actor]
    everybody += [
        Actor(kind=ActorKind.STAFF, channel=Channel.DESK, permissions=post.permissions)
        for post in STANDARD_POSTS.values()
    ]
    wanted = admits(routes()[route].callback)
    somebody = next(actor for actor in everybody if wanted is None or wanted.lets(actor))
    request.actor, request.refusal = somebody, None  # type: ignore[attr-defined]
    one = routes()[route]
    return "GET" in one.callback(request, **dict.fromkeys(one.pattern.converters, "")).headers["Allow"]


def may_see(role: str, route: str) -> bool:
    """Return whether a view admits a role; whoever has not signed in comes in where nobody in particular is asked for."""
    wanted, actor = admits(routes()[route].callback), actors()[role]
    return wanted is None or (actor is not None and wanted.lets(actor))


@cache
def pages() -> frozenset[str]:
    return frozenset(route for route in routes() if is_page(route))


def due(role: str) -> set[str]:
    """Return the pages that a role may see."""
    nothing_there = OF_A_MATTER if role in EMPTY_DESKS else frozenset()
    nothing_there |= {"web:desk-content"} if role in READS_NONE else frozenset()
    nothing_there |= {"web:officer-letter"} if role in READS_WHAT_WAITS else frozenset()
    nothing_there |= CONSULTED if role not in CONSULTS else frozenset()
    # A number leads to the page of who follows it, which is asked for by its own name.
    nothing_there |= OF_STAFF_PROVIDERS | OF_LONG_AGO | OF_A_VISIT | {"web:matter", "web:box-open"}
    return {route for route in pages() - nothing_there if may_see(role, route)}


def may_open(role: str, route: str, path: str) -> bool:
    """Return whether a desk's page that somebody else came to opens for a role: by whether its procedure is theirs at all."""
    if not route.startswith("web:desk-"):
        return True
    actor, design = actors()[role], designs.design_of(path.split("/")[2])
    if route == "web:desk-open":
        return design.opening is not None and design.opening.lets(actor)
    return design.lets(actor) and (route != "web:desk-content" or actor.may(design.of.reads))
