"""The whole errand in a real browser, over two real nodes."""

import pytest
from django.urls import get_resolver

from tests.browser.seen import Seen

pytestmark = pytest.mark.slow

# These answer no GET; everything else is a page, a download or a way to one, and somebody goes there.
ONLY_SENT = {
    "sign-out", "draft-material-remove", "my-case-act", "my-case-materials",
    "counter-take", "counter-act", "counter-materials", "officer-claim", "officer-reveal",
    "dossier", "supervision-release", "supervision-answer", "uploads", "upload",
}  # fmt: skip


class TestTheFourDesks:
    def test_everybody_does_their_part(self, walk: Seen) -> None:
        assert not walk.broke_off, walk.broke_off

    def test_the_browser_complains_of_nothing(self, walk: Seen) -> None:
        assert not walk.of_kind("console"), "\n".join(walk.of_kind("console"))

    def test_every_page_is_visited(self, walk: Seen) -> None:
        known = get_resolver().namespace_dict["web"][1].reverse_dict
        pages = {name for name in known if isinstance(name, str)} - ONLY_SENT
        asked = {route.removeprefix("web:") for method, route in walk.asked if method == "GET"}
        assert pages - asked == set()
        assert ONLY_SENT & asked == set()


class TestEachPage:
    @pytest.mark.parametrize("kind", ["axe", "scroll", "weight"])
    def test_is_fit_for_everybody(self, examined: Seen, kind: str) -> None:
        assert examined.examined
        assert not examined.of_kind(kind), "\n".join(examined.of_kind(kind))
