"""The threads that answer requests: what waits has its turn in order, and nobody keeps others waiting by sending much."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.patience import PATIENCE
from tongban.assembly.door import whose
from tongban.assembly.threads import Threads
from tongban.configuration import proxy

HEADER = "HTTP_TONGBAN_NODE"


class Busy:
    """One thread that is held up, so that everything else waits; and the order in which it was done."""

    def __init__(self) -> None:
        self.threads, self.done = Threads(1), list[str]()
        self._begun, self._goes_on = threading.Event(), threading.Event()
        self.threads.do(self._hold)
        assert self._begun.wait(PATIENCE)

    def _hold(self) -> None:
        self._begun.set()
        self._goes_on.wait(PATIENCE)

    def ask(self, name: str, whose: str = "") -> None:
        """Let something wait."""
        self.threads.do(self._note(name), whose)

    def order(self) -> list[str]:
        """Let the thread go on; return in which order what waited was done."""
        last = threading.Event()
        for who in ("", "a", "b"):
            self.threads.do(self._note("end"), who)
        self.threads.do(last.set, "a")
        self._goes_on.set()
        assert last.wait(PATIENCE)
        return [name for name in self.done if name != "end"]

    def _note(self, name: str) -> Callable[[], None]:
        return lambda: self.done.append(name)


@pytest.fixture
def busy() -> Iterator[Busy]:
    busy = Busy()
    yield busy
    busy.order()


def test_what_is_nobodys_is_done_in_its_order(busy: Busy) -> None:
    for name in "12345":
        busy.ask(name)
    assert busy.order() == list("12345")


def test_who_sends_much_keeps_no_other_waiting(busy: Busy) -> None:
    for number in range(50):
        busy.ask(f"a{number}", "a")
    busy.ask("b0", "b")
    busy.ask("page")
    busy.ask("b1", "b")
    order = busy.order()
    assert order[:5] == ["a0", "b0", "page", "a1", "b1"]
    assert [name for name in order if name[0] == "a"] == [f"a{number}" for number in range(50)]
    assert len(order) == 53


def test_a_line_that_ran_empty_begins_anew(busy: Busy) -> None:
    busy.ask("a0", "a")
    assert busy.order() == ["a0"]
    assert not busy.threads._lines
    assert not busy.threads._waiting


@pytest.mark.parametrize(
    ("path", "named", "address", "expected"),
    [
        ("/exchange/v1/messages", "sm3:a", "10.0.0.1", "10.0.0.1 sm3:a"),
        ("/exchange/v1/messages", "sm3:a", "10.0.0.2", "10.0.0.2 sm3:a"),
        ("/exchange/v1/messages", "", "10.0.0.1", ""),
        ("/api/v1/cases", "sm3:a", "10.0.0.1", ""),
    ],
)
def test_a_node_that_is_named_waits_for_itself(path: str, named: str, address: str, expected: str) -> None:
    environ = {"PATH_INFO": path, "REMOTE_ADDR": address, **({HEADER: named} if named else {})}
    assert whose(environ) == expected


def test_behind_a_proxy_it_is_the_callers_address_that_counts(settings: Any) -> None:
    environ = {"PATH_INFO": "/exchange/v1/messages", "REMOTE_ADDR": "127.0.0.1", HEADER: "sm3:a"}
    passed_on = environ | {"HTTP_X_FORWARDED_FOR": "10.0.0.7"}
    assert whose(passed_on) == "127.0.0.1 sm3:a"  # whoever is no proxy of ours may write there what they like
    settings.NODE = replace(settings.NODE, proxies=proxy.read(["127.0.0.1"]))
    assert whose(passed_on) == "10.0.0.7 sm3:a"
