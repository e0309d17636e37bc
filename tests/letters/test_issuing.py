"""Letters of the authority: made once with the act, numbered without a gap, sealed, the same file on both nodes, checked by anybody."""

import io
import re
import subprocess
from pathlib import Path

import pypdf
import pytest

from tests import stories
from tests.stories import case_on, do
from tests.web.browser import Browser
from tests.world import World
from tongban.cases.words import Act
from tongban.kernel.errors import DomainError
from tongban.kernel.journal import writer as journal
from tongban.letters import issuing, printing, queries, seals
from tongban.letters.models import Issuer, Letter, Series
from tongban.procedures.practice import Superseded
from tongban.seals import demo as demo_seals
from tongban.seals import keys
from tongban.seals.models import Seal

HRSS = "jiashan"


@pytest.fixture
def sealed(counties: World) -> World:
    """Give a world in which the authority has its seal."""
    with counties.on(HRSS):
        demo_seals.seal_county(counties.at)
    return counties


def refuse(world: World, number: str) -> None:
    do(
        world,
        HRSS,
        number,
        Act.REFUSE,
        stories.officer(world, number),
        texts={"reason": "不属于本机关职权范围。"},
    )


def file_of(world: World, node: str, number: str, kind: str = "refusal") -> bytes:
    by = world["qingyang"].staff("window") if node == "qingyang" else stories.officer(world, number)
    with world.on(node):
        return queries.printed(kind, case_on(world, node, number), by=by, at=world.at).pdf


@pytest.mark.slow
@pytest.mark.sealed
@pytest.mark.once("a letter is made of what was read already")
class TestASealedLetter:
    def test_is_the_same_signed_file_on_both_nodes(self, sealed: World, tmp_path: Path) -> None:
        number = stories.acknowledged(sealed)
        refuse(sealed, number)
        sealed.settle()
        ours, theirs = file_of(sealed, HRSS, number), file_of(sealed, "qingyang", number)
        assert ours == theirs

        (tmp_path / "letter.pdf").write_bytes(theirs)
        said = subprocess.run(
            ["pdfsig", "-nocert", tmp_path / "letter.pdf"], capture_output=True, text=True, check=False
        ).stdout
        assert "Signature is Valid" in said
        assert "ETSI.CAdES.detached" in said
        words = re.sub(
            r"\s", "", "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(theirs)).pages)
        )
        for part in (
            "不予受理通知书", "嘉人社服不受〔2026〕1号", "证件号码341723199003070016", "不属于本机关职权范围。",
            "向嘉善县人民政府申请行政复议", "向嘉善县人民法院提起行政诉讼", "演示文书",
        ):  # fmt: skip
            assert part in words, part
        assert b"pdfaid" in theirs

    @pytest.mark.prove("seals letters in earnest")
    def test_can_be_checked_by_anybody_who_holds_it(self, sealed: World) -> None:
        number = stories.acknowledged(sealed)
        refuse(sealed, number)
        with sealed.on(HRSS):
            letter = Letter.objects.get(subject=number)
        page = Browser(sealed, HRSS).open(f"/z/?code={letter.code.lower()}")
        assert page.status == 200
        for part in ("不予受理通知书", letter.serial, "嘉善县人力资源和社会保障局", letter.digest):
            assert part in page.words, part
        assert number not in page.text
        assert page.open("/z/?code=2222222222").status == 404
        assert "没有查到" in page.words

    @pytest.mark.prove("seals letters in earnest, four times badly")
    @pytest.mark.parametrize(
        ("breaks", "code"),
        [
            ("missing", "no_seal_in_use"),
            ("expired", "seal_expired"),
            ("revoked", "seal_revoked"),
            ("lost", "seal_key_lost"),
        ],
    )
    def test_without_a_good_seal_nothing_is_decided(
        self, sealed: World, breaks: str, code: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = stories.acknowledged(sealed)
        with sealed.on(HRSS):
            own = Seal.objects.filter(organisation__uscc=case_on(sealed, HRSS, number).handling_org)
            if breaks == "missing":
                own.delete()
            elif breaks == "expired":
                own.update(valid_from="2020-01-01T00:00:00Z", valid_to="2021-01-01T00:00:00Z")
            elif breaks == "revoked":
                own.update(state=Seal.State.REVOKED, ended_at=sealed.at)
            else:

                def gone(fingerprint: str) -> None:
                    raise FileNotFoundError(fingerprint)

                monkeypatch.setattr(keys, "private", gone)
        before = case_on(sealed, HRSS, number).version
        with pytest.raises(DomainError) as refusal:
            refuse(sealed, number)
        assert refusal.value.code == code
        assert case_on(sealed, HRSS, number).version == before
        with sealed.on(HRSS):
            assert not Letter.objects.exists()
            assert not Series.objects.filter(last__gt=0).exists()


@pytest.mark.slow
class TestNumbers:
    def test_run_without_a_gap_by_kind_of_letter(self, world: World) -> None:
        first, second = stories.acknowledged(world), stories.acknowledged(world)
        refuse(world, first)
        do(world, HRSS, second, Act.ACCEPT, stories.officer(world, second))
        third = stories.acknowledged(world)
        refuse(world, third)
        with world.on(HRSS):
            assert list(Letter.objects.order_by("pk").values_list("serial", flat=True)) == [
                "嘉人社服不受〔2026〕1号", "嘉人社服受〔2026〕1号", "嘉人社服不受〔2026〕2号",
            ]  # fmt: skip
            event = next(one for one in journal.events_of(third) if one.kind == Act.REFUSE)
        assert event.given["serial"] == "嘉人社服不受〔2026〕2号"

    def test_whoever_is_slower_takes_the_next(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        slow, quick = stories.acknowledged(world), stories.acknowledged(world)
        drawn, raced = printing.archival, []

        def race(letter: object) -> bytes:
            if not raced:
                raced.append(letter)
                refuse(world, quick)  # while the first is being drawn
            return drawn(letter)  # type: ignore[arg-type]

        monkeypatch.setattr(printing, "archival", race)
        refuse(world, slow)
        with world.on(HRSS):
            found = dict(Letter.objects.values_list("subject", "serial"))
        assert found == {quick: "嘉人社服不受〔2026〕1号", slow: "嘉人社服不受〔2026〕2号"}

    def test_who_is_always_slower_is_told_and_nothing_is_done(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        number = stories.acknowledged(world)

        def take(letter: object) -> bytes:
            Series.objects.get_or_create(
                organisation=case_on(world, HRSS, number).handling_org, mark="服不受", year=2026
            )
            Series.objects.filter(mark="服不受").update(last=Series.objects.get(mark="服不受").last + 1)
            return b"%PDF-1.7\n%%EOF\n"

        monkeypatch.setattr(printing, "archival", take)
        with pytest.raises(Superseded):
            refuse(world, number)
        assert case_on(world, HRSS, number).phase == "acknowledged"
        with world.on(HRSS):
            assert not Letter.objects.exists()

    def test_what_is_refused_draws_nothing(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        number = stories.accepted(world)
        monkeypatch.setattr(seals, "picture_of", lambda *_: pytest.fail("drawn"))
        with pytest.raises(DomainError) as refusal:
            refuse(world, number)
        assert refusal.value.code == "act_not_allowed"

    def test_need_an_office_that_is_entered(self, world: World) -> None:
        number = stories.acknowledged(world)
        with world.on(HRSS):
            Issuer.objects.all().delete()
        with pytest.raises(DomainError) as refusal:
            refuse(world, number)
        assert refusal.value.code == "issuer_unknown"

    def test_an_adverse_letter_needs_authority_and_court(self, world: World) -> None:
        number = stories.acknowledged(world)
        with world.on(HRSS):
            Issuer.objects.update(review="")
        with pytest.raises(DomainError) as refusal:
            refuse(world, number)
        assert refusal.value.code == "remedy_missing"
        do(world, HRSS, number, Act.ACCEPT, stories.officer(world, number))


def test_codes_cannot_be_guessed_from_numbers() -> None:
    codes = {issuing.code_of("N", f"青市监许受〔2026〕{n}号") for n in range(1, 300)}
    assert len(codes) == 299
    assert all(re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{10}", code) for code in codes)
    assert issuing.code_of("M", "青市监许受〔2026〕1号") not in codes
