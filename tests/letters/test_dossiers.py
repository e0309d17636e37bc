"""The dossier that people read says what was found wrong, and leaves out what was not checked."""

from pathlib import Path

import pytest

from tongban import known_procedures
from tongban.kernel.crypto import canon
from tongban.letters import dossiers
from tongban.procedures.dossier import timeline, verifier

GOLDEN = Path(__file__).parents[1] / "golden" / "case-1.dossier"
DATA = GOLDEN.read_bytes()
ROOTS = sorted(canon.decode(DATA)["nodes"])


@pytest.fixture(autouse=True)
def known() -> None:
    known_procedures.enter()


def test_tells_what_people_did_apart_from_what_machines_sent() -> None:
    book = dossiers.book(DATA, verifier.verify(DATA, ROOTS), ROOTS)
    assert any("作出决定" in line for line in book.people)
    assert not any("：到达" in line or "：首次查看" in line for line in book.people)
    assert len(book.people) + len(book.machines) == book.events
    assert sorted([*book.people, *book.machines]) == sorted(timeline.timeline(DATA)[3 : 3 + book.events])
    assert {trusted for _, trusted in book.roots} == {True}
    assert "申请表" in {what for what, *_ in book.materials}
    assert not any(what.startswith("material:") for what, *_ in book.materials)


def test_without_a_trusted_root_says_so() -> None:
    book = dossiers.book(DATA, verifier.verify(DATA, ROOTS[:1]), ROOTS[:1])
    assert book.verdict.startswith("不成立")
    assert "不在可信根名单中" in book.findings[0]
    assert book.checked == []
