"""Hashing passwords: at which cost, and how many at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from tongban.accounts.access import hashing, passwords
from tongban.assembly import settings as ours

PASSWORD = "long enough, and odd"


@contextmanager
def others(number: int) -> Iterator[None]:
    """Let others hash, or wait for it, during the block."""
    begun, over = threading.Semaphore(0), threading.Event()

    def hash_slowly() -> None:
        with hashing.turn():
            begun.release()
            over.wait(10)

    threads = [threading.Thread(target=hash_slowly) for _ in range(number)]
    for thread in threads:
        thread.start()
    for _ in threads[: hashing.AT_ONCE]:
        begun.acquire()
    # Who waits has taken a seat already.
    while hashing._seats._value > hashing.AT_ONCE + hashing.WAITING - number:
        threading.Event().wait(0.001)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def as_served(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ours.PASSWORD_HASHERS


@pytest.mark.usefixtures("as_served")
class TestCost:
    def test_is_what_owasp_names(self) -> None:
        assert "$argon2id$v=19$m=47104,t=2,p=1$" in passwords.hashed(PASSWORD, login="wang")

    def test_a_hash_at_another_cost_fits_and_is_told_apart(self) -> None:
        class Former(hashing.Argon2):
            memory_cost, parallelism = 10_240, 8

        former = Former().encode(PASSWORD, Former().salt())
        assert passwords.matches(PASSWORD, former)
        assert passwords.is_outdated(former)
        assert not passwords.is_outdated(make_password(PASSWORD))


class TestTurns:
    def test_two_at_once(self) -> None:
        with others(1):
            assert passwords.matches("x", make_password("x"))

    def test_a_third_waits_and_gives_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hashing, "PATIENCE", 0.01)
        with others(2), pytest.raises(hashing.Busy):
            passwords.matches("x", "")
        assert passwords.matches("x", make_password("x"))

    def test_a_third_waits_until_its_turn_comes(self) -> None:
        with others(2):
            found: list[bool] = []
            waiting = threading.Thread(
                target=lambda: found.append(passwords.matches("x", make_password("x")))
            )
            waiting.start()
        waiting.join()
        assert found == [True]

    def test_a_fourth_is_told_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hashing, "PATIENCE", 60.0)
        with others(2):
            third = threading.Thread(target=lambda: passwords.again("x"))
            third.start()
            while hashing._seats._value:
                threading.Event().wait(0.001)
            with pytest.raises(hashing.Busy):
                passwords.again("x")
        third.join()
