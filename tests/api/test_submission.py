"""A whole application in one request: numbered, kept and filed together, or not at all."""

from typing import Any

import pytest

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem
from tests.world import World
from tongban.api.models import IdempotencyKey
from tongban.cases.models import Case
from tongban.catalogue import seed
from tongban.kernel.models import Content, Duty, Event, SubjectKey
from tongban.materials import queries as materials
from tongban.materials.models import Draft

pytestmark = pytest.mark.database

TABLES = (Case, SubjectKey, Content, Draft, Duty, Event, IdempotencyKey)


@pytest.fixture
def clerk(counties: World) -> Caller:
    return front.staff(counties, "qingyang", "window")


def application(caller: Caller, template: str = stories.PROXY, mode: str = "PROXY_INTAKE") -> dict[str, Any]:
    offering = caller.world["jiashan"].offering(template)
    return {"offering": offering, "mode": mode, "form": seed.example(template)}


def counted(caller: Caller) -> dict[str, int]:
    with caller.world.on(caller.node):
        return {model.__name__: model.objects.count() for model in TABLES}


class TestAnApplication:
    def test_is_filed_under_a_number_of_its_own(self, clerk: Caller) -> None:
        answer = clerk.post("/cases", application(clerk))
        assert answer.status_code == 201, answer.content.decode()
        case = answer.json()
        assert (case["phase"], case["version"]) == ("filed", 1)
        with clerk.world.on("qingyang"):
            assert materials.form_of(case["number"]) == application(clerk)["form"]
            assert Draft.objects.get(number=case["number"]).filed
        # It goes on like any other.
        assert clerk.act(case["number"], "receive").json()["phase"] == "received"

    def test_is_filed_once_however_often_it_is_sent(self, clerk: Caller) -> None:
        answers = [clerk.post("/cases", application(clerk), key="one") for _ in range(3)]
        assert len({answer.json()["number"] for answer in answers}) == 1
        with clerk.world.on("qingyang"):
            assert Case.objects.count() == 1

    def test_of_an_applicant_goes_as_far_as_the_other_place(self, counties: World) -> None:
        me = front.applicant(counties, "qingyang", "chen")
        missing = me.post("/cases", application(me, mode="FULLY_ONLINE"))
        assert "照片" in is_problem(missing, 422, "materials_incomplete")


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"form": {}}, 422, "form_faulty"),
            ({"form": {"applicant": "\ud800"}}, 422, "form_faulty"),
            ({"offering": "0" * 31}, 404, "not_found"),
            ({"mode": "JOINT"}, 409, "act_not_allowed"),
            ({"mode": "BY_PIGEON"}, 422, "invalid_input"),
        ],
    )
    def test_leaves_nothing(self, clerk: Caller, change: dict[str, Any], status: int, code: str) -> None:
        before = counted(clerk)
        is_problem(clerk.post("/cases", application(clerk) | change), status, code)
        assert counted(clerk) == before

    def test_is_whoever_may_not_file(self, counties: World) -> None:
        officer = front.staff(counties, "jiashan", "hrss")
        before = counted(officer)
        is_problem(officer.post("/cases", application(officer)), 403, "not_permitted")
        assert counted(officer) == before
