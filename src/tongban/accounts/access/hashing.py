"""Argon2 at a cost that is worth guessing against and that nobody can stop the node with: few at once, the rest is told to wait."""

from typing import Final

from django.contrib.auth.hashers import Argon2PasswordHasher

from tongban.kernel.gates import Gate

GATE: Final = Gate(
    at_once=2, waiting=1, patience=2.0,
    sentence="未办理：此刻登录的人太多，系统正忙。请过几秒再试，已填写的内容不受影响。",
)  # fmt: skip


class Argon2(Argon2PasswordHasher):
    """Argon2id at the cost that OWASP names, its memory towards the upper end (47 MiB)."""

    time_cost, memory_cost, parallelism = 2, 47_104, 1
