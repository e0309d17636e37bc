"""Passwords: what is strong enough, and hashing behind three functions, each of which waits for its turn."""

import secrets
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.hashers import check_password, get_hasher, identify_hasher, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from tongban.accounts.access import hashing
from tongban.kernel.errors import InvalidInput

SHORTEST = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another when read aloud or from paper
# What anybody tries first who knows where they stand; the node's own name is one of them (docs/operations.md).
OF_THE_PLACE = ("tongban", "通办", "kuasheng", "跨省", "zhengwu", "政务", "password", "密码", "admin")
BESIDE = 8  # signs that have to be left without them
LONGEST = 128  # argon2 takes any length; a megabyte of password is an attack


class PasswordTooWeak(InvalidInput):
    """The password would be guessed; nothing was changed."""

    code = "password_too_weak"


def hashed(password: str, *, login: str) -> str:
    """
    Return the hash of a password that is fit for the account `login`.

    Raises:
        PasswordTooWeak: it is too short, too long, common, contains the login name, or is little but words of the place.
        Busy: too many are hashed at this moment.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordTooWeak(f"密码未设置：长度须为 {SHORTEST} 至 {LONGEST} 个字符。请换一个密码。")
    if password.lower() in _common() or len(set(password)) < 4:
        raise PasswordTooWeak("密码未设置：该密码过于常见或简单。请换一个不易猜到的密码。")
    if login and login.lower() in password.lower():
        raise PasswordTooWeak("密码未设置：密码不得包含账号。请换一个密码。")
    if len(_without_words_of_the_place(password.lower())) < BESIDE:
        raise PasswordTooWeak(
            f"密码未设置：除去“通办”、本节点名称这类容易猜到的词，不足 {BESIDE} 个字符。请换一个密码。"
        )
    return again(password)


def again(password: str) -> str:
    """Return a new hash, at the present cost, of a password that somebody has already; raises Busy."""
    with hashing.GATE.turn():
        return make_password(password)


def is_outdated(encoded: str) -> bool:
    """Return whether a hash was made at another cost than the present one."""
    made_by, present = identify_hasher(encoded), get_hasher()
    return made_by.algorithm != present.algorithm or present.must_update(encoded)


def made_up(*, login: str, groups: int = 4) -> str:
    """Return a random password fit for the account `login`, in groups of four signs of 19.8 bits each: 79 bits unless told otherwise."""
    while True:
        password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(groups))
        # A login of one sign may stand in any password; then `hashed` refuses, with its reason.
        if len(login) < 2 or login.lower() not in password:
            return password


def matches(password: str, encoded: str) -> bool:
    """Return whether `password` is the one hashed in `encoded`; with no hash, take as long and say no. Raises Busy."""
    # An unknown account must cost what a known one costs, or the time tells which accounts exist.
    other = encoded or _nobody()
    with hashing.GATE.turn():
        found = check_password(password[: LONGEST + 1], other)
    return found and encoded != ""


def _without_words_of_the_place(password: str) -> str:
    for word in (*OF_THE_PLACE, settings.NODE.name):
        # A node may be called by one letter, which stands in any password.
        password = password.replace(word, "") if len(word) > 1 else password
    return password


@lru_cache(maxsize=1)
def _nobody() -> str:
    return again("nobody has this password")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)
