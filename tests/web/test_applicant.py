"""The applicant's errand through the pages: no script, no API, nothing but links and forms."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from tests import stories
from tests.stories import PDF, PNG, case_on, do, officer
from tests.web.browser import Browser
from tests.world import World
from tongban.cases import results
from tongban.cases.words import Act, Mode, Phase
from tongban.catalogue import seed
from tongban.catalogue.models import Offering
from tongban.kernel import identity, vault
from tongban.kernel.journal import statements
from tongban.kernel.journal import writer as journal
from tongban.materials import container
from tongban.materials import queries as materials
from tongban.materials.models import Draft
from tongban.procedures import looking

DRIVING, COMPANY = "driving-licence-renewal", "company-registration"
IDNO = "341723199003070016"


@pytest.fixture
def chen(counties: World) -> Browser:
    """Give an applicant of the first county who has signed in."""
    return Browser(counties).sign_in("qy-chen")


def flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return an example form as a browser would send it."""
    sent: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            sent |= flat(value, f"{before}{name}-")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value):
                sent |= flat(row, f"{before}{name}-{number}-")
        else:
            sent[before + name] = value
    return sent


def begin(browser: Browser, template: str, mode: str = "FULLY_ONLINE") -> str:
    """Open a draft of the neighbour's offering; return its number."""
    browser.open(f"/items/{browser.world['jiashan'].offering(template)}/start/")
    browser.send({"mode": mode})
    found = re.search(r"/drafts/(\w+)/", browser.url)
    assert found, (browser.url, browser.words)
    return found[1]


def fill_in(browser: Browser, template: str) -> None:
    """Fill in the steps from the one that is open to the materials."""
    example = flat(seed.example(template))
    for _ in range(12):
        if "/steps/" not in browser.url:
            return
        for group in [name.removesuffix("-rows") for name in browser.form().values if name.endswith("-rows")]:
            while any(key.startswith(f"{group}-{_rows(browser, group)}-") for key in example):
                browser.send(_known(browser, example), button=f"add={group}")
        step = browser.url
        browser.send(_known(browser, example))
        assert browser.status == 200, browser.words
        assert browser.url != step
    raise AssertionError("the steps do not end")


def _known(browser: Browser, example: dict[str, Any]) -> dict[str, Any]:
    form = browser.form()
    return {name: value for name, value in example.items() if name in form.values or name in form.offered}


def _rows(browser: Browser, group: str) -> int:
    return int(browser.form().values[f"{group}-rows"][0])


def hand_in(browser: Browser) -> None:
    """Upload whatever is asked for."""
    for form in browser.page.forms:
        code = form.values.get("code", [""])[0]
        section = browser.text.partition(f'id="m-{code}"')[2].partition("</section>")[0]
        if code and "须上传" in section:
            pdf = "application/pdf" in section
            browser.send(to=code, file=("scan.pdf", PDF) if pdf else ("scan.png", PNG))
            assert browser.status == 200, browser.words


def filed(browser: Browser, template: str = DRIVING, mode: str = "FULLY_ONLINE") -> str:
    """File online, through the pages only."""
    number = begin(browser, template, mode)
    fill_in(browser, template)
    hand_in(browser)
    browser.open(f"/drafts/{number}/confirm/")
    browser.send({"promise": "1"})
    assert browser.url == f"/my-cases/{number}/receipt/", browser.words
    return number


def scanned(page: str) -> str:
    """Read the QR code of a page as a camera would."""
    drawing = re.search(r'<svg viewBox="0 0 (\d+) \d+".*? d="([^"]+)"', page)
    assert drawing
    picture = Image.new("L", (int(drawing[1]),) * 2, 255)
    x = y = 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", drawing[2]):
        if command == "h":
            for _ in range(int(first)):
                picture.putpixel((int(x), int(y)), 0)
                x += 1
        else:
            x, y = (x + float(first), y + float(second)) if command == "m" else (float(first), float(second))
    big = picture.resize((picture.width * 4,) * 2, Image.Resampling.NEAREST)
    [code] = zxingcpp.read_barcodes(big)
    return str(code.text)


class TestGuides:
    def test_bear_no_marks_of_editors_and_say_whom_to_ring(self, counties: World) -> None:
        page = Browser(counties).open(f"/items/{counties['jiashan'].offering('hukou-migration')}/")
        assert not re.search(
            r"未核实|未见规定|未承诺|第 1 版|待核|口径|归责|conditions|materials", page.words
        )
        assert "办之前，请先打电话向办理机关核对条件和材料。" in page.words
        assert "施行日期" in page.words
        assert "服务对象" in page.words
        assert "监督投诉" in page.words
        assert "收到准迁信息后5个工作日" in page.words  # how long a step may take

    def test_say_where_the_window_is(self, counties: World) -> None:
        page = Browser(counties).open(f"/items/{counties['jiashan'].offering(DRIVING)}/")
        where = page.words.partition("到哪里办")[2]
        assert "演示路1号" in where
        assert "工作日 8:30" in where
        assert "0566-0000001" in where
        assert "跨省通办专窗 1" in where

    def test_say_what_is_open_for_the_reader(self, counties: World) -> None:
        url = f"/items/{counties['jiashan'].offering(COMPANY)}/"
        anybody = Browser(counties).open(url)
        assert "/start/" in anybody.text
        chen = Browser(counties).sign_in("qy-chen").open(url)
        assert "需要更高的实名等级（3 级，您现在 2 级）" in chen.words
        assert ">在线申办<" not in chen.text
        assert "2 级：已核验证件号码" in chen.words

    def test_show_how_it_goes_in_each_way_that_begins_here(self, counties: World) -> None:
        page = Browser(counties).open(f"/items/{counties['jiashan'].offering(DRIVING)}/")
        flow = page.text.partition('id="flow"')[2].partition("<details>")[0]
        assert flow.count("<ol") == 2  # online, and at a window
        assert (
            re.findall("收件后 5 个工作日内|受理后 1 个工作日内", flow)
            == ["收件后 5 个工作日内", "受理后 1 个工作日内"] * 2
        )
        for template in seed.templates():
            page.open(f"/items/{counties['jiashan'].offering(template)}/")
            assert page.status == 200, template
            assert "<li>" in page.text.partition('id="flow"')[2].partition("</section>")[0], template

    def test_answer_only_what_the_guide_knows(self, counties: World) -> None:
        page = Browser(counties)

        def asked(template: str) -> str:
            page.open(f"/items/{counties['jiashan'].offering(template)}/")
            return page.text.partition('id="questions"')[2].partition("</section>")[0]

        driving = asked(DRIVING)
        for told in (
            "工本费10元/证",
            "自受理之日起 1 个工作日内",
            "委托书（核对后退还）",
            "授权委托书",
            'href="tel:12345"',
        ):
            assert told in driving, told
        nobody_verified = asked("food-business-licence")
        assert "收不收费、收多少，请先向办理机关询问。" in nobody_verified
        assert "没有核实过的期限，请向办理机关询问。" in nobody_verified
        assert "要带哪些原件" not in nobody_verified  # it goes online only
        assert "受理之前" not in asked("hukou-migration")  # no case of ours

    def test_say_where_to_apply_for_what_cannot_be_begun_here(self, counties: World) -> None:
        page = Browser(counties).open(f"/items/{counties['jiashan'].offering('hukou-migration')}/")
        assert "多地联办" in page.words
        assert "请直接向嘉善县公安局申请" in page.words
        page.open(f"/items/{counties['qingyang'].offering('hukou-migration')}/")
        assert "演示路" in page.text.partition('id="elsewhere"')[2].partition("</div>")[0]
        page.open(f"/items/{counties['jiashan'].offering('marriage-registration')}/")
        assert "须双方一起到婚姻登记机关当场办理" in page.words
        assert "请直接向嘉善县民政局申请" in page.words


class TestSteps:
    def test_say_how_far_one_is_and_what_is_done(self, chen: Browser) -> None:
        begin(chen, DRIVING)
        assert "第 1 步，共 7 步" in chen.words
        assert "已填好" not in chen.text
        example = flat(seed.example(DRIVING))
        chen.send(_known(chen, example))
        assert "第 2 步，共 7 步" in chen.words
        assert chen.text.count("已填好") == 1

    def test_begin_with_what_the_account_has_proved(self, chen: Browser) -> None:
        begin(chen, DRIVING)
        values = chen.form().values
        assert (values["applicant_name"], values["applicant_idno"]) == (["陈一"], [IDNO])

    def test_name_a_field_once_beside_it_and_in_the_summary(self, chen: Browser) -> None:
        begin(chen, DRIVING)
        chen.send({"applicant_name": ""})
        assert 'href="#f-applicant_name">申请人姓名：请填写。</a>' in chen.text
        assert re.search(r'id="f-applicant_name-err">请填写。<', chen.text)

    def test_a_failed_sign_in_is_nothing_to_mend(self, counties: World) -> None:
        browser = Browser(counties).open("/sign-in/")
        browser.send({"name": "qy-chen", "password": "wrong"})
        assert "没有登录成功" in browser.words
        assert "处需要修改" not in browser.words


class TestFinding:
    def test_names_an_item_once_with_the_places_that_handle_it(self, counties: World) -> None:
        page = Browser(counties).open("/items/?q=驾照")
        assert page.text.count("<strong>机动车驾驶证期满换证</strong>") == 1
        for county in ("qingyang", "jiashan"):
            assert f'href="/items/{counties[county].offering(DRIVING)}/"' in page.text

    def test_ends_the_subjects_with_what_is_nowhere_else(self, counties: World) -> None:
        themes = re.findall(r'theme=[^"]+">([^<]+)<', Browser(counties).open("/").text)
        assert themes[-1] == "其他"
        assert len(themes) > 5

    def test_asks_for_the_other_place_where_it_can_be_chosen(self, counties: World) -> None:
        page = Browser(counties)
        assert '<a href="#division">请选择</a>' in page.open("/").text
        for elsewhere in ("/lookup/", "/sign-in/"):
            assert "请选择" not in page.open(elsewhere).text
        guide = page.open(f"/items/{counties['jiashan'].offering(DRIVING)}/").text
        assert 'class="places"' in guide
        assert "请选择" not in guide


class TestFiling:
    def test_goes_from_the_item_to_the_receipt(self, chen: Browser) -> None:
        chen.open("/items/?q=驾照")
        found = re.search(rf'href="(/items/{chen.world["jiashan"].offering(DRIVING)}/)"', chen.text)
        assert found
        chen.open(found[1])
        assert "/start/" in chen.text
        number = filed(chen)
        assert stories.case_on(chen.world, "qingyang", number).phase == Phase.FORWARDED
        assert f"{number[:6]}-{number[6:10]}-" in chen.words
        chen.world.settle()
        assert case_on(chen.world, "jiashan", number).number == number

    def test_gives_a_code_that_opens_the_page_of_its_progress(self, chen: Browser) -> None:
        number = filed(chen)
        place = scanned(chen.text)
        assert place.startswith("http")
        asked = Browser(chen.world).open(f"/{place.split('/', 3)[3]}")
        assert asked.form().values["number"] == [number]
        assert "{" not in chen.words

    def test_gives_what_the_node_signed_to_whoever_asks(self, chen: Browser) -> None:
        number = filed(chen)
        saved = chen.fetch(f"/my-cases/{number}/receipt.json")
        assert saved.headers["Content-Disposition"].startswith("attachment")
        statement = json.loads(saved.content)
        with chen.world.on("qingyang"):
            statements.check(statement, identity.chain_of(statement["signer"]))
        assert statement["subject"] == number
        assert "陈" not in saved.content.decode()
        assert "陈" not in chen.text.partition("<main")[2]  # above it stands who is signed in
        assert IDNO not in chen.text

    def test_names_each_fault_and_loses_nothing(self, chen: Browser) -> None:
        begin(chen, DRIVING)
        typed = {
            "applicant_name": "陈一", "applicant_idno": "341723199003070017", "applicant_mobile": "1380000000",
            "applicant_address": "演示路一号“二”<三>",
        }  # fmt: skip
        chen.send(typed)
        assert chen.status == 422
        assert "错误：" in chen.text
        assert 'href="#f-applicant_idno"' in chen.text
        assert 'href="#f-applicant_mobile"' in chen.text
        assert {name: chen.form().values[name] for name in typed} == {n: [v] for n, v in typed.items()}
        chen.open("/my-cases/")
        assert "陈*" in chen.words
        assert "341723199003070017" not in chen.text
        chen.open(re.search(r"/drafts/\w+/", chen.text)[0])  # type: ignore[index]
        assert chen.form().values["applicant_idno"] == ["341723199003070017"]
        chen.send({"applicant_idno": IDNO, "applicant_mobile": "13800000001"})
        assert "/steps/2/" in chen.url

    def test_adds_and_removes_rows(self, chen: Browser) -> None:
        number = begin(chen, COMPANY, "PROXY_INTAKE")
        chen.open(f"/drafts/{number}/steps/3/")
        first = {
            "shareholders-0-kind": "person",
            "shareholders-0-name": "张三",
            "shareholders-0-amount": "60",
        }
        chen.send(first, button="add=shareholders")
        second = {"shareholders-1-kind": "enterprise", "shareholders-1-name": "李四公司"}
        chen.send(second, button="add=shareholders")
        assert chen.form().values["shareholders-rows"] == ["3"]
        chen.send(button="remove=shareholders-0")
        assert chen.form().values["shareholders-0-name"] == ["李四公司"]
        chen.send()
        assert chen.status == 422
        assert 'href="#f-shareholders-0-amount"' in chen.text
        assert "如“股东类型”选择“企业”，请填写" in chen.words

    def test_walks_a_form_of_many_rows_to_its_end(self, chen: Browser) -> None:
        number = filed(chen, COMPANY, "PROXY_INTAKE")
        with chen.world.on("qingyang"):
            assert materials.form_of(number) == seed.example(COMPANY)

    def test_sends_nothing_that_a_later_answer_has_hidden(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        fill_in(chen, DRIVING)
        chen.open(f"/drafts/{number}/steps/4/")
        chen.send({"handled_by": "self"})  # the agent's fields stay filled in
        chen.open(f"/drafts/{number}/steps/4/")
        assert chen.form().values["agent-name"] == ["李四"]
        chen.open(f"/drafts/{number}/materials/")
        assert "授权委托书" not in chen.words
        hand_in(chen)
        chen.open(f"/drafts/{number}/confirm/")
        assert "李四" not in chen.words
        chen.send({"promise": "1"})
        with chen.world.on("qingyang"):
            assert "agent" not in materials.form_of(number)

    def test_needs_the_promise_made_anew_and_what_is_missing(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        chen.open(f"/drafts/{number}/confirm/")
        assert "还差这些" in chen.words
        chen.send()
        assert chen.status == 422
        assert 'href="#f-promise"' in chen.text
        assert 'href="#part-materials"' in chen.text
        assert 'href="#part-1"' in chen.text
        with chen.world.on("qingyang"):
            assert not Draft.objects.get(number=number).filed

    def test_pressed_twice_gives_the_same_receipt(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        fill_in(chen, DRIVING)
        hand_in(chen)
        chen.open(f"/drafts/{number}/confirm/")
        here, text = chen.url, chen.text
        chen.send({"promise": "1"})
        chen.url, chen.text = here, text
        chen.send({"promise": "1"})
        assert (chen.status, chen.url) == (200, f"/my-cases/{number}/receipt/")

    def test_opens_one_draft_however_often_it_is_begun(self, chen: Browser) -> None:
        assert begin(chen, DRIVING) == begin(chen, DRIVING)

    def test_gives_back_what_was_typed_when_the_session_ended(self, chen: Browser) -> None:
        begin(chen, DRIVING)
        here = chen.url
        chen.world.at += timedelta(hours=2)
        chen.send({"applicant_name": "陈一", "applicant_address": "演示路一号"})
        assert chen.url.startswith("/sign-in/")
        assert "演示路" not in chen.text
        chen.send({"name": "qy-chen", "password": "kua-sheng-tong-ban"})
        assert chen.url == here
        assert "已经找回" in chen.words
        assert chen.form().values["applicant_address"] == ["演示路一号"]

    def test_says_which_way_is_not_open_and_why(self, chen: Browser) -> None:
        chen.open(f"/items/{chen.world['jiashan'].offering(COMPANY)}/start/")
        assert "需要更高的实名等级" in chen.words
        assert chen.form().values["mode"] == ["PROXY_INTAKE"]
        chen.send({"mode": "FULLY_ONLINE"})
        assert chen.status == 422

    def test_keeps_a_draft_of_an_item_that_is_paused_meanwhile(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        chen.send({"applicant_name": "陈一"}, button="leave=1")
        assert "已经存好" in chen.words
        with chen.world.on("qingyang"):
            Offering.objects.filter(name="机动车驾驶证期满换证").update(state=Offering.State.PAUSED)
        chen.open(f"/drafts/{number}/")
        assert "暂停或取消" in chen.words
        assert chen.form().values["applicant_name"] == ["陈一"]

    def test_takes_a_draft_for_the_window_too(self, chen: Browser) -> None:
        number = begin(chen, DRIVING, "PROXY_INTAKE")
        fill_in(chen, DRIVING)
        chen.open(f"/drafts/{number}/confirm/")
        assert "原件带到窗口" in chen.words
        chen.send({"promise": "1"})
        case = case_on(chen.world, "qingyang", number)
        assert (case.phase, case.mode) == (Phase.FILED, Mode.PROXY_INTAKE)


class TestMaterials:
    def test_refuse_a_disguised_file_with_a_sentence(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        chen.open(f"/drafts/{number}/materials/")
        chen.send(to="licence", file=("scan.pdf", PNG))
        assert chen.status == 422
        assert 'href="#file-licence"' in chen.text
        assert "机动车驾驶证" in chen.words
        with chen.world.on("qingyang"):
            assert not materials.materials_of(number).exists()

    def test_are_listed_by_name_with_what_may_make_them_hard_to_read(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        chen.open(f"/drafts/{number}/materials/")
        chen.send(to="photo", file=("一寸照.png", PNG))
        chen.send(to="licence", file=("驾驶证.pdf", PDF))
        for _ in range(2):
            assert "一寸照.png" in chen.words
            assert "几乎是空白页" in chen.words
            assert "第 1 页是空白页" in chen.words
            chen.open(chen.url)

    def test_ask_for_a_file_when_none_was_chosen(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        chen.open(f"/drafts/{number}/materials/")
        chen.send(to="licence")
        assert chen.status == 422
        assert "没有收到文件" in chen.words

    def test_are_listed_opened_and_taken_back(self, chen: Browser) -> None:
        number = begin(chen, DRIVING)
        chen.open(f"/drafts/{number}/materials/")
        chen.send(to="licence", file=("scan.pdf", PDF))
        assert "已经上传" in chen.words
        link = re.search(rf"/drafts/{number}/materials/sm3:[0-9a-f]{{64}}/", chen.text)
        assert link
        digest = link[0].split("/")[-2]
        page = chen.text
        chen.open(link[0])
        assert chen.text.startswith("%PDF")
        chen.text, chen.url = page, f"/drafts/{number}/materials/"
        chen.send({"digest": digest}, to="/remove/")
        assert "已经上传" not in chen.words


class TestOthers:
    def test_find_nothing_of_somebody_elses(self, chen: Browser) -> None:
        case, begun = filed(chen), begin(chen, DRIVING)
        lin = Browser(chen.world).sign_in("qy-lin")
        for path in (
            f"/drafts/{begun}/", f"/drafts/{begun}/steps/1/", f"/drafts/{begun}/materials/", f"/drafts/{begun}/confirm/",
            f"/my-cases/{case}/", f"/my-cases/{case}/receipt/",
        ):  # fmt: skip
            lin.open(path)
            assert lin.status == 404, path
            assert "页面不存在" in lin.words
        lin.open("/my-cases/")
        assert "您还没有办件" in lin.words

    def test_must_sign_in_first(self, chen: Browser) -> None:
        stranger = Browser(chen.world)
        for path in ("/my-cases/", f"/items/{chen.world['jiashan'].offering(DRIVING)}/start/"):
            stranger.open(path)
            assert stranger.url.startswith("/sign-in/"), path


class TestLookup:
    def test_shows_where_a_case_is_and_nothing_of_anybody(self, chen: Browser) -> None:
        number = filed(chen)
        stranger = Browser(chen.world).open("/lookup/")
        stranger.send({"number": f" {number[:10]} {number[10:].lower()} ", "proof": stories.proof(DRIVING)})
        assert stranger.status == 200
        assert "已推送" in stranger.words
        assert "机动车驾驶证期满换证" in stranger.words
        assert "在窗口交的，可以用上面的短信验证码" in stranger.words
        for personal in ("张三", IDNO, "13800000001", "演示路", "material"):
            assert personal not in stranger.text

    def test_tells_a_slip_of_the_finger(self, chen: Browser) -> None:
        stranger = Browser(chen.world).open("/lookup/?number=123").send()
        assert stranger.status == 422
        assert stranger.form().values["number"] == ["123"]

    def test_slows_down_guessing(self, chen: Browser) -> None:
        unknown = filed(chen)
        with chen.world.on("qingyang"):
            from tongban.cases.models import Case

            Case.objects.filter(number=unknown).delete()
        stranger = Browser(chen.world)
        answers = [
            stranger.open(f"/lookup/?number={unknown}").send({"proof": stories.proof(DRIVING)}).status
            for _ in range(6)
        ]
        assert answers == [404] * 5 + [429]


class TestAfterwards:
    def correcting(self, chen: Browser) -> str:
        world, number = chen.world, filed(chen)
        world.settle()
        by = officer(world, number)
        do(world, "jiashan", number, Act.ACKNOWLEDGE, by)
        do(world, "jiashan", number, Act.ASK_CORRECTION, by, texts={"notice": "请补交清晰的照片"})
        world.settle()
        return number

    def test_a_case_tells_its_story_and_explains_its_deadlines(self, chen: Browser) -> None:
        number = filed(chen)
        chen.open(f"/my-cases/{number}/")
        assert "已送往办理地" in chen.words
        assert "提交了申请" in chen.words
        assert "<details><summary>" in chen.text
        assert "第 1 个工作日" in chen.words or "工作日" in chen.words
        assert IDNO in chen.text  # their own

    @pytest.mark.prove("walks a correction through the pages of two nodes")
    def test_a_correction_is_shown_and_answered(self, chen: Browser) -> None:
        number = self.correcting(chen)
        chen.open(f"/my-cases/{number}/")
        assert "请补交清晰的照片" in chen.words
        chen.send({"code": "photo"}, to="/materials/", file=("photo.jpg", PNG))
        assert chen.status == 422
        chen.send({"code": "photo"}, to="/materials/", file=("photo.png", PNG))
        assert "这次补交的" in chen.words
        chen.send({"remark": "已补"}, to="/acts/answer/")
        assert "补正已答复" in chen.words
        assert "办理地正在复核" in chen.words
        assert "办理地需要您补正" not in chen.words
        chen.world.settle()
        assert case_on(chen.world, "jiashan", number).facts["answered_on"]

    @pytest.mark.prove("walks a case to its end through the pages")
    def test_the_file_that_the_officer_sent_comes_first_and_under_its_name(self, chen: Browser) -> None:
        world, number = chen.world, filed(chen)
        world.settle()
        by, head = officer(world, number), officer(world, number, post="decider")
        do(world, "jiashan", number, Act.ACKNOWLEDGE, by)
        do(world, "jiashan", number, Act.ACCEPT, by)
        stories.review_all(world, number)
        told = {"decision": "准予换证"}
        do(world, "jiashan", number, Act.DECIDE, head, given={"outcome": "granted"}, texts=told)
        do(world, "jiashan", number, Act.CONCLUDE, head)
        with world.on("jiashan"):
            sending = results.ready(way="electronic", text="驾驶证一本", file=("新驾驶证.pdf", PDF))
            results.send(case=number, sending=sending, by=head, at=world.at)
        world.settle()
        chen.open(f"/my-cases/{number}/")
        first = chen.text.partition("<section")[2].partition("</section>")[0]
        assert 'id="result"' in first
        assert "新驾驶证.pdf" in first
        assert "驾驶证一本" in first
        assert "result.txt" not in chen.text
        assert "新驾驶证.pdf" not in chen.text.partition("交过的材料")[2]
        link = re.search(rf"/my-cases/{number}/materials/sm3:[0-9a-f]{{64}}/", first)
        assert link
        assert chen.fetch(link[0]).content == PDF

    def test_an_answer_begins_with_what_was_asked_for(self, chen: Browser) -> None:
        world, number = chen.world, filed(chen)
        world.settle()
        by, told = officer(world, number), {"notice": "1．机动车驾驶证：不清晰；请重拍"}
        do(world, "jiashan", number, Act.ACKNOWLEDGE, by)
        do(
            world,
            "jiashan",
            number,
            Act.ASK_CORRECTION,
            by,
            texts=told,
            given={"asked": ["material:licence"]},
        )
        world.settle()
        chen.open(f"/my-cases/{number}/")
        form = chen.form("/materials/")
        assert form.values["code"] == ["licence"]
        assert form.offered["code"] == ["licence"]

    def test_the_story_tells_what_matters_in_sentences(self, chen: Browser) -> None:
        number = self.correcting(chen)
        with chen.world.on("jiashan"):
            looking.first_look(
                matter=case_on(chen.world, "jiashan", number),
                by=officer(chen.world, number),
                at=chen.world.at,
            )
        chen.world.settle()
        chen.open(f"/my-cases/{number}/")
        said = chen.text.partition("办理经过")[2].partition("</section>")[0]
        assert "送往嘉善县公安局交通管理大队" in said
        assert re.search(r"今天 \d\d:\d\d", said)
        assert not re.search(r"\d{4}-\d\d-\d\d|到达|查看|认领|系统", said)

    @pytest.mark.prove("walks a case to its end through the pages")
    def test_a_case_that_is_over_waits_for_no_decision_and_no_withdrawal(self, chen: Browser) -> None:
        number = filed(chen)
        chen.world.settle()
        by = officer(chen.world, number)
        do(chen.world, "jiashan", number, Act.ACKNOWLEDGE, by)
        do(chen.world, "jiashan", number, Act.ACCEPT, by)
        chen.world.settle()
        chen.open(f"/my-cases/{number}/")
        assert "办理期限" in chen.words
        chen.send({"remark": "不办了"}, to="/acts/request_withdrawal/")
        chen.world.settle()
        do(chen.world, "jiashan", number, Act.GRANT_WITHDRAWAL, by)
        chen.world.settle()
        chen.open(f"/my-cases/{number}/")
        assert "已撤回" in chen.words
        assert "办理期限" not in chen.words
        assert "逾期" not in chen.words

    def test_a_decision_that_is_known_cannot_be_outrun(self, chen: Browser) -> None:
        number = filed(chen)
        chen.world.settle()
        by = officer(chen.world, number)
        do(chen.world, "jiashan", number, Act.ACKNOWLEDGE, by)
        do(chen.world, "jiashan", number, Act.ACCEPT, by)
        stories.review_all(chen.world, number)
        head = officer(chen.world, number, post="decider")
        told = {"decision": "准予换证"}
        do(chen.world, "jiashan", number, Act.DECIDE, head, given={"outcome": "granted"}, texts=told)
        chen.world.settle()
        chen.open(f"/my-cases/{number}/")
        assert "/acts/request_withdrawal/" not in chen.text

    def test_what_was_told_is_there_on_paper(self, chen: Browser) -> None:
        number = self.correcting(chen)
        chen.open(f"/my-cases/{number}/")
        [link] = re.findall(rf"/my-cases/{number}/letters/\w+\.pdf", chen.text)
        answer = chen.fetch(link)
        assert answer.content.startswith(b"%PDF")
        assert "attachment" in answer.headers["Content-Disposition"]
        assert chen.fetch(f"/my-cases/{number}/letters/receipt.pdf").status_code == 404
        lin = Browser(chen.world).sign_in("qy-lin")
        assert lin.fetch(link).status_code == 404

    def test_the_same_file_again_corrects_nothing_and_is_told_so(self, chen: Browser) -> None:
        number = self.correcting(chen)
        with chen.world.on("qingyang"):
            before = materials.materials_of(number).filter(media_type="image/png")[0]
            same = container.unpack(vault.get(number, before.digest))
        chen.open(f"/my-cases/{number}/")
        chen.send({"code": before.code}, to="/materials/", file=(same.name, same.data))
        assert chen.status == 422
        assert "与先前交过的完全相同" in chen.words

    def test_withdrawal_is_asked_of_whoever_holds_the_case(self, chen: Browser) -> None:
        number = filed(chen)
        chen.open(f"/my-cases/{number}/")
        assert "/acts/withdraw/" not in chen.text
        chen.send({"remark": "改了主意"}, to="/acts/request_withdrawal/")
        assert "撤回请求待答复" in chen.words
        assert "/acts/request_withdrawal/" not in chen.text

    def test_before_it_is_pushed_a_case_is_simply_withdrawn(self, chen: Browser) -> None:
        number = begin(chen, DRIVING, "PROXY_INTAKE")
        fill_in(chen, DRIVING)
        chen.open(f"/drafts/{number}/confirm/")
        chen.send({"promise": "1"})
        chen.open(f"/my-cases/{number}/")
        chen.send(to="/acts/withdraw/")
        assert "已撤回" in chen.words
        assert case_on(chen.world, "qingyang", number).phase == Phase.WITHDRAWN

    def test_a_stale_page_is_told_so(self, chen: Browser) -> None:
        number = filed(chen)
        chen.open(f"/my-cases/{number}/")
        here, text = chen.url, chen.text
        chen.send({"remark": "请加快"}, to="/acts/urge/")
        assert "已催办" in chen.words
        chen.url, chen.text = here, text
        chen.send({"remark": "孩子要上学"}, to="/acts/urge/")
        assert chen.status == 409
        assert "请刷新" in chen.words
        assert "孩子要上学" in chen.words

    def test_pressed_twice_urges_once(self, chen: Browser) -> None:
        number = filed(chen)
        chen.open(f"/my-cases/{number}/")
        here, text = chen.url, chen.text
        for _ in range(2):
            chen.url, chen.text = here, text
            chen.send({"remark": "请加快"}, to="/acts/urge/")
            assert chen.status == 200
            assert "已催办" in chen.words
        with chen.world.on("qingyang"):
            assert [event.kind for event in journal.events_of(number)].count(Act.URGE) == 1

    def test_an_act_of_somebody_elses_is_not_there(self, chen: Browser) -> None:
        number = filed(chen)
        chen.open(f"/my-cases/{number}/")
        chen.text = chen.text.replace("/acts/urge/", "/acts/decide/")
        chen.send(to="/acts/decide/")
        assert chen.status == 404

    @pytest.mark.prove("walks a case to its end through the pages")
    def test_the_result_is_fetched_and_confirmed(self, chen: Browser) -> None:
        world, number = chen.world, filed(chen)
        world.settle()
        by, head = officer(world, number), officer(world, number, post="decider")
        do(world, "jiashan", number, Act.ACKNOWLEDGE, by)
        do(world, "jiashan", number, Act.ACCEPT, by)
        stories.review_all(world, number)
        do(
            world,
            "jiashan",
            number,
            Act.DECIDE,
            head,
            given={"outcome": "granted"},
            texts={"decision": "准予换证"},
        )
        stories.conclude(world, number)
        chen.open(f"/my-cases/{number}/")
        assert "准予换证" in chen.words
        result = chen.text.partition('id="result"')[2].partition("</section>")[0]
        link = re.findall(rf"/my-cases/{number}/materials/sm3:[0-9a-f]{{64}}/", result)[0]
        page, here = chen.text, chen.url
        chen.open(link)
        assert chen.text == "结果"
        chen.text, chen.url = page, here
        chen.send(to="/acts/confirm_delivery/")
        assert "已确认收到结果" in chen.words
        assert case_on(world, "qingyang", number).phase == Phase.DELIVERED
