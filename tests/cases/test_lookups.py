"""Looking up by number: what proves it, and that nothing tells which numbers there are."""

from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import stories
from tests.world import World
from tongban.cases import answer_code, lookups
from tongban.kernel import vault
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import numbers

pytestmark = pytest.mark.database
WRONG = "0000"


def unknown(world: World) -> str:
    return str(numbers.issue("500152", "x" * 64, 1, world.at.date()))


def refused(number: str, proof: str) -> str:
    with pytest.raises(NotFound) as refusal:
        lookups.look_up(number, proof)
    assert refusal.value.code == "not_found"
    return str(refusal.value).replace(numbers.parse(number).display(), "…")


@pytest.mark.attack("E6")
class TestWhatProves:
    def test_the_end_of_the_telephone_however_typed(self, world: World) -> None:
        number = stories.filed(world)
        wide = stories.proof().translate({ord("0") + n: 0xFF10 + n for n in range(10)})
        with world.on("qingyang"):
            for typed in (stories.proof(), f" {stories.proof()} ", wide):
                assert lookups.look_up(number, typed).number == number

    def test_the_answer_code(self, world: World) -> None:
        number = stories.filed(world)
        with world.on("qingyang"):
            assert lookups.look_up(number, answer_code.of(number).lower()).number == number

    def test_nothing_else_and_the_answer_is_that_of_a_number_nobody_has(self, world: World) -> None:
        number, other = stories.filed(world), stories.filed(world)
        assert stories.proof() != WRONG
        with world.on("qingyang"):
            expected = refused(unknown(world), WRONG)
            for typed in ("", WRONG, stories.proof()[1:], "9" + stories.proof(), answer_code.of(other)):
                assert refused(number, typed) == expected, typed

    def test_on_the_other_node_by_the_telephone_as_soon_as_the_form_is_there(self, world: World) -> None:
        number = stories.forwarded(world)
        world.settle()
        with world.on("qingyang"):
            code = answer_code.of(number)
        with world.on("jiashan"):
            assert lookups.look_up(number, stories.proof()).number == number
            refused(number, code)  # only the node that took it in can make the code

    def test_only_the_code_once_the_form_is_destroyed(self, world: World) -> None:
        number = stories.filed(world)
        with world.on("qingyang"):
            vault.destroy(number, "测试", world.at)
            refused(number, stories.proof())
            assert lookups.look_up(number, answer_code.of(number)).number == number


def test_a_number_that_nobody_has_costs_what_a_wrong_proof_costs(world: World) -> None:
    number = stories.filed(world)
    cost = []
    with world.on("qingyang"):
        refused(number, WRONG)  # what is remembered by the process is remembered now
        for typed in (number, unknown(world)):
            with (
                CaptureQueriesContext(
                    connection,
                ) as queries,
                mock.patch.object(vault, "read_chunk", wraps=vault.read_chunk) as opened,
            ):
                refused(typed, WRONG)
            cost.append((len(queries), opened.call_count))
    assert cost[0][1] > 0
    # A number that nobody has may be another procedure's: one question more, which takes no longer than a row.
    assert cost[0][1] == cost[1][1]
    assert abs(cost[0][0] - cost[1][0]) <= 2
