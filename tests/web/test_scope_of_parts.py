"""Every page × role × place again, asked as htmx asks: parts are for whom the pages are for, and tell no more."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings

from tests.web.browser import Browser
from tests.web.test_scope import OF_A_CASE, Asked, Scene, fresh_file, quiet, requests, scene, somebody, told
from tests.web.who_may import EVERYBODY, OWNER, Person

__all__ = ["quiet", "scene"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once("the conditions are those of the API, whose matrix asks both"),
]
SIGN_IN = "/sign-in/?next="


def alike(plain: Any, part: Any) -> bool:
    """Return whether htmx is answered what a browser is: a page's part, the same refusal, or the way elsewhere."""
    if plain.status_code != 302:
        return bool(part.status_code == plain.status_code)
    place = plain.headers["Location"]
    if place.startswith((SIGN_IN, "/password/?next=")):
        # A sentence with the way there: the sign-in page itself never comes into the middle of another.
        return part.status_code in (401, 403) and part.headers["HX-Retarget"] == "#said"
    return part.status_code == 204 and part.headers["HX-Redirect"] == place


def faults_of(scene: Scene, person: Person, every: Iterable[Asked]) -> list[str]:
    """Look at all that can be looked at, as a browser and as htmx; return what is wrong with the answers."""
    browser = somebody(scene, person)
    wrong = []
    for asked in (one for one in every if one.method == "get"):
        plain = browser._call("get", asked.url)
        asked.answer = browser.ask(asked.url)
        faults = [] if alike(plain, asked.answer) else [f"a browser was answered {plain.status_code}"]
        wrong += [f"{asked}: {fault}" for fault in [*faults, *told(scene, person, asked)]]
    return wrong


@pytest.mark.prove("every page × role × place, as htmx asks")
@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("person", sorted(EVERYBODY), ids="-".join)
def test_parts_are_for_whom_the_pages_are_for(scene: Scene, person: Person) -> None:
    if person in OWNER:
        fresh_file(scene)
    wrong = faults_of(scene, person, requests(scene, person))
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("person", sorted(one for one in EVERYBODY if one[0] == "jiashan"), ids="-".join)
def test_parts_of_a_case_are_for_whom_its_pages_are_for(scene: Scene, person: Person) -> None:
    """The sample of the gate: the pages that tell most, at one place."""
    wrong = faults_of(scene, person, requests(scene, person, OF_A_CASE))
    assert not wrong, "\n".join(wrong)


def test_nothing_is_done_for_who_only_says_so(scene: Scene) -> None:
    """The header is no way round the token."""
    browser: Browser = somebody(scene, next(iter(OWNER)))
    browser.client.cookies.pop(settings.CSRF_COOKIE_NAME)
    answer = browser._call("post", f"/drafts/{scene.draft}/steps/1/", {"keep": "1"}, {"HX-Request": "true"})
    assert answer.status_code == 403
    assert answer.headers["HX-Retarget"] == "#said"
