"""What an applicant's program is told at the bounds of drafts, and how it comes below them again."""

from typing import Any

import pytest

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, Channel
from tongban.accounts.models import Applicant
from tongban.accounts.people import applicants
from tongban.api.models import IdempotencyKey
from tongban.cases import commands
from tongban.cases.models import Case
from tongban.catalogue import seed
from tongban.kernel import vault
from tongban.kernel.time import clock
from tongban.materials import quotas
from tongban.materials.models import Begun, Draft

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def chen(counties: World) -> Caller:
    return front.applicant(counties, "qingyang", "chen")


def offering(caller: Caller) -> str:
    return caller.world["jiashan"].offering(stories.PROXY)


def actor_of(caller: Caller, login: str = "qy-chen") -> Actor:
    with caller.world.on(caller.node):
        found = Applicant.objects.get(login_lookup=applicants.login_key(login))
        return accounts.actor_for_applicant(applicant=found, channel=Channel.WEB)


def begun(caller: Caller, many: int) -> list[str]:
    """Let the applicant begin so many drafts."""
    by, code = actor_of(caller), offering(caller)
    with caller.world.on(caller.node):
        return [commands.open_draft(offering=code, by=by, at=clock.now()) for _ in range(many)]


def begin(caller: Caller, key: str | None = None) -> Any:
    return caller.post("/drafts", {"offering": offering(caller)}, key=key)


@pytest.mark.attack("D5")
class TestOpenDrafts:
    def test_are_refused_beyond_the_bound_and_never_an_answer_given_before(self, chen: Caller) -> None:
        begun(chen, quotas.DRAFTS - 1)
        last = begin(chen, "last")
        assert last.status_code == 201
        assert "放弃" in is_problem(begin(chen, "more"), 409, "drafts_too_many")
        # The same request again is the same draft, and no second one.
        assert begin(chen, "last").json()["number"] == last.json()["number"]
        with chen.world.on("qingyang"):
            assert Draft.objects.count() == Begun.objects.get().count == quotas.DRAFTS
            assert not IdempotencyKey.objects.filter(key="more").exists()
        chen.delete(f"/drafts/{last.json()['number']}")
        assert begin(chen, "more").status_code == 201

    def test_do_not_stand_in_the_way_of_others(self, chen: Caller) -> None:
        begun(chen, quotas.DRAFTS)
        clerk = front.staff(chen.world, "qingyang", "window")
        assert (
            begin(clerk).status_code
            == begin(front.applicant(chen.world, "qingyang", "lin")).status_code
            == 201
        )


class TestOneDay:
    def test_is_over_for_drafts_and_for_whole_applications(self, chen: Caller) -> None:
        form = seed.example(stories.PROXY)
        whole = {"offering": offering(chen), "mode": "PROXY_INTAKE", "form": form}
        first = chen.post("/cases", whole, key="first")
        assert first.status_code == 201
        with chen.world.on("qingyang"):
            Begun.objects.update(count=quotas.A_DAY - 1)
        assert begin(chen).status_code == 201
        for answer in (begin(chen), chen.post("/cases", whole)):
            assert "明天" in is_problem(answer, 429, "drafts_too_many_today")
            with chen.world.on("qingyang"):
                now = clock.now()
            midnight = now.astimezone(clock.OFFICIAL).replace(hour=23, minute=59, second=59)
            assert 0 <= int(answer.headers["Retry-After"]) - (midnight - now).total_seconds() < 30
        assert chen.post("/cases", whole, key="first").json() == first.json()
        with chen.world.on("qingyang"):
            assert (Case.objects.count(), Begun.objects.get().count) == (1, quotas.A_DAY)
        # Another system hands over what many people applied for.
        assert front.machine(chen.world, "qingyang").post("/cases", whole).status_code == 201


class TestBytes:
    def test_are_refused_beyond_the_bound(self, chen: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        number = begun(chen, 1)[0]
        monkeypatch.setattr(quotas, "BYTES", 10)
        answer = chen.post(f"/drafts/{number}/materials", front.one_file("photo", "x.png", stories.PNG))
        assert "移除" in is_problem(answer, 409, "drafts_too_large")
        assert chen.get(f"/drafts/{number}").json()["materials"] == []


class TestDiscarding:
    def test_destroys_a_draft_once(self, chen: Caller) -> None:
        number = begun(chen, 1)[0]
        chen.post(f"/drafts/{number}/materials", front.one_file("photo", "x.png", stories.PNG))
        answers = [chen.delete(f"/drafts/{number}", key="away") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [204, 204]
        is_problem(chen.delete(f"/drafts/{number}"), 404, "not_found")
        with chen.world.on("qingyang"):
            assert vault.is_destroyed(number)

    def test_is_refused_once_it_is_a_case(self, chen: Caller) -> None:
        number = begun(chen, 1)[0]
        chen.put(f"/drafts/{number}/form", {"form": seed.example(stories.PROXY)})
        assert chen.post(f"/drafts/{number}/file", {"mode": "PROXY_INTAKE"}).status_code == 201
        is_problem(chen.delete(f"/drafts/{number}"), 409, "draft_already_filed")
        with chen.world.on("qingyang"):
            assert not vault.is_destroyed(number)


def test_a_draft_says_until_when_it_is_kept(chen: Caller) -> None:
    number = begun(chen, 1)[0]
    told = chen.get(f"/drafts/{number}").json()
    with chen.world.on("qingyang"):
        assert told["ends_on"] == Draft.objects.get(number=number).ends_on.isoformat()
