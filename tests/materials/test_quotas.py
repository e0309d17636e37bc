"""How much an applicant may have that is not filed, at each bound and one beyond it."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tests.materials import samples, stories
from tests.materials.stories import LI, MONDAY, OFFERING, ZHANG
from tests.nodes import Node
from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Applicant
from tongban.catalogue import queries as catalogue
from tongban.kernel.errors import DomainError
from tongban.kernel.models import SubjectKey
from tongban.materials import commands, discarding, filing, queries, quotas, tasks, uploads
from tongban.materials.models import Begun, Draft, Material, Upload
from tongban.materials.quotas import DraftsTooLarge, DraftsTooMany, DraftsTooManyToday

pytestmark = pytest.mark.usefixtures("node")
MIDNIGHT = datetime(2026, 3, 2, 16, tzinfo=UTC)  # in China
_numbers = itertools.count(100)


def begin(by: Actor = ZHANG, at: datetime = MONDAY) -> str:
    number = f"3417237K2M20260302{next(_numbers)}XW9A0QTC"
    return commands.open_draft(number=number, offering_code=OFFERING, by=by, at=at).number


def give_up(number: str, by: Actor = ZHANG) -> None:
    discarding.discard(number=number, by=by, at=MONDAY)


@pytest.fixture(autouse=True)
def offering(node: Node) -> None:
    stories.an_offering()


@pytest.mark.attack("D5")
class TestOpenDrafts:
    def test_are_twenty_at_most(self) -> None:
        numbers = [begin() for _ in range(20)]
        with pytest.raises(DraftsTooMany, match=r"20 份.*放弃") as refusal:
            begin()
        assert (refusal.value.code, refusal.value.status) == ("drafts_too_many", 409)
        assert (Draft.objects.count(), SubjectKey.objects.count(), Begun.objects.get().count) == (20, 20, 20)
        assert begin(by=LI)
        give_up(numbers[0])
        assert begin()

    def test_that_are_filed_take_no_place(self) -> None:
        numbers = [begin() for _ in range(20)]
        filing.mark_filed(number=numbers[0], by=ZHANG, at=MONDAY)
        assert begin()

    def test_of_a_window_have_no_bound(self) -> None:
        clerk = stories.window()
        assert len({begin(by=clerk) for _ in range(31)}) == 31
        assert not Begun.objects.exists()

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_begun_at_the_same_moment_are_no_more(self) -> None:
        Applicant.objects.create(
            login_lookup="x", login_sealed=b"x", pseudonym=ZHANG.applicant, registered_at=MONDAY
        )
        for _ in range(19):
            begin()
        together = threading.Barrier(3)

        def press() -> str:
            together.wait()
            try:
                return begin() and "begun"
            except DomainError as refusal:
                return refusal.code
            finally:
                connection.close()

        with ThreadPoolExecutor(3) as pool:
            said = [pressed.result() for pressed in [pool.submit(press) for _ in range(3)]]
        assert sorted(said) == ["begun", "drafts_too_many", "drafts_too_many"]


class TestOneDay:
    def test_has_thirty_at_most_however_many_were_given_up(self) -> None:
        for _ in range(30):
            give_up(begin())
        with pytest.raises(DraftsTooManyToday, match=r"30 份.*明天") as refusal:
            begin(at=MIDNIGHT - timedelta(seconds=90))
        assert (refusal.value.code, refusal.value.status, refusal.value.retry_after) == (
            "drafts_too_many_today", 429, 91,
        )  # fmt: skip
        assert not Draft.objects.exists()
        assert begin(by=LI)
        assert begin(at=MIDNIGHT)

    def test_counts_what_is_filed_without_a_draft(self) -> None:
        offering = catalogue.offering(OFFERING)

        def submit(number: int) -> None:
            number_ = f"3417237K2M20260302{number}XW9A0QTC"
            filing.keep_filed(number=number_, offering=offering, form={}, by=ZHANG, at=MONDAY)

        for number in range(500, 530):
            submit(number)
        with pytest.raises(DraftsTooManyToday):
            submit(530)
        with pytest.raises(DraftsTooManyToday):
            begin()
        assert Draft.objects.count() == 30

    def test_is_forgotten_when_it_is_over(self) -> None:
        begin()
        assert tasks.expire_drafts(MIDNIGHT - timedelta(seconds=1)) == 0
        assert tasks.expire_drafts(MIDNIGHT) == 1
        assert not Begun.objects.exists()


class TestBytes:
    def test_are_those_of_all_open_drafts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert quotas.BYTES == 500 * 1024 * 1024
        first, second = begin(), begin()
        same = samples.pdf_file(1)
        kept = stories.handed_in(same, number=first)
        more = samples.pdf_file(2)
        stored = len(stories.commands.check(code="id", name="x.pdf", data=more, guide=stories.GUIDE).stored)
        monkeypatch.setattr(quotas, "BYTES", kept.size + stored - 1)
        with pytest.raises(DraftsTooLarge, match=r"移除.*放弃") as refusal:
            stories.handed_in(more, number=second, name="x.pdf")
        assert (refusal.value.code, refusal.value.status) == ("drafts_too_large", 409)
        assert list(Material.objects.values_list("number", flat=True)) == [first]
        # The same file once more takes no room, and those of others are theirs.
        assert stories.handed_in(same, number=first).digest == kept.digest
        assert stories.handed_in(more, number=begin(by=LI), by=LI, name="x.pdf")
        monkeypatch.setattr(quotas, "BYTES", kept.size + stored)
        assert stories.handed_in(more, number=second, name="x.pdf")

    def test_come_free_with_what_is_taken_back_given_up_or_filed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second, third = begin(), begin(), begin()
        kept = [stories.handed_in(samples.pdf_file(1), number=number) for number in (first, second, third)]
        monkeypatch.setattr(quotas, "BYTES", 3 * kept[0].size)

        def fits() -> bool:
            try:
                quotas.demand_room(ZHANG.applicant, kept[0].size)
            except DraftsTooLarge:
                return False
            return True

        assert not fits()
        commands.remove_material(number=first, digest=kept[0].digest, by=ZHANG, at=MONDAY)
        assert fits()
        stories.handed_in(samples.pdf_file(1), number=first)
        assert not fits()
        give_up(second)
        assert fits()
        stories.handed_in(samples.pdf_file(1), number=first, code="licence")
        assert not fits()
        filing.mark_filed(number=third, by=ZHANG, at=MONDAY)
        assert fits()

    def test_do_not_bound_a_window_nor_what_is_added_to_a_case(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clerk = stories.window()
        number, mine = begin(by=clerk), begin()
        monkeypatch.setattr(quotas, "BYTES", 10)
        assert stories.handed_in(number=number, by=clerk)
        assert stories.handed_in(number=mine, for_draft=False)

    def test_count_what_is_announced_of_uploads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            catalogue, "current_guide", lambda code: type("Guide", (), {"body": stories.GUIDE})
        )
        number = begin()

        def announce(size: int) -> Upload:
            return uploads.begin(number=number, code="id", name="x.png", size=size, by=ZHANG, at=MONDAY)

        data = samples.picture("PNG")
        monkeypatch.setattr(quotas, "BYTES", 1000 + len(data))
        first = announce(1000)
        with pytest.raises(DraftsTooLarge):
            announce(len(data) + 1)
        assert Upload.objects.count() == 1
        second = announce(len(data))
        # What is finished takes the place of what was announced, and not another.
        monkeypatch.setattr(quotas, "BYTES", 1100 + len(data))
        progress = uploads.take(
            upload=second, offset=0, pieces=[data], sha256=None, by=ZHANG, at=MONDAY
        )  # fmt: skip
        assert progress.material is not None
        assert queries.materials_of(number).count() == 1
        with pytest.raises(DraftsTooLarge):
            announce(200)
        uploads.cancel(upload=first)
        assert announce(200)

    def test_of_the_oldest_upload_that_gives_way_are_free_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            catalogue, "current_guide", lambda code: type("Guide", (), {"body": stories.GUIDE})
        )
        number = begin()
        monkeypatch.setattr(quotas, "BYTES", 100 * uploads.AT_ONCE)
        for _ in range(uploads.AT_ONCE + 1):
            uploads.begin(number=number, code="id", name="x.png", size=100, by=ZHANG, at=MONDAY)
        assert Upload.objects.count() == uploads.AT_ONCE
