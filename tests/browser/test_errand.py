"""The whole errand in a real browser, over two real nodes."""

import pytest

from tests.browser import roles
from tests.browser.examining import CONTRASTED
from tests.browser.seen import Seen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.prove("walks two nodes by browser, every desk, with scripts and without"),
]


class TestTheFourDesks:
    def test_everybody_does_their_part(self, walk: Seen) -> None:
        assert not walk.broke_off, walk.broke_off

    def test_the_browser_complains_of_nothing(self, walk: Seen) -> None:
        assert not walk.of_kind("console"), "\n".join(walk.of_kind("console"))

    @pytest.mark.parametrize("role", roles.actors())
    def test_every_page_is_seen_by_each_role_that_may_see_it(self, walk: Seen, role: str) -> None:
        went = {visit.route for visit in walk.shown() if visit.role == role}
        missed = roles.due(role) - went
        assert not missed, f"nobody went as {role} to: {', '.join(sorted(missed))}"


class TestEachPage:
    @pytest.mark.parametrize("kind", ["axe", "ibm", "scroll", "tab", "weight"])
    def test_is_fit_for_everybody(self, examined: Seen, kind: str) -> None:
        assert examined.examined
        assert not examined.of_kind(kind), "\n".join(examined.of_kind(kind))

    def test_is_looked_at_in_high_contrast_if_it_is_a_main_one(self, examined: Seen) -> None:
        assert {f"高对比度 {route}" for route in CONTRASTED} <= set(examined.examined)
