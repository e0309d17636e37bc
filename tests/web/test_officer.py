"""The department's desk through its pages: from the queue to the result, without a script."""

import pytest

from tests import stories
from tests.looked import readings
from tests.stories import PDF, case_on, do
from tests.web.browser import Browser
from tests.world import World, agree
from tongban.cases import results
from tongban.cases.words import Act, Duty, Phase
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.letters.models import Issuer
from tongban.materials import queries as materials
from tongban.procedures.claims import claimable

IDNO = "341723199003070016"


def staff(world: World, node: str, login: str) -> Browser:
    """Give the browser of a member of staff who has signed in."""
    return Browser(world, node).sign_in(login, who="staff")


@pytest.fixture
def number(counties: World) -> str:
    """Give a case that has arrived at the department."""
    return stories.forwarded(counties)


@pytest.fixture
def officer(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-hrss")


@pytest.fixture
def head(counties: World) -> Browser:
    return staff(counties, "jiashan", "js-hrss-head")


def act(
    browser: Browser,
    number: str,
    what: Act,
    values: dict[str, object] | None = None,
    *,
    outcome: str = "",
    **more: object,
) -> Browser:
    """Fill in the page of an act and send it."""
    browser.open(f"/desk/{number}/acts/{what}/{f'?outcome={outcome}' if outcome else ''}")
    assert browser.status == 200, browser.words
    return browser.send(values, **more)  # type: ignore[arg-type]


def issue(browser: Browser) -> Browser:
    """Issue the letter that the page shows, or confirm what it asks once more."""
    assert browser.status == 200, browser.words
    names = [name for name, _ in browser.form().buttons]
    button = next(f"{name}={value}" for name, value in browser.form().buttons if name in ("sign", "sure"))
    assert "back" in names
    return browser.send(button=button)


def signs(browser: Browser) -> str:
    """Return the button that issues the letter of the page."""
    return next(f"{name}={value}" for name, value in browser.form().buttons if name == "sign")


def ticked(browser: Browser, name: str, phrase: str, *written: str) -> dict[str, object]:
    """Return what ticking a phrase sends, with its blanks filled in."""
    value = next(value for value in browser.form().offered[f"{name}-ready"] if value.startswith(f"{phrase}:"))
    return {f"{name}-ready": value, **({f"{name}-{phrase}": list(written)} if written else {})}


def accepted(officer: Browser, number: str) -> None:
    officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
    issue(officer.open(f"/desk/{number}/acts/{Act.ACCEPT}/"))
    assert "已受理" in officer.words


class TestTheWholeErrand:
    def test_from_the_queue_to_the_result_by_pages_only(
        self, counties: World, number: str, officer: Browser, head: Browser
    ) -> None:
        assert officer.url == "/desk/"
        assert "未查看" in officer.words
        assert "安徽省池州市青阳县" in officer.words
        assert "还剩 1 个工作日，3月3日前" in officer.words
        officer.open(f"/desk/{number}/").send(to="/claim/")
        assert "已记录：认领" in officer.words
        accepted(officer, number)
        officer.open(f"/desk/{number}/acts/{Act.REVIEW}/?outcome=granted")
        officer.send({**ticked(officer, "opinion", "D2"), "opinion": "人像比对一致"})
        assert "建议准予" in officer.words
        assert "人像比对一致" in officer.words
        head.open(f"/desk/{number}/acts/{Act.DECIDE}/?outcome=granted")
        assert "人像比对一致" in head.words  # the file and the opinion stand beside
        issue(head.send(ticked(head, "decision", "E3")))
        assert "已决定·准予" in head.words
        issue(head.open(f"/desk/{number}/acts/{Act.CONCLUDE}/").send())
        act(
            head,
            number,
            Act.SEND_RESULT,
            {"way": "electronic", "result": "电子卡已签发"},
            file=("卡.pdf", PDF),
        )
        counties.settle()

        case = case_on(counties, "qingyang", number)
        assert (case.phase, case.outcome) == (Phase.CONCLUDED, "granted")
        with counties.on("qingyang"):
            sent = next(event for event in journal.events_of(number) if event.kind == Act.SEND_RESULT)
            digest = next(p["digest"] for p in sent.content if p["label"] == "material:result")
            name, media_type, data = materials.open_material(number, str(digest))
        assert (name, media_type, data) == ("卡.pdf", "application/pdf", PDF)

    def test_a_decision_is_issued_and_its_result_sent_at_one_press(
        self, counties: World, number: str, officer: Browser, head: Browser
    ) -> None:
        letter = self.at_the_letter(officer, head, number)
        sent = {"after": "electronic", "after-result": "电子卡一张"}
        letter.send(sent, button=signs(letter), field="after-file", file=("卡.pdf", PDF))
        assert "已记录：寄出结果" in letter.words
        counties.settle()
        case = case_on(counties, "qingyang", number)
        assert case.phase == Phase.CONCLUDED
        with counties.on("qingyang"):
            acts = [event.kind for event in journal.events_of(number)]
        assert [one for one in acts if one in (Act.DECIDE, Act.CONCLUDE, Act.SEND_RESULT)] == [
            Act.DECIDE, Act.CONCLUDE, Act.SEND_RESULT,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("sent", "file", "told"),
        [
            ({"after": "electronic", "after-result": ""}, None, "结果说明：请填写"),
            ({"after": "", "after-result": "电子卡一张"}, None, "没有选送达方式"),
            ({"after": "by-pigeon", "after-result": "电子卡一张"}, None, "请选择一项"),
            ({"after": "post", "after-result": "卡一张"}, ("卡.pdf", b"MZ" + PDF), "办理结果"),
        ],
    )
    def test_nothing_is_decided_where_what_is_to_follow_is_wrong(
        self, counties: World, number: str, officer: Browser, head: Browser,
        sent: dict[str, object], file: tuple[str, bytes] | None, told: str,
    ) -> None:  # fmt: skip
        letter = self.at_the_letter(officer, head, number)
        letter.send(sent, button=signs(letter), field="after-file", file=file)
        assert letter.status == 422
        assert told in letter.words
        assert "有变化" not in letter.words  # it is the letter that was seen
        assert case_on(counties, "jiashan", number).phase == Phase.UNDER_REVIEW
        letter.send({"after": "", "after-result": ""}, button=signs(letter))
        assert "已决定·准予" in letter.words

    def test_a_step_that_is_refused_is_named_and_what_is_done_stays(
        self, counties: World, number: str, officer: Browser, head: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        letter = self.at_the_letter(officer, head, number)

        def refused(**_known: object) -> None:
            raise NotPermitted("没有寄出：试验。请改期再试。")

        monkeypatch.setattr(results, "send", refused)
        letter.send({"after": "post", "after-result": "卡一张"}, button=signs(letter))
        assert letter.status == 403
        assert "已经记下：作出决定、办结。在“寄出结果”这一步没有办成：没有寄出：试验。" in letter.words
        assert case_on(counties, "jiashan", number).phase == Phase.CONCLUDED

    @staticmethod
    def at_the_letter(officer: Browser, head: Browser, number: str) -> Browser:
        """Bring a case before the letter of its decision."""
        accepted(officer, number)
        officer.open(f"/desk/{number}/acts/{Act.REVIEW}/?outcome=granted").send({"opinion": "符合条件"})
        head.open(f"/desk/{number}/acts/{Act.DECIDE}/?outcome=granted")
        return head.send({"decision": "准予办理"})

    def test_a_correction_is_asked_item_by_item(self, counties: World, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        act(
            officer,
            number,
            Act.ASK_CORRECTION,
            {
                "wrong-material-photo": "不清晰", "wanted-material-photo": "请重拍",
                "item-form-applicant_address": "1", "wrong-form-applicant_address": "没有门牌号",
                "wanted-form-applicant_address": "请写全",
            },
        )  # fmt: skip
        assert "1．" in officer.words
        assert case_on(counties, "jiashan", number).phase == Phase.ACKNOWLEDGED
        issue(officer)

        assert "补正中" in officer.words
        assert "：不清晰；请重拍" in officer.words
        assert "2．申请表“现住址”：没有门牌号；请写全" in officer.words
        asked = case_on(counties, "jiashan", number).facts["asked"]
        assert asked == ["material:photo", "form:applicant_address"]

    def test_a_correction_says_what_is_wrong_and_what_is_wanted(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        for typed in (
            {},
            {"item-material-photo": "1"},
            {"wrong-material-photo": "不清晰"},
            {"notice": "请补齐"},
        ):
            act(officer, number, Act.ASK_CORRECTION, typed)
            assert officer.status == 422
        assert case_on(counties, "jiashan", number).phase == Phase.ACKNOWLEDGED

    def test_a_correction_tells_the_time_that_will_be_counted(self, counties: World) -> None:
        agree(counties, counties["qingyang"], counties["jiashan"], limits={"answer": 10})
        number = stories.forwarded(counties)
        officer = staff(counties, "jiashan", "js-hrss")
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        wanted = {
            "item-material-photo": "1",
            "wrong-material-photo": "不清晰",
            "wanted-material-photo": "请重拍",
        }
        act(officer, number, Act.ASK_CORRECTION, wanted)
        assert "自收到本告知书之日起 10 个工作日内" in officer.words
        issue(officer)
        counties.settle()
        do(counties, "qingyang", number, Act.TELL, counties["qingyang"].staff("window"))
        duties = case_on(counties, "qingyang", number).state["duties"].values()
        owed = next(duty for duty in duties if duty["kind"] == Duty.ANSWER)
        assert owed["limit"]["n"] == 10

    def test_a_refusal_names_authority_and_court_by_itself(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        act(officer, number, Act.REFUSE, {})
        assert officer.status == 422
        officer.send({"reason": "不属于本县户籍"})
        assert "向嘉善县人民政府申请行政复议" in officer.words
        assert "向嘉善县人民法院提起行政诉讼" in officer.words
        issue(officer)
        assert case_on(counties, "jiashan", number).phase == Phase.REFUSED

    def test_a_phrase_that_is_not_so_is_refused(self, counties: World, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        officer.open(f"/desk/{number}/acts/{Act.REFUSE}/")
        assert "不能用：没有告知过补正" in officer.words
        officer.send(
            {"reason-ready": next(v for v in officer.form().offered["reason-ready"] if v.startswith("B4:"))}
        )
        assert officer.status == 422
        assert "没有告知过补正，未提交" in officer.words
        officer.send({**ticked(officer, "reason", "B6"), "reason-B6": ["2026年3月1日", ""]})
        assert "里的“编号”没有填写" in officer.words
        officer.send({"reason-ready": "B6:0000000000000000"})
        assert "有常用语改了措辞" in officer.words
        assert case_on(counties, "jiashan", number).phase == Phase.ACKNOWLEDGED

    def test_a_phrase_of_the_other_outcome_is_refused(
        self, counties: World, number: str, officer: Browser, head: Browser
    ) -> None:
        accepted(officer, number)
        act(officer, number, Act.REVIEW, {}, outcome="granted")
        officer.send({"opinion": "同意"})
        head.open(f"/desk/{number}/acts/{Act.DECIDE}/?outcome=denied")
        adverse = ticked(head, "decision", "F1")
        head.open(f"/desk/{number}/acts/{Act.DECIDE}/?outcome=granted")
        assert "F1:" not in head.text
        head.send({**adverse, "-decision-F1": ["甲", "乙", "丙", "丁"]})
        assert head.status == 422
        assert "与所选的结论不符" in head.words

    def test_what_was_shown_is_what_is_issued(self, counties: World, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        act(officer, number, Act.REFUSE, {"reason": "不属于本县户籍"})
        with counties.on("jiashan"):
            Issuer.objects.update(court="嘉兴市南湖区人民法院")
        issue(officer)
        assert officer.status == 409
        assert "文书内容在您查看之后有变化" in officer.words
        assert case_on(counties, "jiashan", number).phase == Phase.ACKNOWLEDGED
        issue_again = next(f"{name}={value}" for name, value in officer.form().buttons if name == "sign")
        officer.send(button=issue_again)
        assert case_on(counties, "jiashan", number).phase == Phase.REFUSED

    def test_without_a_court_nothing_adverse_is_issued(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        with counties.on("jiashan"):
            Issuer.objects.update(court="")
        act(officer, number, Act.REFUSE, {"reason": "不属于本县户籍"})
        assert officer.status == 409
        assert "没有登记管辖法院" in officer.words
        assert case_on(counties, "jiashan", number).phase == Phase.ACKNOWLEDGED

    @pytest.mark.prove("walks a case through the pages of two nodes")
    def test_special_procedure_and_extension(
        self, counties: World, number: str, officer: Browser, head: Browser
    ) -> None:
        accepted(officer, number)
        act(officer, number, Act.REVIEW, {"opinion": "需鉴定"}, outcome="check")
        issue(act(head, number, Act.SUSPEND, {"procedure": "appraisal", "reason": "需鉴定，约 10 日"}))
        assert "特别程序" in head.words
        issue(act(head, number, Act.RESUME))
        issue(act(head, number, Act.EXTEND, {"reason": "需要外地协查"}))
        assert case_on(counties, "jiashan", number).facts["extended"] is True

    @pytest.mark.prove("walks a case through the pages of two nodes")
    def test_an_urging_and_a_withdrawal_are_answered(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        accepted(officer, number)
        window = counties["qingyang"].staff("window")
        counties.settle()
        stories.do(counties, "qingyang", number, Act.URGE, window)
        stories.do(counties, "qingyang", number, Act.REQUEST_WITHDRAWAL, window)
        counties.settle()
        act(officer, number, Act.REPLY_URGING, {"reply": "正在核实，三日内答复"})
        issue(officer.open(f"/desk/{number}/acts/{Act.GRANT_WITHDRAWAL}/"))
        assert case_on(counties, "jiashan", number).phase == Phase.WITHDRAWN


class TestOpening:
    def looks(self, world: World, number: str) -> list[str]:
        with world.on("jiashan"):
            return [e.actor["staff"] for e in journal.events_of(number) if e.kind == Act.LOOK]

    def test_the_first_opening_is_written_down_once(
        self, counties: World, number: str, officer: Browser, head: Browser
    ) -> None:
        assert self.looks(counties, number) == []
        officer.open(f"/desk/{number}/")
        officer.open(f"/desk/{number}/")
        head.open(f"/desk/{number}/")

        assert len(self.looks(counties, number)) == 1
        officer.open("/desk/")
        assert "未查看" not in officer.words.partition("认领")[2]

    def test_numbers_of_people_are_shown_on_request_which_is_written_down(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open(f"/desk/{number}/")
        assert IDNO not in officer.text
        assert "3****************6" in officer.words
        officer.send(to="/numbers/#form")
        assert IDNO in officer.text
        with counties.on("jiashan"):
            assert readings().filter(matter=number).count() == 1

    def test_a_file_is_handed_out_and_the_reader_written_down(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open(f"/desk/{number}/")
        link = officer.text.partition(f"/desk/{number}/files/")[2][:68]
        officer.open(f"/desk/{number}/files/{link}/")
        assert officer.status == 200
        with counties.on("jiashan"):
            assert readings().get(matter=number).content == link

    def test_another_organisation_finds_nothing(self, counties: World, number: str) -> None:
        police = staff(counties, "jiashan", "js-police")
        assert "没有待办" in police.words
        for path in (f"/desk/{number}/", f"/desk/{number}/acts/{Act.ACCEPT}/"):
            assert police.open(path).status == 404

    def test_what_is_no_act_of_the_desk_is_not_found(self, number: str, officer: Browser) -> None:
        assert officer.open(f"/desk/{number}/acts/{Act.PARK}/").status == 404

    def test_an_act_that_is_not_possible_says_so(self, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/acts/{Act.DECIDE}/")
        assert "现在不能“作出决定”" in officer.words


class TestTwoOfficersAtOnce:
    def test_the_second_is_told_and_keeps_what_was_typed(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        officer.open(f"/desk/{number}/acts/{Act.REFUSE}/")
        stories.do(counties, "jiashan", number, Act.ACCEPT, stories.officer(counties, number))
        officer.send({"reason": "写了很久的理由"})

        assert officer.status == 409
        assert "有人办理了这个办件" in officer.words
        assert "：受理" in officer.words
        assert "办件现为“已受理”" in officer.words
        assert "写了很久的理由" in officer.text
        assert case_on(counties, "jiashan", number).phase == Phase.ACCEPTED

    def test_looking_and_claiming_disturb_nobody(
        self, counties: World, number: str, officer: Browser, head: Browser
    ) -> None:
        officer.open(f"/desk/{number}/").send(to=f"/acts/{Act.ACKNOWLEDGE}/")
        officer.open(f"/desk/{number}/acts/{Act.REDIRECT}/")
        head.open(f"/desk/{number}/")
        colleague = stories.officer(counties, number)
        with counties.on("jiashan"):
            duties = claimable(case_on(counties, "jiashan", number), colleague)
        stories.do(counties, "jiashan", number, Act.CLAIM, colleague, given={"duties": duties})
        issue(officer.send({"reason": "应由户籍地办理"}))
        assert case_on(counties, "jiashan", number).phase == Phase.REDIRECTED


class TestQueue:
    def test_filters(self, counties: World, number: str, officer: Browser) -> None:
        assert "签收" in officer.open("/desk/?kind=case:acknowledge").words
        assert "没有符合筛选条件的待办" in officer.open("/desk/?late=1").words
        assert "没有符合筛选条件的待办" in officer.open("/desk/?mine=1").words
        officer.open(f"/desk/{number}/").send(to="/claim/")
        assert "社会保障卡" in officer.open("/desk/?mine=1").words

    def test_pages_by_the_last_line(
        self, counties: World, number: str, officer: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tongban.web.officer import queue

        monkeypatch.setattr(queue, "PAGE", 1)
        second = stories.forwarded(counties)
        officer.open("/desk/")
        assert f"/desk/{number}/" in officer.text
        after = officer.text.partition('href="?after=')[2].partition('"')[0]
        officer.open(f"/desk/?after={after}")
        assert f"/desk/{second}/" in officer.text
        assert f"/desk/{number}/" not in officer.text

    @pytest.mark.parametrize("after", ["x", "2026-99-01.3", ".", "1.x"])
    def test_refuses_addresses_nobody_gave_out(self, officer: Browser, after: str) -> None:
        assert officer.open(f"/desk/?after={after}").status == 422


class TestComponents:
    def test_every_component_is_described_and_shown(self, counties: World) -> None:
        from tongban.web import gallery

        page = Browser(counties).open("/components/")
        assert page.status == 200
        assert all(f"<h2>{name}</h2>" in page.text and takes for name, takes in gallery.components())
        names = {name for name, _ in gallery.components()}
        shown = set(gallery.samples_on(counties.at.date()))
        assert names == shown | gallery.ON_EVERY_PAGE | gallery.UNSEEN


class TestTheViewer:
    def test_opens_nothing_before_it_is_asked_and_records_what_it_shows(
        self, counties: World, number: str, officer: Browser
    ) -> None:
        officer.open(f"/desk/{number}/")
        assert "<img" not in officer.text.partition("<main")[2]
        assert "<iframe" not in officer.text
        link = officer.text.partition('data-key="j"')[0].rpartition('href="')[2].partition('"')[0]
        officer.open(f"/desk/{number}/{link}")
        with counties.on("jiashan"):
            assert not readings().filter(matter=number).exists()  # the page shows it, the browser fetches it
        source = officer.text.partition('<img src="')[2].partition('"')[0]
        answer = officer._call("get", source)
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        with counties.on("jiashan"):
            assert readings().filter(matter=number).count() == 1

    def test_frames_its_own_files_alone_and_only_here(self, number: str, officer: Browser) -> None:
        page = officer._call("get", f"/desk/{number}/")
        assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
        assert "script-src 'self' 'nonce-" in page.headers["Content-Security-Policy"]
        assert "frame-src" not in officer._call("get", "/desk/").headers["Content-Security-Policy"]

    def test_keeps_the_file_open_while_numbers_are_shown(self, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/")
        link = officer.text.partition('data-key="j"')[0].rpartition('href="')[2].partition('"')[0]
        officer.open(f"/desk/{number}/{link}")
        officer.send(to=f"/numbers/{link.partition('#')[0]}#form")
        assert IDNO in officer.words
        assert "<img" in officer.text

    def test_shows_nothing_for_a_file_that_is_not_the_cases(self, number: str, officer: Browser) -> None:
        officer.open(f"/desk/{number}/?view=sm3:{'0' * 64}")
        assert officer.status == 200
        assert "/files/sm3:" + "0" * 64 not in officer.text


class TestClaim:
    def test_stays_with_who_acts_and_is_not_offered_for_anothers_step(
        self, counties: World, number: str, officer: Browser, head: Browser
    ) -> None:
        officer.open(f"/desk/{number}/").send(to="/claim/")
        accepted(officer, number)
        assert "认领（由我办理）" not in officer.words  # still claimed
        assert "认领：" in officer.words
        act(officer, number, Act.REVIEW, {"opinion": "同意"}, outcome="granted")
        assert "“作出决定”由本机构其他岗位办理" in officer.words
        assert "认领（由我办理）" not in officer.words
        assert "由其他岗位办理" in officer.open("/desk/").words
        head.open(f"/desk/{number}/")
        assert "认领（由我办理）" in head.words

    def test_is_nobodys_where_nobody_claimed(self, counties: World, number: str, officer: Browser) -> None:
        accepted(officer, number)
        assert "认领（由我办理）" in officer.words


class TestPostsWithoutCases:
    @pytest.mark.parametrize(
        ("login", "page", "words"),
        [
            ("qy-lead", "/supervision/peers/", "对方县"), ("qy-accounts", "/accounts/", "人员和岗位"),
            ("qy-archive", "/archive/", "销毁要两个人"),
        ],
    )  # fmt: skip
    def test_begin_where_they_are_told_what_they_do(
        self, counties: World, login: str, page: str, words: str
    ) -> None:
        begun = staff(counties, "qingyang", login)
        assert begun.url == page
        assert words in begun.words
        assert "认领" not in begun.words
