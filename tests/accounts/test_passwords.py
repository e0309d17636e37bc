"""Which passwords are taken: none that somebody would try who knows where they stand."""

from dataclasses import replace
from typing import Any

import pytest

from tongban.accounts.access import passwords


class TestWordsOfThePlace:
    @pytest.mark.parametrize(
        "password", ["tongban-2026!", "Tongban@Admin123", "政务通办-123456", "qingyang-20261", "zhengwu1tongban2", "123通办政务admin9"]
    )  # fmt: skip
    def test_are_no_password(self, settings: Any, password: str) -> None:
        settings.NODE = replace(settings.NODE, name="qingyang")
        with pytest.raises(passwords.PasswordTooWeak, match="除去“通办”、本节点名称"):
            passwords.hashed(password, login="wang")

    @pytest.mark.parametrize(
        "password", ["tongban-12345678", "qingyang, the rain has stopped", "12345678-通办"]
    )
    def test_may_stand_beside_eight_other_signs(self, settings: Any, password: str) -> None:
        settings.NODE = replace(settings.NODE, name="qingyang")
        assert passwords.matches(password, passwords.hashed(password, login="wang"))

    def test_of_one_letter_is_no_word(self, settings: Any) -> None:
        settings.NODE = replace(settings.NODE, name="a")
        assert passwords.hashed("banana-cab", login="wang")


class TestComposition:
    @pytest.mark.parametrize(
        "password", ["only letters here", "7351902846", "十个汉字也是一个好密码", " " + "leading blank"]
    )
    def test_any_signs_will_do(self, password: str) -> None:
        encoded = passwords.hashed(password, login="wang")
        assert passwords.matches(password, encoded)
        assert not passwords.matches(password.strip() + " ", encoded)

    def test_from_ten_signs_to_a_hundred_and_twenty_eight(self) -> None:
        long = "ab3-" * 32
        assert passwords.matches(long, passwords.hashed(long, login="wang"))
        assert passwords.hashed("ab3-ab3-ab", login="wang")
        for password in ("ab3-ab3-a", long + "x"):
            with pytest.raises(passwords.PasswordTooWeak, match="长度须为 10 至 128"):
                passwords.hashed(password, login="wang")
