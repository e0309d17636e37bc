"""What people and machines get at the front door: the course of a case, and clear refusals."""

import json
import logging

import pytest

from tests import stories
from tests.api import front
from tests.api.front import Caller, Files, is_problem, one_file
from tests.looked import readings
from tests.world import World
from tongban.api.models import IdempotencyKey
from tongban.cases.words import Act
from tongban.catalogue import seed
from tongban.kernel.journal import writer as journal
from tongban.kernel.models import Event
from tongban.materials.models import Draft

PROXY = stories.PROXY
PROOF = stories.proof()

pytestmark = pytest.mark.database


@pytest.fixture
def clerk(counties: World) -> Caller:
    return front.staff(counties, "qingyang", "window")


@pytest.fixture
def officer(counties: World) -> Caller:
    return front.staff(counties, "jiashan", "hrss")


def draft(caller: Caller, *, files: bool = True) -> str:
    """Open a draft over HTTP and fill it in."""
    opened = caller.post("/drafts", {"offering": caller.world["jiashan"].offering(PROXY)})
    assert opened.status_code == 201, opened.content.decode()
    number = str(opened.json()["number"])
    assert caller.put(f"/drafts/{number}/form", {"form": seed.example(PROXY)}).status_code == 200
    if files:
        added = caller.post(f"/drafts/{number}/materials", one_file("photo", "照片.png", stories.PNG))
        assert added.status_code == 201, added.content.decode()
    return number


def filed(caller: Caller, mode: str = "PROXY_INTAKE") -> str:
    number = draft(caller)
    answer = caller.post(f"/drafts/{number}/file", {"mode": mode})
    assert answer.status_code == 201, answer.content.decode()
    return number


def done(caller: Caller, number: str, act: str, **body: object) -> dict[str, object]:
    answer = caller.act(number, act, **body)
    assert answer.status_code == 200, answer.content.decode()
    return dict(answer.json())


def owed(caller: Caller, number: str) -> dict[str, list[str]]:
    """The duties that are open on the caller's side."""
    return {
        "duties": [
            name
            for name in caller.get(f"/cases/{number}").json()["state"]["duties"]
            if name.startswith("handling")
        ]
    }


def acknowledged(clerk: Caller, officer: Caller) -> str:
    number = filed(clerk)
    done(clerk, number, "receive")
    done(clerk, number, "check_identity", method="id_card")
    done(clerk, number, "pass_review")
    done(clerk, number, "forward")
    clerk.world.settle()
    done(officer, number, "acknowledge")
    clerk.world.settle()
    return number


class TestCourse:
    def test_runs_from_draft_to_delivery(self, counties: World, clerk: Caller, officer: Caller) -> None:
        head = front.staff(counties, "jiashan", "hrss-head")
        number = acknowledged(clerk, officer)
        done(officer, number, "accept")
        done(officer, number, "review", step="review", opinion="材料齐全")
        done(head, number, "decide", outcome="granted", decision="准予")
        done(head, number, "conclude")
        done(head, number, "send_result", way="electronic", result="电子社保卡")
        counties.settle()
        done(clerk, number, "hand_out", way="window")
        last = done(clerk, number, "confirm_delivery")
        counties.settle()

        assert last["phase_name"] == "已送达·准予"
        assert officer.get(f"/cases/{number}").json()["phase"] == "delivered"
        titles = [entry["title"] for entry in clerk.get(f"/cases/{number}/timeline").json()]
        assert titles[0] == "申报"
        assert titles[-1] == "到达"
        assert clerk.get("/duties").json()["duties"] == []

    def test_takes_new_materials_while_they_are_asked_for(self, clerk: Caller, officer: Caller) -> None:
        number = acknowledged(clerk, officer)
        file = one_file("photo", "x.jpg", stories.PNG)
        is_problem(clerk.post(f"/cases/{number}/materials", file), 409, "act_not_allowed")
        done(officer, number, "ask_correction", asked=["material:photo"], notice="1．照片：模糊；请重新提交")
        clerk.world.settle()
        done(clerk, number, "tell")
        added = clerk.post(f"/cases/{number}/materials", one_file("photo", "新.png", stories.PNG + b"\0"))
        done(clerk, number, "answer", remark="已补交")
        clerk.world.settle()

        assert added.status_code == 201, added.content.decode()
        pieces = officer.get(f"/cases/{number}/materials").json()
        assert added.json()["digest"] in {piece["digest"] for piece in pieces if piece["here"]}

    @pytest.mark.attack("A1")
    @pytest.mark.parametrize("act", ["look", "claim"])
    def test_lets_no_centre_open_or_claim_what_its_bureau_owes(
        self, counties: World, clerk: Caller, officer: Caller, act: str
    ) -> None:
        number = acknowledged(clerk, officer)
        centre = front.staff(counties, "jiashan", "window")
        seen = officer.get(f"/cases/{number}").json()
        (name,) = [
            name for name, duty in seen["state"]["duties"].items() if duty["kind"] == "accept_or_correct"
        ]
        is_problem(centre.act(number, act, duties=[name]), 404, "not_found")
        duty = officer.get(f"/cases/{number}").json()["state"]["duties"][name]
        assert (duty["first_opened"], duty["claimed"]) == (None, None)
        done(officer, number, act, duties=[name])

    @pytest.mark.attack("A8")
    def test_lets_another_window_take_the_answer(
        self, counties: World, clerk: Caller, officer: Caller
    ) -> None:
        number = acknowledged(clerk, officer)
        done(officer, number, "ask_correction", asked=["material:photo"], notice="1．照片：模糊；请说明")
        counties.settle()
        done(clerk, number, "tell")
        elsewhere = front.staff(counties, "third", "window")
        body = Files(
            {
                "case": number,
                "intake": counties["qingyang"].fingerprint,
                "note": "说明",
                "codes": ["photo"],
                "seen": "id_card",
                "code": clerk.get(f"/cases/{number}").json()["answer_code"],
            },
            {"files": [("x.png", stories.PNG + b"\1")]},
        )
        wrong = Files({**body.fields, "code": "0000-000-000"}, body.uploads)
        is_problem(elsewhere.post("/third-window/answers", wrong), 422, "invalid_input")
        for lacking in ({"seen": "x"}, {"codes": []}):
            less = Files({**body.fields, **lacking}, {} if "codes" in lacking else body.uploads)
            is_problem(elsewhere.post("/third-window/answers", less), 422, "invalid_input")
        assert clerk.get(f"/cases/{number}/timeline").json()[-1]["act"] != "answer"
        assert officer.get(f"/cases/{number}").json()["answer_code"] is None
        answer = elsewhere.post("/third-window/answers", body)

        assert answer.status_code == 201, answer.content.decode()
        assert clerk.get(f"/cases/{number}/timeline").json()[-1]["act"] == "take_answer"
        done(clerk, number, "confirm_answer")

    def test_sends_a_case_that_came_back_to_another_authority(
        self, counties: World, clerk: Caller, officer: Caller
    ) -> None:
        number = acknowledged(clerk, officer)
        done(officer, number, "redirect", reason="不属于本机关职权")
        counties.settle()
        other = counties["third"].offering(PROXY)
        done(clerk, number, "forward", offering=other)
        counties.settle()

        assert clerk.get(f"/cases/{number}").json()["offering"] == other
        assert front.staff(counties, "third", "hrss").get(f"/cases/{number}").status_code == 200

    def test_explains_each_deadline(self, clerk: Caller) -> None:
        number = filed(clerk)
        done(clerk, number, "receive")
        deadlines = clerk.get(f"/cases/{number}").json()["deadlines"]

        assert {one["title"] for one in deadlines} == {"告知期限", "身份核验、形式审查"}
        assert all(str(one["due_on"]) in one["explanation"][-1] for one in deadlines)

    def test_gives_a_receipt_that_the_node_signed(self, counties: World, clerk: Caller) -> None:
        from tongban.kernel import identity
        from tongban.kernel.journal import statements

        number = filed(clerk)
        receipt = clerk.get(f"/cases/{number}/receipt").json()
        with counties.on("jiashan"):
            statements.check(receipt["statement"], identity.chain_of(counties["qingyang"].fingerprint))

    def test_hands_out_content_as_a_file_and_remembers_who_read_it(
        self, counties: World, clerk: Caller
    ) -> None:
        number = filed(clerk)
        piece = next(
            p for p in clerk.get(f"/cases/{number}/materials").json() if p["label"] == "material:photo"
        )
        answer = clerk.get(f"/cases/{number}/materials/{piece['digest']}")

        assert answer.content == stories.PNG
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        with counties.on("qingyang"):
            assert readings().filter(matter=number, content=piece["digest"]).count() == 1

    def test_the_state_tells_an_applicant_of_no_member_of_staff(
        self, counties: World, officer: Caller
    ) -> None:
        person = front.applicant(counties, "qingyang", "chen")
        number = filed(person, "FULLY_ONLINE")
        counties.settle()
        done(officer, number, "acknowledge")
        counties.settle()
        by, mine = stories.officer(counties, number), owed(officer, number)
        stories.do(counties, "jiashan", number, Act.LOOK, by, given=mine)
        stories.do(counties, "jiashan", number, Act.CLAIM, by, given={**mine, "staff": by.staff})
        counties.settle()
        with counties.on("qingyang"):
            known = {one.actor["staff"] for one in journal.events_of(number)} - {""}
        assert known

        for path in (f"/cases/{number}", f"/matters/{number}"):
            told = json.dumps(person.get(path).json()["state"])
            assert not [one for one in known if one in told], path
            duties = officer.get(path).json()["state"]["duties"].values()
            assert [one for one in duties if one["claimed"] and one["first_opened"][1]], path
            seen = person.get(path).json()["state"]["duties"].values()
            assert [one for one in seen if one["first_opened"] and one["claimed"] is None], path

    def test_an_applicant_is_not_shown_opinions_and_names_of_staff(
        self, counties: World, officer: Caller
    ) -> None:
        person = front.applicant(counties, "qingyang", "chen")
        number = filed(person, "FULLY_ONLINE")
        counties.settle()
        done(officer, number, "acknowledge")
        done(officer, number, "accept")
        done(officer, number, "review", step="review", opinion="内部意见")
        counties.settle()

        labels = {piece["label"] for piece in person.get(f"/cases/{number}/materials").json()}
        assert labels == {"form", "material:photo", "letter"}
        assert {entry["staff"] for entry in person.get(f"/cases/{number}/timeline").json()} == {""}


class TestLookup:
    def test_tells_phase_and_places_and_nothing_else(self, counties: World, clerk: Caller) -> None:
        number = filed(clerk)
        body = {"number": f"{number.lower()[:10]}-{number[10:]}", "proof": PROOF}
        answer = Caller(counties, "qingyang").post("/lookup", body)

        assert answer.status_code == 200
        assert set(answer.json()) == {"number", "phase", "item", "intake", "handling"}
        assert answer.json()["phase"] == "已申报"

    def test_is_slowed_down_for_those_who_guess(self, counties: World) -> None:
        guesser = Caller(counties, "third", address="10.9.9.9")
        with counties.on("qingyang"):
            from tongban.kernel.journal import numbers

            guesses = [str(numbers.issue("500152", "x" * 64, 1, counties.at.date())) for _ in range(6)]
        answers = [guesser.post("/lookup", {"number": guess, "proof": PROOF}) for guess in guesses]

        is_problem(answers[0], 404, "not_found")
        is_problem(answers[-1], 429, "throttled")
        assert int(answers[-1].headers["Retry-After"]) > 0


class TestPressingTwice:
    def test_gets_the_same_answer_and_acts_once(self, counties: World, clerk: Caller) -> None:
        number = filed(clerk)
        path = f"/cases/{number}/acts/receive"
        first, second = (clerk.post(path, {"version": 1}, key="press") for _ in range(2))

        assert (first.status_code, first.content) == (second.status_code, second.content)
        with counties.on("qingyang"):
            assert Event.objects.filter(subject=number, kind="receive").count() == 1

    def test_with_a_new_key_is_a_case_that_moved(self, clerk: Caller) -> None:
        number = filed(clerk)
        clerk.post(f"/cases/{number}/acts/receive", {"version": 1})
        again = clerk.post(f"/cases/{number}/acts/receive", {"version": 1})

        assert "刷新" in is_problem(again, 409, "moved_meanwhile")

    def test_on_new_draft_gives_one_number(self, counties: World, clerk: Caller) -> None:
        body = {"offering": counties["jiashan"].offering(PROXY)}
        numbers = {clerk.post("/drafts", body, key="new").json()["number"] for _ in range(2)}
        with counties.on("qingyang"):
            assert Draft.objects.count() == len(numbers) == 1

    def test_on_upload_keeps_one_file(self, clerk: Caller) -> None:
        number = draft(clerk, files=False)
        path = f"/drafts/{number}/materials"
        answers = [clerk.post(path, one_file("photo", "x.png", stories.PNG), key="up") for _ in range(2)]

        assert answers[0].content == answers[1].content
        assert len(clerk.get(f"/drafts/{number}").json()["materials"]) == 1

    def test_the_key_of_another_request_is_refused(self, clerk: Caller) -> None:
        number = filed(clerk)
        clerk.post(f"/cases/{number}/acts/receive", {"version": 1}, key="k")
        other = clerk.post(
            f"/cases/{number}/acts/check_identity", {"version": 2, "method": "id_card"}, key="k"
        )

        is_problem(other, 422, "idempotency_key_reused")

    def test_the_key_of_somebody_else_is_another_key(self, counties: World, clerk: Caller) -> None:
        number = filed(clerk)
        clerk.post(f"/cases/{number}/acts/receive", {"version": 1}, key="k")
        colleague = front.staff(counties, "qingyang", "window2")
        answer = colleague.post(
            f"/cases/{number}/acts/check_identity", {"version": 2, "method": "id_card"}, key="k"
        )

        assert answer.status_code == 200

    def test_after_a_refusal_tries_again(self, counties: World, clerk: Caller) -> None:
        number = filed(clerk)
        path, body = f"/cases/{number}/acts/pass_review", {"version": 2}
        is_problem(clerk.post(path, body, key="k"), 409, "moved_meanwhile")
        done(clerk, number, "receive")
        is_problem(clerk.post(path, body, key="k"), 409, "act_not_allowed")
        with counties.on("qingyang"):
            assert not IdempotencyKey.objects.filter(key="k").exists()

    def test_without_a_key_is_refused(self, clerk: Caller) -> None:
        answer = clerk.post("/drafts", {"offering": "11330421DEM020031N"}, headers={"Idempotency-Key": ""})
        is_problem(answer, 422, "idempotency_key_missing")


class TestRefusals:
    def test_of_two_officers_at_once_one_wins(self, counties: World, clerk: Caller, officer: Caller) -> None:
        number = acknowledged(clerk, officer)
        seen = officer.get(f"/cases/{number}").json()["version"]
        first = officer.post(f"/cases/{number}/acts/accept", {"version": seen})
        second = front.staff(counties, "jiashan", "hrss").post(
            f"/cases/{number}/acts/refuse", {"version": seen, "reason": "不符"}
        )

        assert first.status_code == 200
        is_problem(second, 409, "moved_meanwhile")

    def test_another_organisations_case_is_not_there(
        self, counties: World, clerk: Caller, officer: Caller
    ) -> None:
        number = acknowledged(clerk, officer)
        stranger = front.staff(counties, "jiashan", "police")

        is_problem(stranger.get(f"/cases/{number}"), 404, "not_found")
        is_problem(stranger.act(number, "accept"), 404, "not_found")

    def test_without_the_permission_or_the_pen(self, counties: World, clerk: Caller, officer: Caller) -> None:
        number = acknowledged(clerk, officer)
        head = front.staff(counties, "jiashan", "hrss-head")

        is_problem(head.act(number, "accept"), 403, "not_permitted")
        is_problem(clerk.act(number, "withdraw"), 409, "act_not_allowed")

    def test_a_wrong_identity_number_is_named_but_not_repeated(self, clerk: Caller) -> None:
        wrong = "341723199003070017"
        number = draft(clerk)
        form = json.loads(json.dumps(seed.example(PROXY)).replace("341723199003070016", wrong))
        clerk.put(f"/drafts/{number}/form", {"form": form})
        answer = clerk.post(f"/drafts/{number}/file", {"mode": "PROXY_INTAKE"})

        is_problem(answer, 422, "form_faulty")
        assert answer.json()["faults"]
        assert wrong not in answer.content.decode()
        assert clerk.get("/cases").json()["cases"] == []

    def test_a_disguised_file(self, clerk: Caller) -> None:
        number = draft(clerk, files=False)
        answer = clerk.post(f"/drafts/{number}/materials", one_file("photo", "张三.png", b"MZ" + b"\0" * 100))

        assert "张三" not in is_problem(answer, answer.status_code, answer.json()["code"])
        assert answer.json()["code"].startswith("file_")
        assert clerk.get(f"/drafts/{number}").json()["materials"] == []

    def test_a_file_that_is_too_large(self, clerk: Caller) -> None:
        number = draft(clerk, files=False)
        file = one_file("photo", "x.png", stories.PNG + b"\0" * (21 * 1024 * 1024))
        is_problem(clerk.post(f"/drafts/{number}/materials", file), 413, "file_too_large")

    def test_a_request_that_is_too_large(self, clerk: Caller) -> None:
        answer = clerk.post("/drafts", {}, CONTENT_LENGTH=str(40 * 1024 * 1024))
        is_problem(answer, 413, "request_too_large")

    @pytest.mark.parametrize("offering", ["11330421DEM0200310000000000000X", "x", None, 7])
    def test_an_unknown_item(self, clerk: Caller, offering: object) -> None:
        answer = clerk.post("/drafts", {"offering": offering})
        assert answer.status_code in (404, 422)
        is_problem(answer, answer.status_code, answer.json()["code"])

    def test_a_number_typed_wrong(self, clerk: Caller) -> None:
        is_problem(clerk.get("/cases/341723"), 422, "bad_number")

    def test_a_field_that_is_missing_or_unknown(self, clerk: Caller) -> None:
        number = filed(clerk)
        missing = clerk.post(f"/cases/{number}/acts/check_identity", {"version": 1})
        unknown = clerk.post(f"/cases/{number}/acts/receive", {"version": 1, "pins": {}})

        assert "method" in is_problem(missing, 422, "invalid_input")
        assert missing.json()["faults"][0]["pointer"] == "/method"
        assert "pins" not in is_problem(unknown, 422, "invalid_input")

    def test_a_code_that_could_hold_an_identity_number(self, clerk: Caller) -> None:
        number = filed(clerk)
        answer = clerk.act(number, "check_identity", method="341723199003070016")
        assert "341723199003070016" not in is_problem(answer, 422, "invalid_input")

    def test_json_that_is_none(self, clerk: Caller) -> None:
        answer = clerk.call("POST", "/api/v1/drafts", "{nonsense", headers={"Idempotency-Key": "n"})
        is_problem(answer, 400, "bad_request")

    @pytest.mark.attack("C2")
    @pytest.mark.parametrize(("method", "path", "status", "code"), [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/duties", 405, "method_not_allowed"),
        ("GET", "/api/v1/duties?after=xx", 422, "bad_cursor"),
        ("GET", "/api/v1/offerings?after=WyJcdWQ4MDAiLCJhIiwxXQ", 422, "bad_cursor"),
        ("GET", "/api/v1/cases?after=WyJcdWQ4MDAiLCJhIiwxXQ", 422, "bad_cursor"),
        ("GET", "/api/v1/offerings?after=WyJcdTAwMDAiLCAiYSIsIDFd", 422, "bad_cursor"),  # NUL, which no database holds
        ("GET", "/api/v1/cases?after=WyJcdTAwMDAiLCAxXQ", 422, "bad_cursor"),
        ("GET", "/api/v1/offerings?q=%00", 422, "invalid_input"),
        ("GET", "/api/v1/offerings/%00", 404, "not_found"),
        ("GET", "/api/v1/organisations?division=%00", 422, "invalid_input"),
        ("GET", "/api/v1/calendar/deadline?start=9999-12-31&n=366", 422, "invalid_input"),
        ("GET", "/api/v1/calendar/deadline?start=0001-01-01&n=1", 422, "invalid_input"),
        ("GET", "/api/v1/cases?limit=1000", 422, "invalid_input"),
    ])  # fmt: skip
    def test_what_the_framework_says_is_said_in_our_form(
        self, clerk: Caller, method: str, path: str, status: int, code: str
    ) -> None:
        is_problem(clerk.call(method, path), status, code)

    def test_a_bug_tells_nothing(
        self, clerk: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("341723199003070016")

        monkeypatch.setattr("tongban.procedures.newest.Newest.page", fail)
        answer = clerk.get("/cases")

        is_problem(answer, 500, "internal_error")
        assert "RuntimeError" in caplog.text
        assert "341723199003070016" not in caplog.text + answer.content.decode()


class TestSession:
    def test_without_one(self, counties: World) -> None:
        is_problem(Caller(counties, "qingyang").get("/duties"), 401, "not_signed_in")

    def test_a_wrong_password(self, counties: World) -> None:
        body = {"username": "qy-window", "password": "wrong"}
        is_problem(Caller(counties, "qingyang").post("/sessions", body), 401, "bad_credentials")

    def test_guessing_is_slowed_down(self, counties: World) -> None:
        caller = Caller(counties, "qingyang")
        answers = [caller.post("/sessions", {"username": "qy-window", "password": "wrong"}) for _ in range(6)]
        is_problem(answers[-1], 429, "throttled")
        assert answers[-1].headers["Retry-After"]

    def test_a_write_needs_the_csrf_token(self, counties: World, clerk: Caller) -> None:
        del clerk.headers["X-CSRFToken"]
        answer = clerk.post("/drafts", {"offering": counties["jiashan"].offering(PROXY)})
        is_problem(answer, 403, "csrf_refused")

    def test_a_key_needs_none(self, counties: World) -> None:
        machine = front.machine(counties, "qingyang")
        assert machine.post("/drafts", {"offering": counties["jiashan"].offering(PROXY)}).status_code == 201

    def test_a_bad_key(self, counties: World) -> None:
        caller = Caller(counties, "qingyang", headers={"Authorization": "Bearer tb_X_1"})
        is_problem(caller.get("/duties"), 401, "bad_api_key")

    def test_ends(self, clerk: Caller) -> None:
        assert clerk.get("/sessions").json()["actor"]["post"] == "window"
        assert clerk.delete("/sessions").status_code == 204
        is_problem(clerk.get("/sessions"), 401, "not_signed_in")


class TestPages:
    def test_of_cases_show_each_once(self, clerk: Caller) -> None:
        expected = {filed(clerk) for _ in range(5)}
        seen, after = [], ""
        while after is not None:
            page = clerk.get(f"/cases?limit=2{f'&after={after}' if after else ''}").json()
            seen += [one["number"] for one in page["cases"]]
            after = page["next"]
        assert sorted(seen) == sorted(expected)

    def test_of_duties_go_by_due_date_then_those_without(self, counties: World, clerk: Caller) -> None:
        from tongban.kernel.models import Duty

        for _ in range(5):
            filed(clerk)
        with counties.on("qingyang"):
            first, second, *_ = Duty.objects.order_by("id")
            Duty.objects.filter(pk__in=(first.pk, second.pk)).update(due_on=None)
        seen, after = [], ""
        while after is not None:
            page = clerk.get(f"/duties?limit=2{f'&after={after}' if after else ''}").json()
            seen += [(one["due_on"], one["id"]) for one in page["duties"]]
            after = page["next"]
        assert len(seen) == 5
        assert seen == sorted(seen, key=lambda one: (one[0] is None, one[0] or "", one[1]))

    def test_keep_to_kind_and_overdue(self, counties: World, clerk: Caller) -> None:
        filed(clerk)
        assert len(clerk.get("/duties?kind=receive").json()["duties"]) == 1
        assert clerk.get("/duties?kind=forward").json()["duties"] == []
        assert clerk.get("/duties?overdue=true").json()["duties"] == []
        counties.wait_until("2026-03-09")
        again = front.staff(counties, "qingyang", "window")
        assert [one["overdue"] for one in again.get("/duties?overdue=true").json()["duties"]] == [True]


class TestPersonalData:
    NUMBER, MOBILE = "341723199003070016", "13905660001"

    def test_is_in_no_log_event_or_refusal(
        self, counties: World, clerk: Caller, officer: Caller, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        secrets = (self.NUMBER, self.MOBILE)
        number = draft(clerk)
        form = {**seed.example(PROXY), "idno": self.NUMBER, "applicant_mobile": self.MOBILE}
        refused = [
            clerk.put(f"/drafts/{number}/form", {"form": form}),
            clerk.post(f"/drafts/{number}/file", {"mode": self.NUMBER}),
            clerk.post(f"/drafts/{number}/file", {"mode": "PROXY_INTAKE", self.NUMBER: 1}),
            clerk.post(f"/drafts/{number}/file", {"mode": "PROXY_INTAKE"}),
            clerk.post("/sessions", {"username": self.MOBILE, "password": self.NUMBER}),
            clerk.post(f"/drafts/{number}/materials", one_file(self.NUMBER, f"{self.NUMBER}.png", b"x")),
            clerk.post("/lookup", {"number": self.NUMBER, "proof": self.MOBILE}),
            clerk.get(f"/cases/{self.NUMBER}"),
            clerk.get(f"/offerings/{self.NUMBER}"),
            clerk.get(f"/nowhere/{self.NUMBER}"),
        ]
        passed = filed(clerk)
        done(clerk, passed, "receive")
        done(clerk, passed, "return", reason=f"{self.NUMBER} {self.MOBILE}")
        counties.settle()

        said = [answer.content.decode() for answer in refused] + [caplog.text]
        for node in ("qingyang", "jiashan"):
            with counties.on(node):
                said += list(Event.objects.values_list("raw", flat=True))
                said += IdempotencyKey.objects.values_list("body", flat=True)
        assert not [text for text in said for secret in secrets if secret in text]
