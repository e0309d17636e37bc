"""Hashing passwords: at which cost, and how many at once."""

import threading

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import Settings

from tests.crowds import others
from tongban.accounts.access import hashing, passwords
from tongban.assembly import settings as ours
from tongban.kernel.gates import Busy

PASSWORD = "long enough, and odd"


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
        with others(hashing.GATE, 1):
            assert passwords.matches("x", make_password("x"))

    def test_a_third_waits_and_gives_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hashing.GATE, "patience", 0.01)
        with others(hashing.GATE, 2), pytest.raises(Busy):
            passwords.matches("x", "")
        assert passwords.matches("x", make_password("x"))

    def test_a_third_waits_until_its_turn_comes(self) -> None:
        with others(hashing.GATE, 2):
            found: list[bool] = []
            waiting = threading.Thread(
                target=lambda: found.append(passwords.matches("x", make_password("x")))
            )
            waiting.start()
        waiting.join()
        assert found == [True]

    def test_a_fourth_is_told_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hashing.GATE, "patience", 60.0)
        with others(hashing.GATE, 2):
            third = threading.Thread(target=lambda: passwords.again("x"))
            third.start()
            while hashing.GATE.seats:
                threading.Event().wait(0.001)
            with pytest.raises(Busy):
                passwords.again("x")
        third.join()
