"""
Everybody goes where their role may go and the errand did not lead them, by the addresses that others came to.

The errand shows how pages hang together; a round shows that each also opens for whoever else is let in.
"""

from django.urls import resolve, reverse

from tests.browser.chromium import Somebody
from tests.browser.roles import due, may_open, routes
from tests.browser.seen import Visit

BUSY, PATIENT = 503, 5
WITH, BACK = "web:sign-in-with", "web:sign-in-back"
# Pages that a number alone leads to: each goes there with a number they have read, so these come last.
OF_A_CASE = {"web:case-note", "web:case-write"}
OF_A_NUMBER = {"web:claims-hand-over", "web:claims-relieve", "web:supervision-answer"} | OF_A_CASE
EXPORTS = {"web:case-export", "web:counter-book-export", "web:supervision-export"}
OF_AN_END = {"web:archive-file"}
CASE_READ_AT = {"web:counter-case", "web:officer-case"}
READ_AT = {"web:supervised-case", "web:desk-matter"} | CASE_READ_AT


def go_round(me: Somebody, ended: str) -> None:
    """
    Open every page that is due; at last leave through the provider's door, which makes an applicant of anybody.

    `ended` is the number of a case that has ended on both nodes.
    """
    for route in sorted(due(me.role) - {WITH, BACK}, key=lambda one: (one in OF_A_NUMBER, one)):
        known = [one for one in me.seen.shown() if one.route == route and may_open(me.role, route, one.path)]
        if any(visit.role == me.role for visit in known):
            continue
        if not routes()[route].pattern.converters:
            me.open(reverse(route))
        elif route in OF_A_NUMBER | OF_AN_END:
            read_at = CASE_READ_AT if route in OF_A_CASE else READ_AT
            me.open(reverse(route, args=[ended if route in OF_AN_END else number_read_by(me, read_at)]))
        elif route in EXPORTS:
            me.take(reverse(route, args=["xlsx"]))
        elif known:
            visit(me, known)
    come_in_with(me, "Authorize as u-1001")


def number_read_by(me: Somebody, pages: set[str]) -> str:
    """Return the number of a matter that somebody has read on one of these pages of this node."""
    mine = (me.node.built.node.name, me.role)
    return next(
        str(resolve(one.path).kwargs["number"])
        for one in me.seen.shown()
        if (one.node, one.role) == mine and one.route in pages
    )


def visit(me: Somebody, known: list[Visit]) -> None:
    """Go where somebody else came to, rather one of this node."""
    there = max(known, key=lambda one: one.node == me.node.built.node.name)
    if there.taken:
        me.take(there.path)
    else:
        me.open(there.path)


def come_in_with(me: Somebody, answer: str, *, status: int = 200) -> None:
    """Go to the identity provider, press a button there, and come back; once more where it was too busy to answer."""
    # Its page wants a style sheet from far away.
    me.page.route("https://**", lambda route: route.abort())
    for _ in range(PATIENT):
        me.page.goto(f"{me.node.built.url}/sign-in/with/mock/")
        if me.status != BUSY:
            with me.page.expect_navigation(url=f"{me.node.built.url}/**"):
                me.page.get_by_role("button", name=answer).click()
        if me.status != BUSY:
            break
    me.page.unroute("https://**")
    me.look(status=status)
