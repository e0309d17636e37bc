"""Every page × role × place again, asked as htmx asks: parts are for whom the pages are for, and tell no more."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.web.browser import Browser
from tests.web.test_scope import Asked, Scene, fresh_file, quiet, requests, scene, somebody, told
from tests.web.who_may import EVERYBODY, OWNER, Person

__all__ = ["quiet", "scene"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once("the conditions are those of the API, whose matrix asks both"),
]
SIGN_IN = "/sign-in/?next="


def looked_at(scene: Scene, person: Person) -> Iterator[Asked]:
    """Return every page that can be looked at."""
    for asked in requests(scene, person):
        if asked.method == "get":
            yield asked


def alike(plain: Any, part: Any) -> bool:
    """Return whether htmx is answered what a browser is: a page's part, the same refusal, or the way elsewhere."""
    if plain.status_code != 302:
        return bool(part.status_code == plain.status_code)
    place = plain.headers["Location"]
    if place.startswith((SIGN_IN, "/password/?next=")):
        # A sentence with the way there: the sign-in page itself never comes into the middle of another.
        return part.status_code in (401, 403) and part.headers["HX-Retarget"] == "#said"
    return part.status_code == 204 and part.headers["HX-Redirect"] == place


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("person", sorted(EVERYBODY), ids="-".join)
def test_parts_are_for_whom_the_pages_are_for(scene: Scene, person: Person) -> None:
    if person in OWNER:
        fresh_file(scene)
    browser = somebody(scene, person)
    wrong = []
    for asked in looked_at(scene, person):
        plain = browser._call("get", asked.url)
        asked.answer = browser.ask(asked.url)
        faults = [] if alike(plain, asked.answer) else [f"a browser was answered {plain.status_code}"]
        wrong += [f"{asked}: {fault}" for fault in [*faults, *told(scene, person, asked)]]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_done_for_who_only_says_so(scene: Scene) -> None:
    """The header is no way round the token."""
    browser: Browser = somebody(scene, next(iter(OWNER)))
    browser.client.cookies.pop(settings.CSRF_COOKIE_NAME)
    answer = browser._call("post", f"/drafts/{scene.draft}/steps/1/", {"keep": "1"}, {"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.headers["HX-Retarget"] == "#said"
