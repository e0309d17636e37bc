"""Work of which a process bears only so much at once."""

import threading

import pytest

from tests.crowds import crowd, others
from tongban.kernel.gates import Busy, Gate


def gate(patience: float = 60.0) -> Gate:
    return Gate(at_once=1, waiting=2, patience=patience, sentence="未办理：系统正忙。请过几秒再试。")


@pytest.mark.attack("D5")
class TestGate:
    def test_lets_through_one_after_the_other(self) -> None:
        one, most, inside = gate(), [0], [0]

        def work() -> None:
            with one.turn():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                threading.Event().wait(0.001)
                inside[0] -= 1

        threads = [threading.Thread(target=work) for _ in range(crowd(one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (most, one.seats) == ([1], 3)

    def test_tells_who_finds_all_seats_taken_at_once(self) -> None:
        one = gate()
        with others(one, crowd(one)), pytest.raises(Busy, match="系统正忙"), one.turn():
            raise AssertionError("let through")
        with one.turn():
            assert one.seats == 2

    def test_tells_who_waits_for_too_long(self) -> None:
        one = gate(patience=0.01)
        with others(one, 1), pytest.raises(Busy), one.turn():
            raise AssertionError("let through")
        with one.turn():
            pass

    def test_frees_the_turn_of_work_that_fails(self) -> None:
        one = gate()
        with pytest.raises(ZeroDivisionError), one.turn():
            _ = 1 / 0
        assert one.seats == 3
        with one.turn():
            pass
