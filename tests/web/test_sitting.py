"""One sitting at the window: a card read, one sheet, one press, everything between recorded as the acts they are."""

import io
import re
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from tests.stories import case_on
from tests.web.browser import Browser
from tests.web.test_counter import Clerk, begin, everything
from tests.world import World
from tongban.cases import sitting
from tongban.cases.words import Act, Phase
from tongban.catalogue import seed
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.materials import queries as materials
from tongban.web.counter import cards, scans

pytestmark = pytest.mark.slow

DISABILITY = "disability-certificate-renewal"
CARD = "张三|341723199003070016|19900307|安徽省池州市青阳县演示路1号"
SITTING = [Act.FILE, Act.RECEIVE, Act.CHECK_IDENTITY, Act.PASS_REVIEW, Act.FORWARD]


@pytest.fixture
def clerk(counties: World) -> Clerk:
    """Give a clerk of the first county who has signed in."""
    return Clerk(counties).arrive()


def sheet(clerk: Clerk) -> tuple[str, dict[str, Any], list[tuple[str, bytes]]]:
    """Begin; return the number, the answers without what the card tells, and the scans."""
    number = begin(clerk, DISABILITY, "残疾人证 嘉善")
    values, files = everything(clerk, DISABILITY)
    for name in ("applicant_name", "applicant_idno", "applicant_address", "handled_by"):
        del values[name]
    return number, {**values, "reader-applicant": CARD, "certificate_number": "43", "seen-same": "1"}, files


def acts(clerk: Clerk, number: str) -> list[str]:
    with clerk.world.on("qingyang"):
        return [event.kind for event in journal.events_of(number)]


class TestOnePress:
    def test_records_each_act_and_asks_for_no_number_twice(self, clerk: Clerk) -> None:
        number, values, files = sheet(clerk)
        clerk.press(values, files=files, button="do=push")

        assert acts(clerk, number) == SITTING, clerk.words
        assert case_on(clerk.world, "qingyang", number).phase == Phase.FORWARDED
        # Search, begin, push; the window's page, the sheet, the receipt (searching renews a part of the first by script).
        assert (clerk.posts, clerk.pages) == (2, 4)
        for said in ("已收件，已推送", "接下来", "下一位", "人证一致；证件号码末四位 0016"):
            assert said in clerk.words
        with clerk.world.on("qingyang"):
            form = materials.form_of(number)
        assert form["certificate_number"] == "34172319900307001643"
        assert (form["applicant_name"], form["handled_by"]) == ("张三", "self")

    def test_without_a_reader_takes_what_is_typed(self, clerk: Clerk) -> None:
        number = begin(clerk, DISABILITY, "残疾人证 嘉善")
        values, files = everything(clerk, DISABILITY)
        clerk.press({**values, "seen-method": "id_card", "seen-same": "1"}, files=files, button="do=push")
        assert acts(clerk, number) == SITTING, clerk.words

    def test_enter_without_a_script_files_nothing_and_fills_in_the_card(self, clerk: Clerk) -> None:
        number = begin(clerk, DISABILITY, "残疾人证 嘉善")
        assert clerk.form().buttons[0] == ("do", "save")  # what a browser takes for Enter
        clerk.press({"reader-applicant": CARD}, button="do=save")
        assert clerk.form().values["applicant_idno"] == ["341723199003070016"]
        assert clerk.form().values["reader-applicant"] == [""]
        with clerk.world.on("qingyang"):
            assert not materials.draft(number, clerk.world["qingyang"].staff("window")).filed

    def test_needs_the_person_to_be_the_cards(self, clerk: Clerk) -> None:
        number, values, files = sheet(clerk)
        del values["seen-same"]
        clerk.press(values, files=files, button="do=push")
        assert clerk.status == 422
        assert 'href="#check_identity-same"' in clerk.text
        assert acts(clerk, number) == []

    def test_with_a_gap_goes_as_far_as_the_one_time_notice(self, clerk: Clerk) -> None:
        number, values, files = sheet(clerk)
        values |= {"check-see-photo": "lacking", "remark-see-photo": "不是白底"}
        files = [one for one in files if one[0] != "file-photo"]
        clerk.press(values, files=files, button="do=push")
        assert acts(clerk, number) == SITTING[:3], clerk.words
        clerk.press(to="/acts/give_notice/").press(button="sure=1")
        assert case_on(clerk.world, "qingyang", number).phase == Phase.NOTICED

    def test_refused_on_the_way_keeps_what_is_done_and_goes_on_from_there(
        self, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number, values, files = sheet(clerk)
        real = sitting.commands.act

        def refusing(**asked: Any) -> Any:
            if asked["act"] == Act.FORWARD:
                raise NotPermitted("您的岗位不能推送。请由有推送权限的人员办理。")
            return real(**asked)

        monkeypatch.setattr(sitting.commands, "act", refusing)
        clerk.press(values, files=files, button="do=push")
        assert (clerk.status, acts(clerk, number)) == (403, SITTING[:4])
        assert "已经记下：申报、收件、身份核验、形式审查通过。在“推送办理地”这一步没有办成" in clerk.words
        monkeypatch.undo()
        clerk.press(to="/acts/forward/").press(button="sure=1")
        assert acts(clerk, number) == SITTING


class TestAScan:
    def test_or_a_reason_is_asked_for_what_is_in_order(self, clerk: Clerk) -> None:
        number, values, files = sheet(clerk)
        files = [one for one in files if one[0] != "file-old-certificate"]
        clerk.press(values, files=files, button="do=push")
        assert clerk.status == 422
        assert 'href="#check-see-old-certificate"' in clerk.text
        clerk.press({**values, "remark-see-old-certificate": "证件破损，无法扫描"}, button="do=push")
        assert acts(clerk, number) == SITTING, clerk.words
        assert "证件破损，无法扫描" in clerk.words


class TestTheForm:
    def test_is_printed_for_signature_and_its_scan_is_the_material(self, clerk: Clerk) -> None:
        number, values, _files = sheet(clerk)
        page = clerk.url
        sent = {**clerk.form().values, **values, "do": "print"}
        answer = clerk._call("post", page, sent).content
        words = re.sub(
            r"\s", "", "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(answer)).pages)
        )
        for said in ("残疾人证期满换领申请表", "张三", "34172319900307001643", "申请人签字"):
            assert said in words
        assert acts(clerk, number) == []

    def test_is_not_uploaded_by_who_fills_it_in_online(self) -> None:
        guide = seed.templates()["cross-province-medical-filing"]
        form = seed.example("cross-province-medical-filing")
        asked = materials.required_of(form, guide)
        assert "异地就医备案登记表" not in asked
        assert asked

    def test_is_there_blank_for_everybody(self, counties: World) -> None:
        code = counties["jiashan"].offering(DISABILITY)
        answer = Browser(counties).fetch(f"/items/{code}/form.pdf")
        words = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        assert "残疾类别" in words
        assert "张三" not in words


class TestPages:
    def test_of_one_material_are_several_to_look_at_to_turn_to_move_and_to_take_away(
        self, clerk: Clerk
    ) -> None:
        number = begin(clerk, DISABILITY, "残疾人证 嘉善")

        def pages() -> list[tuple[int, int]]:
            with clerk.world.on("qingyang"):
                held = materials.materials_of(number).filter(code="identity")
                opened = [materials.open_material(number, one.digest)[2] for one in held]
            return [Image.open(io.BytesIO(data)).size for data in opened]

        for width in (800, 900, 1000):
            clerk.press(files=[("file-identity", picture(width))], button="do=save")
        assert pages() == [(800, 700), (900, 700), (1000, 700)]
        links = re.findall(r'src="(/counter/drafts/\w+/thumbnails/[^"]+)"', clerk.text)
        small = Image.open(io.BytesIO(clerk.fetch(links[0]).content))
        assert (len(links), max(small.size)) == (3, 240)

        digests = [link.split("/")[-2] for link in links]
        clerk.press(button=f"turn={digests[0]}")
        assert pages() == [(700, 800), (900, 700), (1000, 700)]
        clerk.press(button=f"forward={digests[2]}")
        assert pages() == [(700, 800), (1000, 700), (900, 700)]
        clerk.press(button=f"drop={digests[1]}")
        assert pages() == [(700, 800), (1000, 700)]

    def test_of_others_drafts_are_not_there(self, clerk: Clerk, counties: World) -> None:
        begin(clerk, DISABILITY, "残疾人证 嘉善")
        clerk.press(files=[("file-identity", picture(800))], button="do=save")
        [link] = re.findall(r'src="(/counter/drafts/\w+/thumbnails/[^"]+)"', clerk.text)
        assert Clerk(counties).arrive("qy-town").fetch(link).status_code == 404


class TestTheScannersFolder:
    def test_is_ticked_into_one_material_and_emptied(
        self, clerk: Clerk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = begin(clerk, DISABILITY, "残疾人证 嘉善")
        assert "扫描件文件夹" not in clerk.words
        monkeypatch.setattr(scans, "folder", lambda by: tmp_path)
        for name, width in (("1.png", 800), ("2.png", 900)):
            (tmp_path / name).write_bytes(picture(width))
        (tmp_path / "3.png").write_bytes(b"MZ program")
        clerk.open(f"/counter/drafts/{number}/")
        clerk.press({"scan": ["1.png", "2.png", "3.png"], "scan-to": "identity"}, button="do=scan")
        assert (clerk.status, 'href="#scans"' in clerk.text) == (422, True)
        with clerk.world.on("qingyang"):
            assert materials.materials_of(number).filter(code="identity").count() == 2
        assert [one.name for one in tmp_path.iterdir()] == ["3.png"]
        clerk.press({"scan": ["../secret.png"], "scan-to": "identity"}, button="do=scan")
        assert (clerk.status, "没有这个文件" in clerk.words) == (422, True)


class TestReaders:
    @pytest.mark.parametrize(
        "line",
        [
            CARD,
            CARD.replace("|", ","),
            "张三|男|汉|1990-03-07|安徽省池州市青阳县演示路1号|341723199003070016|青阳县公安局|20160520|20360520",
            "341723199003070016",
        ],
    )
    def test_type_lines_that_are_rows(self, line: str) -> None:
        assert cards.read(line)["idno"] == "341723199003070016"

    @pytest.mark.parametrize(
        "line", ["张三|341723199003070017|19900307|路", CARD.replace("|19900307", "|19900308"), "x"]
    )
    def test_are_refused_where_nothing_fits(self, line: str, clerk: Clerk) -> None:
        with pytest.raises(cards.CardUnreadable) as refused:
            cards.read(line)
        assert refused.value.code == "card_unreadable"
        begin(clerk, DISABILITY, "残疾人证 嘉善")
        clerk.press({"reader-applicant": line}, button="do=save")
        assert (clerk.status, 'href="#reader-applicant"' in clerk.text) == (422, True)


def picture(width: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, 700), "grey").save(buffer, "PNG")
    return buffer.getvalue()
