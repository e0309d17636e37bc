"""Passwords: what is strong enough, and argon2 behind two functions."""

import secrets
from functools import lru_cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from tongban.kernel.errors import InvalidInput

SHORTEST = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another when read aloud or from paper
LONGEST = 128  # argon2 takes any length; a megabyte of password is an attack


class PasswordTooWeak(InvalidInput):
    """The password would be guessed; nothing was changed."""

    code = "password_too_weak"


def hashed(password: str, *, login: str) -> str:
    """
    Return the argon2 hash of a password that is fit for the account `login`.

    Raises:
        PasswordTooWeak: it is too short, too long, common, or contains the login name.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"密码未设置：长度须为 {SHORTEST} 至 {LONGEST} 个字符。请换一个密码。")
    if password.lower() in _common() or len(set(password)) < 4:
        raise PasswordTooWeak("密码未设置：该密码过于常见或简单。请换一个不易猜到的密码。")
    if login and login.lower() in password.lower():
        raise PasswordTooWeak("密码未设置：密码不得包含登录名。请换一个密码。")
    return make_password(password)


def made_up(*, login: str) -> str:
    """Return a random password fit for the account `login`: four groups of four, 79 bits."""
    while True:
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        password = "-".join(groups)
        # A login of one sign may stand in any password; then `hashed` refuses, with its reason.
        if len(login) < 2 or login.lower() not in password:
            return password


def matches(password: str, encoded: str) -> bool:
    """Return whether `password` is the one hashed in `encoded`; with no hash, take as long and say no."""
    # An unknown account must cost what a known one costs, or the time tells which accounts exist.
    found = check_password(password[: LONGEST + 1], encoded or _nobody())
    return found and encoded != ""


@lru_cache(maxsize=1)
def _nobody() -> str:
    return make_password("nobody has this password")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
