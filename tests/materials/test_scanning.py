"""The virus scanner: asked about every file; while it gives no verdict the file is held, for nobody to use."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Name
from pytest_django.fixtures import Settings

from tests.materials import samples
from tests.materials.scanner import VIRUS, Scanner, listening
from tests.materials.stories import MONDAY, NUMBER, ZHANG, a_draft, handed_in
from tests.nodes import Node
from tongban.configuration import config
from tongban.kernel.errors import NotFound
from tongban.materials import clamd, commands, filing, inspection, queries, scanning, tasks
from tongban.materials.models import Material

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(minutes=5)


@pytest.fixture
def scanner(node: Node, settings: Settings, tmp_path: Path) -> Iterator[Scanner]:
    """Give a node whose scanner works, with an open draft."""
    with listening(tmp_path) as scanner:
        settings.NODE = replace(settings.NODE, scanner=scanner.address)
        a_draft()
        yield scanner


def packed_pdf(content: bytes) -> bytes:
    """A PDF that hides `content` in a compressed stream which no page shows."""
    pdf = samples.new_pdf()
    pdf.Root.Extra = pdf.make_indirect(pikepdf.Stream(pdf, content))
    return samples.saved(pdf, compress_streams=True)


class TestAFileThatIsHandedIn:
    def test_is_kept_when_the_scanner_finds_nothing(self, scanner: Scanner) -> None:
        data = samples.pdf_file()
        material = handed_in(data)
        assert material.scan == Material.Scan.CLEAN
        assert scanner.scanned[0] == data

    def test_is_refused_when_it_finds_something(self, scanner: Scanner) -> None:
        with pytest.raises(inspection.FileDangerous, match="查出病毒"):
            handed_in(samples.picture() + VIRUS, name="a.jpg")
        assert not Material.objects.exists()

    def test_is_unpacked_for_the_scanner_if_it_is_a_pdf(self, scanner: Scanner) -> None:
        data = packed_pdf(VIRUS * 20)
        assert VIRUS not in data
        with pytest.raises(inspection.FileDangerous, match="查出病毒"):
            handed_in(data)

    def test_is_sent_in_several_questions_if_it_unpacks_to_much(self, scanner: Scanner) -> None:
        pdf = samples.new_pdf()
        for name in ("/One", "/Two", "/Three"):
            pdf.Root[name] = pdf.make_indirect(pikepdf.Stream(pdf, bytes(6 << 20)))
        handed_in(samples.saved(pdf, compress_streams=True))
        assert len(scanner.scanned) > 2
        assert all(len(one) < 16 << 20 for one in scanner.scanned)

    def test_is_not_asked_about_where_no_scanner_is_named(self, node: Node) -> None:
        a_draft()
        assert handed_in().scan == Material.Scan.CLEAN

    def test_leaves_pictures_of_a_pdf_to_the_file_itself(self, scanner: Scanner) -> None:
        pdf = samples.new_pdf()
        image = pikepdf.Stream(pdf, bytes(300), Subtype=Name.Image, Width=10, Height=10)
        pdf.Root.Extra = pdf.make_indirect(image)
        handed_in(samples.saved(pdf))
        assert all(bytes(300) not in one for one in scanner.scanned[1:])


class TestAFileWithoutAVerdict:
    @pytest.fixture
    def held(self, scanner: Scanner) -> Material:
        scanner.answer = b"INSTREAM size limit exceeded. ERROR\0"
        return handed_in()

    def test_is_held(self, held: Material) -> None:
        assert held.scan == Material.Scan.HELD
        assert list(queries.held_of(NUMBER)) == [held]

    @pytest.mark.parametrize("answer", [b"", b"stream: OK", b"OK\0", b"stream: OK FOUN\0", b"\0"])
    def test_is_held_whatever_else_is_answered(self, scanner: Scanner, answer: bytes) -> None:
        scanner.answer = answer
        assert handed_in().scan == Material.Scan.HELD

    def test_is_held_while_nobody_listens(self, node: Node, settings: Settings, tmp_path: Path) -> None:
        settings.NODE = replace(settings.NODE, scanner=f"unix:{tmp_path}/nobody")
        a_draft()
        assert handed_in().scan == Material.Scan.HELD

    def test_can_not_be_opened(self, held: Material) -> None:
        with pytest.raises(queries.MaterialHeld, match="尚未通过查毒"):
            queries.open_material(NUMBER, held.digest)

    def test_can_not_be_named_by_an_event(self, held: Material) -> None:
        with pytest.raises(commands.MaterialsHeld, match="1 份材料待查毒"):
            filing.mark_filed(number=NUMBER, by=ZHANG, at=LATER)
        with pytest.raises(commands.MaterialsHeld):
            filing.mark_stated(number=NUMBER, digests=[held.digest])
        held.refresh_from_db()
        assert not held.stated

    def test_can_be_taken_back(self, held: Material) -> None:
        commands.remove_material(number=NUMBER, digest=held.digest, by=ZHANG, at=LATER)
        assert not Material.objects.exists()

    def test_stays_held_while_the_scanner_says_no_more(self, held: Material) -> None:
        assert tasks.rescan_all(LATER) == 0
        assert queries.held_of(NUMBER).exists()

    def test_is_released_once_the_scanner_finds_nothing(self, held: Material, scanner: Scanner) -> None:
        scanner.answer = None
        assert tasks.rescan_all(LATER) == 1
        assert queries.open_material(NUMBER, held.digest)[2]
        filing.mark_filed(number=NUMBER, by=ZHANG, at=LATER)
        assert tasks.rescan_all(LATER) == 0

    def test_is_removed_once_it_finds_something(self, node: Node, held: Material, scanner: Scanner) -> None:
        scanner.answer = b"stream: Late.News FOUND\0"
        assert tasks.rescan_all(LATER) == 1
        assert not queries.materials_of(NUMBER).exists()
        assert [one.code for one in queries.refused_of(NUMBER)] == ["id"]
        with pytest.raises((NotFound, queries.MaterialHeld)):
            queries.open_material(NUMBER, held.digest)
        assert not [path for path in node.vault_files if held.digest in path.name]
        filing.mark_filed(number=NUMBER, by=ZHANG, at=LATER)
        assert queries.references(NUMBER) == []

    def test_is_released_by_handing_in_the_same_file_again(self, held: Material, scanner: Scanner) -> None:
        scanner.answer = None
        again = handed_in(queries.container.unpack(queries.vault.get(NUMBER, held.digest)).data)
        assert (again.pk, again.scan) == (held.pk, Material.Scan.CLEAN)


class TestAFileThatCannotWait:
    def test_is_refused_without_a_verdict(self, scanner: Scanner) -> None:
        scanner.answer = b"ERROR\0"
        with pytest.raises(scanning.ScannerAway, match="几分钟后再试"):
            scanning.demand_clean(samples.picture(), inspection.JPEG, material="办理结果")

    def test_is_refused_if_it_is_infected(self, scanner: Scanner) -> None:
        with pytest.raises(inspection.FileDangerous, match="“办理结果”查出病毒"):
            scanning.demand_clean(VIRUS, inspection.JPEG, material="办理结果")
        scanning.demand_clean(samples.picture(), inspection.JPEG, material="办理结果")


class TestAddress:
    def test_may_be_a_port(self, tmp_path: Path) -> None:
        with listening(tmp_path, tcp=True) as scanner:
            assert clamd.ping(scanner.address)
            assert clamd.is_infected(scanner.address, bytes(300_000) + VIRUS)
            assert not clamd.is_infected(scanner.address, bytes(300_000))
        assert not clamd.ping(scanner.address)

    @pytest.mark.parametrize("address", ["/run/clamav/clamd.ctl", "unix:clamd", "localhost", "tcp://a:3310"])
    def test_that_is_none_stops_the_node(self, tmp_path: Path, address: str, settings: Settings) -> None:
        text = config.render(replace(settings.NODE, scanner=address), keys_folder="keys")
        (tmp_path / config.CONFIG_NAME).write_text(text, encoding="utf-8")
        with pytest.raises(config.ConfigError, match="unix:"):
            config.load(tmp_path)

    def test_is_read_as_it_was_written(self, tmp_path: Path, settings: Settings) -> None:
        text = config.render(replace(settings.NODE, scanner="unix:/run/clamav/clamd.ctl"), keys_folder="keys")
        (tmp_path / config.CONFIG_NAME).write_text(text, encoding="utf-8")
        assert config.load(tmp_path).scanner == "unix:/run/clamav/clamd.ctl"
