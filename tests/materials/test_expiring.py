"""Drafts that nobody came back for: on which day they go, with what, and what keeps them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.materials import samples, stories
from tests.materials.stories import MONDAY, NUMBER, OTHER, ZHANG
from tests.nodes import Node
from tongban.catalogue import queries as catalogue
from tongban.exchange import worker
from tongban.kernel import vault
from tongban.kernel.models import Content, SubjectKey
from tongban.materials import commands, discarding, expiring, filing, parts, retention, tasks, uploads
from tongban.materials.models import Draft, Material, Upload

pytestmark = pytest.mark.usefixtures("node")
# 2026-03-02 and 90 days: the midnight in China with which the 31st of May begins.
LAST_DAY, OVER = date(2026, 5, 30), datetime(2026, 5, 30, 16, tzinfo=UTC)
BEFORE = OVER - timedelta(seconds=1)


@pytest.fixture
def guide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "current_guide", lambda code: type("Guide", (), {"body": stories.GUIDE}))


class TestTheDay:
    def test_is_the_ninetieth_after_the_last_change(self) -> None:
        draft = stories.a_draft()
        assert draft.ends_on == LAST_DAY + timedelta(days=1) == date(2026, 3, 2) + timedelta(days=90)
        assert tasks.expire_drafts(BEFORE) == 1  # the count of that day's drafts
        assert tasks.expire_drafts(BEFORE) == 0
        assert tasks.expire_drafts(OVER) == 1
        assert not Draft.objects.exists()

    @pytest.mark.parametrize(
        "at", [datetime(2026, 3, 1, 16, tzinfo=UTC), datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)]
    )
    def test_is_the_same_whatever_the_hour_of_the_change(self, at: datetime) -> None:
        stories.a_draft()
        Draft.objects.update(changed_at=at)
        assert expiring.expire_all(BEFORE) == 0
        assert expiring.expire_all(OVER) == 1

    def test_is_told_from_two_weeks_before(self) -> None:
        ends = LAST_DAY + timedelta(days=1)
        assert retention.told_of(MONDAY, ends - timedelta(days=15)) is None
        assert retention.told_of(MONDAY, ends - timedelta(days=14)) == ends
        assert retention.told_of(MONDAY, LAST_DAY) == ends

    @pytest.mark.parametrize(
        "do",
        [
            lambda: commands.save_form(number=NUMBER, instance={}, by=ZHANG, at=BEFORE),
            lambda: stories.handed_in(at=BEFORE),
            lambda: commands.remove_material(
                number=NUMBER, digest=Material.objects.get().digest, by=ZHANG, at=BEFORE
            ),
        ],
        ids=["form", "file", "file taken back"],
    )  # fmt: skip
    def test_begins_anew_with_whatever_is_done(self, do: Callable[[], Any]) -> None:
        stories.a_draft()
        stories.handed_in(samples.pdf_file(2))
        do()
        assert expiring.expire_all(OVER) == 0
        assert Draft.objects.get().ends_on == LAST_DAY + timedelta(days=90)
        assert expiring.expire_all(OVER + timedelta(days=89)) == 1


@pytest.mark.attack("D5")
class TestWhatGoes:
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.usefixtures("guide")
    def test_is_everything_that_was_kept(self, node: Node) -> None:
        stories.a_draft()
        commands.save_form(number=NUMBER, instance={"note": "长" * 20_000}, by=ZHANG, at=MONDAY)
        stories.handed_in()
        begun = uploads.begin(number=NUMBER, code="id", name="x.png", size=99, by=ZHANG, at=MONDAY)
        uploads.take(upload=begun, offset=0, pieces=[b"x"], sha256=None, by=ZHANG, at=MONDAY)
        assert (parts.tokens(), len(node.vault_files)) == ([begun.token], 1)

        assert expiring.expire_all(OVER) == 1
        assert not Draft.objects.exists()
        assert not Material.objects.exists()
        assert not Upload.objects.exists()
        assert (parts.tokens(), node.vault_files) == ([], [])
        key = SubjectKey.objects.get(subject=NUMBER)
        assert (key.wrapped, key.destroyed_under, key.destroyed_at) == (None, retention.BASIS, OVER)
        assert not Content.objects.exclude(sealed=None).exists()
        with pytest.raises(vault.ContentDestroyed):
            vault.subject_key(NUMBER)

    def test_leaves_what_was_filed_and_what_is_younger(self) -> None:
        stories.a_draft()
        filing.mark_filed(number=NUMBER, by=ZHANG, at=MONDAY)
        stories.a_draft(OTHER)
        Draft.objects.filter(number=OTHER).update(changed_at=MONDAY + timedelta(days=1))
        assert expiring.expire_all(OVER) == 0
        assert Draft.objects.count() == 2

    def test_is_of_a_window_too(self) -> None:
        stories.a_draft(by=stories.window())
        assert expiring.expire_all(OVER) == 1

    @pytest.mark.usefixtures("guide")
    def test_waits_for_a_file_that_is_on_its_way(self) -> None:
        stories.a_draft()
        begun = uploads.begin(number=NUMBER, code="id", name="x.png", size=99, by=ZHANG, at=BEFORE)
        assert expiring.expire_all(OVER) == 0
        assert expiring.expire_all(begun.expires_at) == 1

    def test_goes_through_all_and_past_one_that_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stories.a_draft()
        stories.a_draft(OTHER)
        destroy = discarding.destroy

        def fail_with_one(draft: Draft, **how: Any) -> list[str]:
            if draft.number == NUMBER:
                raise ValueError("a bug")
            return destroy(draft, **how)

        monkeypatch.setattr(discarding, "destroy", fail_with_one)
        assert expiring.expire_all(OVER, batch=1) == 1
        assert Draft.objects.get().number == NUMBER

    def test_is_work_of_the_loop(self) -> None:
        assert tasks.expire_drafts in worker.watches()
