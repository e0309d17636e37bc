"""Passwords: what is strong enough, and hashing behind three functions, each of which waits for its turn."""

import secrets
from functools import lru_cache

from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from tongban.accounts.access import hashing
from tongban.kernel.errors import InvalidInput

SHORTEST = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another when read aloud or from paper
LONGEST = 128  # argon2 takes any length; a megabyte of password is an attack


class PasswordTooWeak(InvalidInput):
    """The password would be guessed; nothing was changed."""

    code = "password_too_weak"


def hashed(password: str, *, login: str) -> str:
    """
    Return the hash of a password that is fit for the account `login`.

    Raises:
        PasswordTooWeak: it is too short, too long, common, or contains the login name.
        Busy: too many are hashed at this moment.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"密码未设置：长度须为 {SHORTEST} 至 {LONGEST} 个字符。请换一个密码。")
    if password.lower() in _common() or len(set(password)) < 4:
        raise PasswordTooWeak("密码未设置：该密码过于常见或简单。请换一个不易猜到的密码。")
    if login and login.lower() in password.lower():
        raise PasswordTooWeak("密码未设置：密码不得包含登录名。请换一个密码。")
    return again(password)


def again(password: str) -> str:
    """Return a new hash, at the present cost, of a password that somebody has already; raises Busy."""
    with hashing.turn():
        return make_password(password)


def is_outdated(encoded: str) -> bool:
    """Return whether a hash was made at another cost than the present one."""
    made_by, present = identify_hasher(encoded), get_hasher()
    return made_by.algorithm != present.algorithm or present.must_update(encoded)


def made_up(*, login: str) -> str:
    """Return a random password fit for the account `login`: four groups of four, 79 bits."""
    while True:
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        password = "-".join(groups)
        # A login of one sign may stand in any password; then `hashed` refuses, with its reason.
        if len(login) < 2 or login.lower() not in password:
            return password


def matches(password: str, encoded: str) -> bool:
    """Return whether `password` is the one hashed in `encoded`; with no hash, take as long and say no. Raises Busy."""
    # An unknown account must cost what a known one costs, or the time tells which accounts exist.
    other = encoded or _nobody()
    with hashing.turn():
        found = check_password(password[: LONGEST + 1], other)
    return found and encoded != ""


@lru_cache(maxsize=1)
def _nobody() -> str:
    return again("nobody has this password")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
