"""
Everybody goes where their role may go and the errand did not lead them, by the addresses that others came to.

The errand shows how pages hang together; a round shows that each also opens for whoever else is let in.
"""

from django.urls import reverse

from tests.browser.chromium import Somebody
from tests.browser.roles import due, may_open, routes
from tests.browser.seen import Visit

BUSY, PATIENT = 503, 5
WITH, BACK = "web:sign-in-with", "web:sign-in-back"


def go_round(me: Somebody) -> None:
    """Open every page that is due; at last leave through the provider's door, which makes an applicant of anybody."""
    for route in sorted(due(me.role) - {WITH, BACK}):
        known = [one for one in me.seen.shown() if one.route == route and may_open(me.role, route, one.path)]
        if any(visit.role == me.role for visit in known):
            continue
        if not routes()[route].pattern.converters:
            me.open(reverse(route))
        elif known:
            visit(me, known)
    come_in_with(me, "Authorize as u-1001")


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
