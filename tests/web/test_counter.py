"""The window's errand through the pages: a first-day clerk, a keyboard, no script."""

import io
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pypdf
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests import stories
from tests.looked import readings
from tests.stories import PDF, PNG, case_on, do, officer
from tests.web.browser import Browser
from tests.web.test_applicant import flat
from tests.world import World
from tongban.cases import queries
from tongban.cases.rules_1.guards import is_withdrawal_pending
from tongban.cases.words import Act, Duty, Phase
from tongban.catalogue import queries as catalogue
from tongban.catalogue import seed
from tongban.kernel.crypto import canon
from tongban.kernel.journal.fold import State
from tongban.letters import contents, printing
from tongban.letters import queries as letters
from tongban.materials.models import Draft
from tongban.procedures import queries as matters
from tongban.web.applicant import receipts

pytestmark = pytest.mark.slow

# What a clerk has seen of whoever stands there; the number is that of the forms' example.
SEEN = {"method": "id_card", "same": "1", "evidence": "341723199003070016"}


@dataclass
class Clerk(Browser):
    """A clerk's browser; counts what it asks for and what it sends."""

    pages: int = 0
    posts: int = 0
    data: bytes = field(default=b"", repr=False)

    def arrive(self, login: str = "qy-window") -> "Clerk":
        self.sign_in(login, who="staff")
        if self.url == "/counter/shift/":
            self.send()
        self.pages = self.posts = 0
        return self

    def press(
        self, values: dict[str, Any] | None = None, *, to: str = "", files: Any = (), button: str = ""
    ) -> "Clerk":
        """Send a form with files under the names of their inputs."""
        form = self.form(to)
        sent: dict[str, Any] = {**form.values, **(values or {})}
        for name, data in files:
            sent[name] = SimpleUploadedFile("scan.pdf" if data.startswith(b"%PDF") else "scan.png", data)
        if button:
            name, _, value = button.partition("=")
            assert (name, value) in form.buttons, (button, form.buttons)
            sent[name] = value
        self._done(self._call(form.method, form.action or self.url, sent))
        return self

    def _call(self, method: str, url: str, data: Any = None) -> Any:
        answer = super()._call(method, url, data)
        self.posts += method == "post"
        self.pages += answer.status_code not in (301, 302) and "text/html" in answer.headers["Content-Type"]
        return answer


@pytest.fixture
def clerk(counties: World) -> Clerk:
    """Give a clerk of the first county who has signed in."""
    return Clerk(counties).arrive()


def begin(clerk: Clerk, template: str = stories.PROXY, words: str = "社会保障卡 嘉善") -> str:
    """Find the item by typing and begin; return the number."""
    clerk.open("/counter/")
    clerk.press({"q": words})
    clerk.press(to=f"/{clerk.world['jiashan'].offering(template)}/")
    found = re.search(r"/drafts/(\w+)/", clerk.url)
    assert found, (clerk.url, clerk.words)
    return found[1]


def everything(clerk: Clerk, template: str = stories.PROXY) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """Return every answer of the one page, and the scans that are called for."""
    with clerk.world.on("jiashan"):
        guide = catalogue.current_guide(clerk.world["jiashan"].offering(template)).body
    example = seed.example(template)
    values = {name: "1" if value is True else value for name, value in flat(example).items()}
    files = []
    called = {
        m["code"]
        for m in guide["materials"]
        if all(example.get(f) in v for f, v in m.get("when", {}).items())
    }
    for name, options in clerk.form().offered.items():
        if name.startswith(("check-ask", "check-attest")):
            values[name] = "ok"
        material = name.removeprefix("check-see-")
        if material != name and material in called:
            values[name] = "ok"
            accept = next(m["accept"] for m in guide["materials"] if m["code"] == material)
            files.append((f"file-{material}", PDF if "application/pdf" in accept else PNG))
        assert options
    return values, files


def keystrokes(clerk: Clerk, values: dict[str, Any]) -> int:
    """Count what a keyboard alone takes on the page: a Tab for each stop, a letter each, Space or arrows to tick."""
    strokes, seen = 0, set()
    offered = clerk.form().offered
    for control in clerk.page.inputs:
        name = control.get("name", "")
        if control.get("type") == "radio" and name in seen:
            continue
        seen.add(name)
        value = values.get(name)
        typed = 0 if value is None else 1 + offered[name].index(value) if name in offered else len(value)
        strokes += (
            1 + typed + (2 if control.get("type") == "file" else 0)
        )  # Enter, and Enter in the list of scans
    return strokes


def take_in(clerk: Clerk) -> str:
    number = begin(clerk)
    values, files = everything(clerk)
    clerk.press(values, files=files, button="do=take")
    assert f"/counter/cases/{number}/" in clerk.url, clerk.words
    return number


class TestAFirstDayClerk:
    def test_takes_in_and_hands_out_through_the_pages_alone(self, clerk: Clerk) -> None:
        world = clerk.world
        begin(clerk)
        values, files = everything(clerk)
        strokes = len("社会保障卡 嘉善") + 2 + keystrokes(clerk, values) + 1
        clerk.press(values, files=files, button="do=take")
        number = clerk.url.split("/")[3]
        assert "“收件”已完成" in clerk.words
        clerk.press(SEEN, to="/acts/check_identity/")
        clerk.press(to="/acts/pass_review/")
        clerk.press(to="/acts/forward/").press(button="sure=1")
        taking = clerk.pages, clerk.posts
        assert case_on(world, "qingyang", number).phase == Phase.FORWARDED
        assert "现在由他人办理" in clerk.words
        world.settle()
        by = officer(world, number)
        do(world, "jiashan", number, Act.ACKNOWLEDGE, by)
        do(world, "jiashan", number, Act.ACCEPT, by)
        stories.review_all(world, number)
        head = officer(world, number, post="decider")
        do(
            world,
            "jiashan",
            number,
            Act.DECIDE,
            head,
            given={"outcome": "granted"},
            texts={"decision": "准予"},
        )
        stories.conclude(world, number)

        clerk.open("/counter/")
        assert "发放结果" in clerk.words
        assert "未查看" in clerk.words
        clerk.open(f"/counter/?q={number}")
        assert clerk.url == f"/counter/cases/{number}/"
        clerk.press({"way": "code", "proof": "123"}, to="/acts/hand_out/")
        assert clerk.status == 422
        clerk.press({"way": "code", "proof": number}, to="/acts/hand_out/")
        clerk.press(to="/acts/confirm_delivery/").press(button="sure=1")
        world.settle()
        assert case_on(world, "jiashan", number).phase == Phase.DELIVERED
        # What the errand costs at the window: pages and presses to the pushing, and to the end; keys on the one page.
        # Pushing and confirming delivery are asked once more; the one sheet of a sitting asks nothing twice.
        assert (taking, (clerk.pages, clerk.posts)) == ((8, 6), (14, 10))
        assert strokes < 200

    def test_begins_at_the_first_question(self, clerk: Clerk) -> None:
        begin(clerk)
        assert re.findall(r'name="([^"]+)"[^>]* autofocus', clerk.text) == ["reader-applicant"]
        clerk.press({"do": "take"})  # what is missing is read first
        assert not re.findall(r"autofocus", clerk.text)

    def test_is_told_everything_that_is_missing_and_loses_nothing(self, clerk: Clerk) -> None:
        number = begin(clerk)
        clerk.press({"applicant_name": "张三"}, button="do=take")

        assert clerk.status == 422
        assert "有 " in clerk.words
        assert "尚未核对" in clerk.words
        assert clerk.form().values["applicant_name"] == ["张三"]
        clerk.open(f"/counter/drafts/{number}/")
        assert clerk.form().values["applicant_name"] == ["张三"]

    def test_continues_a_draft_with_its_ticks(self, clerk: Clerk) -> None:
        number = begin(clerk)
        values, files = everything(clerk)
        clerk.press(values, files=files, button="do=save")
        assert "已保存" in clerk.words
        clerk.open("/counter/")
        assert f"/counter/drafts/{number}/" in clerk.text
        clerk.open(f"/counter/drafts/{number}/")
        clerk.press(button="do=take")
        assert f"/counter/cases/{number}/" in clerk.url, clerk.words

    def test_is_told_when_a_page_is_hard_to_read_or_a_file_is_refused(self, clerk: Clerk) -> None:
        begin(clerk, "education-notary", "公证")
        with clerk.world.on("jiashan"):
            guide = catalogue.current_guide(clerk.world["jiashan"].offering("education-notary")).body
        code = next(m["code"] for m in guide["materials"] if "image/png" in m["accept"])
        clerk.press(files=[(f"file-{code}", _page("white"))], button="do=save")
        assert "几乎是空白页" in clerk.words
        clerk.press(files=[(f"file-{code}", b"MZ program")], button="do=save")
        assert clerk.status == 422
        assert f'href="#check-see-{code}"' in clerk.text


PROXIES = sorted(name for name, guide in seed.templates().items() if "PROXY_INTAKE" in guide["modes"])


class TestEveryItem:
    @pytest.mark.parametrize("template", PROXIES)
    def test_is_taken_in_on_one_page_and_receipted(self, clerk: Clerk, template: str) -> None:
        number = begin(clerk, template, f"{seed.templates()[template]['name']} 嘉善")
        for name, rows in seed.example(template).items():
            if isinstance(rows, list) and isinstance(rows[0], dict):
                for _ in rows[1:]:
                    clerk.press(everything(clerk, template)[0], button=f"add={name}")
        values, files = everything(clerk, template)
        clerk.press(values, files=files, button="do=save")
        clerk.press(button="do=take")
        assert f"/counter/cases/{number}/" in clerk.url, clerk.words
        assert clerk.fetch(f"/counter/cases/{number}/letters/receipt.pdf").content.startswith(b"%PDF")


class TestTheFirstPage:
    def test_says_what_is_wrong_with_a_number(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
        clerk.open(f"/counter/?q={wrong}")
        assert "校验位不符" in clerk.words
        assert "没有查到" not in clerk.words

    def test_opens_a_case_by_either_code_of_its_receipt(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        with clerk.world.on("qingyang"):
            case = queries.case(number, clerk.world["qingyang"].staff("window"))
            statement = canon.encode(matters.receipt(case, clerk.world.at)).decode()
            place = receipts.progress(number)
        for code in (place, statement):
            assert clerk.open(f"/counter/?{urlencode({'q': code})}").url == f"/counter/cases/{number}/"
        assert "没有查到" in clerk.open("/counter/?q={}").words

    def test_offers_no_beginning_where_a_window_may_not_take_in(self, clerk: Clerk) -> None:
        code = clerk.world["jiashan"].offering("hukou-migration")
        clerk.open(f"/counter/?q={seed.templates()['hukou-migration']['name']} 嘉善")
        assert "请告知申请人向办理地申请" in clerk.words
        assert f"/counter/take/{code}/" not in clerk.text
        assert clerk._call("post", f"/counter/take/{code}/", clerk.form().values).status_code in (403, 422)
        with clerk.world.on("qingyang"):
            assert not Draft.objects.filter(offering=code).exists()

    def test_tells_cases_of_one_item_apart(self, clerk: Clerk) -> None:
        take_in(clerk)
        clerk.open("/counter/")
        assert "张*" in clerk.words
        assert "张三" not in clerk.words
        assert "浙江省嘉兴市嘉善县" in clerk.words.partition("等我办理")[2]

    def test_of_a_case_begins_with_the_reader(self, clerk: Clerk) -> None:
        begin(clerk)
        focused = re.findall(r"<input[^>]*autofocus[^>]*>", clerk.text)
        assert len(focused) == 1
        assert 'name="reader-applicant"' in focused[0]


class TestWhoMaySitHere:
    def test_nobody_is_sent_to_sign_in(self, counties: World) -> None:
        stranger = Clerk(counties)
        stranger.open("/counter/")
        assert stranger.url.startswith("/sign-in/")

    def test_applicants_officers_and_supervisors_are_refused(self, counties: World) -> None:
        for login in ("qy-supervisor", "qy-hrss-head"):
            other = Clerk(counties).arrive(login)
            for url in ("/counter/", f"/counter/drafts/{stories.filed(counties)}/"):
                other.open(url)
                assert other.status in (403, 404), (login, url)
        applicant = Clerk(counties)
        applicant.sign_in("qy-chen")
        applicant.open("/counter/")
        assert applicant.status == 403

    def test_an_act_that_is_not_the_counters_is_not_found(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        form = clerk.form("/acts/check_identity/")
        for name in ("decide", "nonsense"):
            answer = clerk._call("post", f"/counter/cases/{number}/acts/{name}/", form.values)
            assert answer.status_code == 404


class TestTheReceipt:
    @pytest.mark.parametrize("left_out", ["check-see-identity", "check-see-photo"])
    def test_is_refused_before_every_mandatory_check(self, clerk: Clerk, left_out: str) -> None:
        number = begin(clerk)
        values, files = everything(clerk)
        del values[left_out]
        clerk.press(values, files=files, button="do=take")

        assert clerk.status == 422
        assert f'href="#{left_out}"' in clerk.text
        assert clerk.fetch(f"/counter/cases/{number}/letters/receipt.pdf").status_code == 404

    def test_is_refused_where_nobody_attested(self, clerk: Clerk) -> None:
        number = stories.received(clerk.world)
        clerk.open(f"/counter/cases/{number}/letters/receipt.pdf")
        assert (clerk.status, "没有窗口收件记录" in clerk.words) == (409, True)

    def test_of_a_case_that_came_online_needs_the_checks_too(self, clerk: Clerk) -> None:
        number = stories.filed(clerk.world)
        clerk.open(f"/counter/cases/{number}/").press(to="/acts/receive/")
        assert clerk.status == 422
        assert case_on(clerk.world, "qingyang", number).phase == Phase.FILED
        ticks = {name: "ok" for name in clerk.form("/acts/receive/").offered if name.startswith("check-")}
        ticks = {
            name: tick
            for name, tick in ticks.items()
            if "birth" not in name and "agent" not in name and "mandate" not in name
        } | {"remark-see-identity": "网上申报时没有传，窗口看过原件"}
        clerk.press(ticks, to="/acts/receive/")
        assert case_on(clerk.world, "qingyang", number).phase == Phase.RECEIVED, clerk.words

    def test_says_the_number_and_carries_the_signed_heads(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        answer = clerk.fetch(f"/counter/cases/{number}/letters/receipt.pdf")

        assert answer.headers["Content-Type"] == "application/pdf"
        words = re.sub(
            r"\s",
            "",
            "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages),
        )
        assert number in words.replace("-", "")
        assert "张三" in words
        assert "收件不等于受理" in words
        with clerk.world.on("qingyang"):
            case, by = (
                queries.case(number, clerk.world["qingyang"].staff("window")),
                clerk.world["qingyang"].staff("window"),
            )
            codes = printed(letters.compose("receipt", case, by=by, at=clerk.world.at))
            assert readings().filter(matter=number).exists()
            place = receipts.progress(number)
        assert place in codes
        statement = canon.decode(next(text for text in codes if text != place).encode())
        assert (statement["subject"], statement["signer"]) == (number, clerk.world["qingyang"].fingerprint)
        assert list(statement["heads"]) == ["intake/1"]


class TestIdentity:
    def test_nothing_is_chosen_and_nothing_recorded_unseen(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        assert "method" not in clerk.form("/acts/check_identity/").values
        clerk.press(to="/acts/check_identity/")
        assert clerk.status == 422
        for name in ("method", "same", "evidence"):
            assert f'href="#check_identity-{name}"' in clerk.text
        assert "identity" not in case_on(clerk.world, "qingyang", number).facts

    def test_another_persons_card_is_noticed(self, clerk: Clerk) -> None:
        take_in(clerk)
        clerk.press({**SEEN, "evidence": "341723199003070024"}, to="/acts/check_identity/")
        assert clerk.status == 422
        assert "与申请表登记的不一致" in clerk.words

    def test_the_end_of_the_number_is_kept_as_proof_in_the_vault(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        clerk.press(SEEN, to="/acts/check_identity/")
        assert "人证一致；证件号码末四位 0016" in clerk.words
        assert SEEN["evidence"] not in clerk.text
        assert "0016" not in str(case_on(clerk.world, "qingyang", number).state)

    def test_a_devices_reference_is_kept_whole(self, clerk: Clerk) -> None:
        take_in(clerk)
        clerk.press({"method": "face", "same": "1", "evidence": "FR-20260302-77"}, to="/acts/check_identity/")
        assert "核验流水号 FR-20260302-77" in clerk.words


class TestWhatNobodyMayDemand:
    def test_may_be_left_to_the_authority(self, clerk: Clerk) -> None:
        number = begin(clerk)
        values, files = everything(clerk)
        with clerk.world.on("jiashan"):
            guide = catalogue.current_guide(clerk.world["jiashan"].offering(stories.PROXY)).body
        free = next(
            m["code"] for m in guide["materials"] if m["shared"] and f"check-see-{m['code']}" in values
        )
        values[f"check-see-{free}"] = "there"
        sent = [one for one in files if one[0] != f"file-{free}"]
        clerk.press(values, files=sent, button="do=take")
        assert f"/counter/cases/{number}/" in clerk.url, clerk.words
        assert "未交，由办理地核验（可免交）" in clerk.words
        data = clerk.fetch(f"/counter/cases/{number}/letters/receipt.pdf").content
        words = re.sub(r"\s", "", pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text())
        assert "未交，由办理地核验" in words


class TestWhatIsMissing:
    def test_is_told_once_brought_and_passed(self, clerk: Clerk) -> None:
        number = begin(clerk)
        values, files = everything(clerk)
        values |= {"check-see-photo": "lacking", "remark-see-photo": "照片不是白底"}
        clerk.press(values, files=[one for one in files if "photo" not in one[0]], button="do=take")
        clerk.press(SEEN, to="/acts/check_identity/")
        assert clerk.form("/acts/give_notice/").values["wrong-material-photo"] == ["照片不是白底"]
        clerk.press(to="/acts/pass_review/")
        assert clerk.status == 422
        clerk.press(to="/acts/give_notice/").press(button="sure=1")
        assert case_on(clerk.world, "qingyang", number).phase == Phase.NOTICED
        answer = clerk.fetch(f"/counter/cases/{number}/letters/notice.pdf")
        assert "照片不是白底" in pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()

        clerk.press({"code": "photo"}, to="/materials/", files=[("file", PNG)])
        assert "已上传" in clerk.words
        clerk.press(to="/acts/supplement/")
        clerk.press({"check-see-photo": "ok"}, to="/acts/pass_review/")
        assert case_on(clerk.world, "qingyang", number).phase == Phase.REVIEWED, clerk.words

    def test_that_the_authority_asks_for_is_told_and_answered_here(self, clerk: Clerk) -> None:
        world, number = clerk.world, stories.acknowledged(clerk.world)
        do(
            world,
            "jiashan",
            number,
            Act.ASK_CORRECTION,
            officer(world, number),
            texts={"notice": "照片请重拍"},
        )
        world.settle()
        clerk.open(f"/counter/cases/{number}/")
        assert "照片请重拍" in clerk.words
        clerk.press(to="/acts/tell/").press(button="sure=1")
        clerk.press({"code": "photo"}, to="/materials/", files=[("file", _page("grey"))])
        clerk.press({"remark": "已重拍"}, to="/acts/answer/")
        world.settle()
        assert Duty.RECHECK in [d["kind"] for d in case_on(world, "jiashan", number).state["duties"].values()]


class TestAskedOnce:
    """What takes effect at once says first what follows from it."""

    def test_says_who_owes_what_then_and_does_nothing_yet(self, clerk: Clerk) -> None:
        number = stories.received(clerk.world)
        clerk.open(f"/counter/cases/{number}/").press({"reason": "应由户籍地办理"}, to="/acts/return/")
        assert (clerk.status, "请确认：窗口退件" in clerk.words) == (200, True)
        assert "应由户籍地办理" in clerk.words
        assert "办件变为“已退件”" in clerk.words
        assert case_on(clerk.world, "qingyang", number).phase == Phase.RECEIVED
        clerk.press(button="sure=1")
        assert case_on(clerk.world, "qingyang", number).phase == Phase.RETURNED

    def test_names_the_holder_of_a_new_duty(self, clerk: Clerk) -> None:
        number = stories.forwarded(clerk.world)
        clerk.open(f"/counter/cases/{number}/").press({"remark": "不再需要"}, to="/acts/request_withdrawal/")
        assert "送达后，由嘉善县人力资源和社会保障局办：答复撤回申请，1 工作日" in clerk.words
        assert "办件变为" not in clerk.words

    def test_gives_back_what_was_typed(self, clerk: Clerk) -> None:
        number = stories.received(clerk.world)
        clerk.open(f"/counter/cases/{number}/").press({"reason": "写了一半"}, to="/acts/return/")
        clerk.press(button="back=1")
        assert clerk.form("/acts/return/").values["reason"] == ["写了一半"]
        assert case_on(clerk.world, "qingyang", number).phase == Phase.RECEIVED

    def test_asks_nothing_of_a_page_that_is_too_old(self, clerk: Clerk) -> None:
        number = stories.received(clerk.world)
        clerk.open(f"/counter/cases/{number}/")
        clerk.world.at += timedelta(minutes=1)
        do(
            clerk.world,
            "qingyang",
            number,
            Act.CHECK_IDENTITY,
            clerk.world["qingyang"].staff("window"),
            given={"method": "face"},
        )
        clerk.press({"reason": "应由户籍地办理"}, to="/acts/return/")
        assert (clerk.status, "已被他人处理" in clerk.words) == (409, True)

    def test_what_moves_while_it_is_asked_is_told_then(self, clerk: Clerk) -> None:
        number = stories.received(clerk.world)
        clerk.open(f"/counter/cases/{number}/").press({"reason": "应由户籍地办理"}, to="/acts/return/")
        clerk.world.at += timedelta(minutes=1)
        do(
            clerk.world,
            "qingyang",
            number,
            Act.CHECK_IDENTITY,
            clerk.world["qingyang"].staff("window"),
            given={"method": "face"},
        )
        clerk.press(button="sure=1")
        assert (clerk.status, "已被他人处理" in clerk.words) == (409, True)
        assert clerk.form("/acts/return/").values["reason"] == ["应由户籍地办理"]


class TestOtherCourses:
    def test_the_wrong_place_is_returned_with_a_reason(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        clerk.press(to="/acts/return/")
        assert clerk.status == 422
        clerk.press({"reason": "应由户籍地办理，请改选办理地"}, to="/acts/return/").press(button="sure=1")
        assert case_on(clerk.world, "qingyang", number).phase == Phase.RETURNED
        assert "请打印退件通知书" in clerk.words
        words = clerk.fetch(f"/counter/cases/{number}/letters/return.pdf").content
        assert "应由户籍地办理" in pypdf.PdfReader(io.BytesIO(words)).pages[0].extract_text()

    def test_a_place_without_the_item_is_not_found(self, clerk: Clerk) -> None:
        clerk.open("/counter/?q=社会保障卡+不存在的地方")
        assert "没有查到" in clerk.words

    def test_a_case_of_another_organisation_does_not_exist(self, clerk: Clerk) -> None:
        number = stories.reviewed(clerk.world)
        other = Clerk(clerk.world).arrive("qy-town")
        other.open(f"/counter/cases/{number}/")
        assert other.status == 404
        for kind in letters.LETTERS:
            assert other.fetch(f"/counter/cases/{number}/letters/{kind}.pdf").status_code == 404

    def test_a_stale_page_loses_no_text(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        do(
            clerk.world,
            "qingyang",
            number,
            Act.CHECK_IDENTITY,
            clerk.world["qingyang"].staff("window"),
            given={"method": "face"},
        )
        clerk.press({"reason": "写了很久的理由"}, to="/acts/return/")
        assert clerk.status == 409
        assert "已被他人处理" in clerk.words
        assert clerk.form("/acts/return/").values["reason"] == ["写了很久的理由"]

    def test_pressing_twice_takes_in_once(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        clerk.open(f"/counter/drafts/{number}/")
        assert clerk.url == f"/counter/cases/{number}/"

    def test_a_case_that_came_back_says_why_and_is_sent_nowhere_by_default(self, clerk: Clerk) -> None:
        world, number = clerk.world, stories.acknowledged(clerk.world)
        why = {"reason": "参保关系已转出，应由另一县办理"}
        do(world, "jiashan", number, Act.REDIRECT, officer(world, number), texts=why)
        world.settle()
        clerk.open(f"/counter/cases/{number}/")
        assert "办理地为什么退回" in clerk.words
        assert why["reason"] in clerk.words
        assert "改送有权机关（被办理地退回）" in clerk.words
        assert "撤回申请" in clerk.words
        clerk.press(to="/acts/forward/")
        assert clerk.status == 422
        assert case_on(world, "qingyang", number).phase == Phase.REDIRECTED
        clerk.press({"offering": world["third"].offering(stories.PROXY)}, to="/acts/forward/").press(
            button="sure=1"
        )
        assert case_on(world, "qingyang", number).phase == Phase.FORWARDED, clerk.words

    def test_a_refused_case_says_why_and_is_urged_no_more(self, clerk: Clerk) -> None:
        world, number = clerk.world, stories.acknowledged(clerk.world)
        texts = {"reason": "户籍不在本县"}
        do(world, "jiashan", number, Act.REFUSE, officer(world, number), texts=texts)
        world.settle()
        clerk.open(f"/counter/cases/{number}/")
        assert "户籍不在本县" in clerk.words
        assert "六十日内，向嘉善县人民政府申请行政复议" in clerk.words
        assert "请打印不予受理通知书" in clerk.words
        assert "/acts/urge/" not in clerk.text
        assert "/acts/request_withdrawal/" not in clerk.text

    def test_what_was_attested_and_written_is_read_on_the_page(self, clerk: Clerk) -> None:
        number = take_in(clerk)
        papers = clerk.text.partition('id="part-papers"')[2]
        assert "窗口核对记录" in papers
        assert "已核对，齐全合格" in papers
        clerk.press({"reason": "应由户籍地办理"}, to="/acts/return/").press(button="sure=1")
        links = re.findall(rf'href="/counter/cases/{number}/contents/[\w:]+/">([^<]*)<', clerk.text)
        assert "申请表（全文）" in links
        assert not {"理由", "窗口", "核对记录"} & set(links)
        assert clerk.words.count("应由户籍地办理") == 2  # on top, and in the story

    def test_urging_and_withdrawal_are_asked_for(self, clerk: Clerk) -> None:
        number = stories.accepted(clerk.world)
        clerk.world.settle()
        clerk.open(f"/counter/cases/{number}/").press(to="/acts/urge/")
        clerk.press(to="/acts/request_withdrawal/").press(button="sure=1")
        assert is_withdrawal_pending(State.from_dict(case_on(clerk.world, "qingyang", number).state))

    def test_papers_are_handed_over_by_a_list_and_opened_on_record(self, clerk: Clerk) -> None:
        number = stories.forwarded(clerk.world)
        answer = clerk.fetch(f"/counter/cases/{number}/letters/handover.pdf")
        words = re.sub(r"\s", "", pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text())
        assert "材料交接清单" in words
        clerk.open(f"/counter/cases/{number}/")
        assert "张三" not in clerk.words
        link = re.search(rf'href="(/counter/cases/{number}/contents/[\w:]+/)">申请表', clerk.text)
        assert link
        with clerk.world.on("qingyang"):
            before = readings().count()
        clerk.open(link[1])
        assert "张三" in clerk.words
        with clerk.world.on("qingyang"):
            assert readings().count() == before + 1


class TestLetters:
    def test_without_fonts_are_refused_in_a_sentence(self) -> None:
        with pytest.raises(printing.FontsMissing, match="fonts-noto-cjk"):
            printing._demand_fonts(frozenset({"DejaVu Sans"}))


def _page(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (1200, 1700), colour).save(buffer, "PNG")
    return buffer.getvalue()


def printed(letter: contents.Letter) -> set[str]:
    """Return what a scanner reads off the printed page."""
    return {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(printing.picture(letter))))}
