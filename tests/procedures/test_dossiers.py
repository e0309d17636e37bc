"""The dossiers of small procedures: the product's verifier judges them whole, the second one all that stands in their tables."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.cases.test_second_verifier import SECOND
from tests.procedures import inspections, visits
from tests.procedures.inspections import INSPECTION
from tests.procedures.visits import VISIT
from tests.world import World
from tongban.accounts.access.actor import Permission
from tongban.procedures import commands, register
from tongban.procedures.dossier import exporting, verifier

HERE, THERE = "qingyang", "jiashan"
TABLES = {one.present.digest: one.present.document for one in (INSPECTION, VISIT)}


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    with register.only([*register.everyone(), INSPECTION, VISIT]):
        yield


@pytest.fixture
def numbers(world: World) -> tuple[str, str]:
    """An inspection that is over, and its visit, made by another node."""
    for node in world.nodes.values():
        node.procedures = (INSPECTION, VISIT)

    def do(node: str, number: str, act: str, **more: Any) -> None:
        with world.on(node) as here:
            by = replace(here.staff("window"), permissions=frozenset(Permission))
            commands.act(matter=number, act=act, by=by, at=world.at, **more)
        world.settle()

    with world.on(HERE) as here:
        by, at = replace(here.staff("window"), permissions=frozenset(Permission)), world.at
        parent = commands.begin(procedure=inspections.NAME, act="open", by=by, at=at)
        child = commands.begin(procedure=visits.NAME, act="order", by=by, at=at, about=[parent])
    there = world[THERE]
    bind = {
        "term": 1, "node": there.fingerprint, "org": there.centre, "office": there.centre, "papers": [],
    }  # fmt: skip
    do(HERE, child.number, "send", given={"bind": bind})
    do(THERE, child.number, "report", texts={"note": "无异常"})
    do(HERE, child.number, "close")
    return parent.number, child.number


def dossier(world: World, number: str, node: str = HERE) -> tuple[bytes, set[str]]:
    with world.on(node):
        return exporting.export(number, by=world[node].operator(), at=world.at), {
            one.fingerprint for one in world.nodes.values()
        }


@pytest.mark.parametrize("node", [HERE, THERE])
def test_a_matter_about_another_holds_for_both(world: World, numbers: tuple[str, str], node: str) -> None:
    data, roots = dossier(world, numbers[1], node)
    verdict = verifier.verify(data, roots)
    assert (verdict.code, verdict.findings, verdict.summary["phase"]) == (verifier.HOLDS, (), "closed")
    code, sentence, _ = SECOND.examine(data, roots, TABLES)
    assert code == 0, sentence


def test_the_phase_of_a_parent_takes_who_knows_its_procedure(world: World, numbers: tuple[str, str]) -> None:
    data, roots = dossier(world, numbers[0])
    verdict = verifier.verify(data, roots)
    assert (verdict.code, verdict.findings, verdict.summary["phase"]) == (verifier.HOLDS, (), "done")
    assert SECOND.examine(data, roots, TABLES)[0] == verifier.TOO_NEW


def test_without_their_tables_the_second_says_so(world: World, numbers: tuple[str, str]) -> None:
    data, roots = dossier(world, numbers[1])
    assert SECOND.examine(data, roots, {})[0] == verifier.TOO_NEW
