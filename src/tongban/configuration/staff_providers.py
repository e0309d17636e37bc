"""
Identity providers of a node's staff, as `config.toml` names them: `[[staff_identity_provider]]`, one table each.

A type of their own: what speaks for applicants can by no slip of the pen speak for the staff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongban.configuration.providers import Issuer, check_issuer, refuse, tables, told

LONGEST_AGE = 36_000  # seconds: as long as a session of the staff lasts
# What people choose, change or share names nobody for good (OpenID Connect Core 1.0 §5.7).
NO_SUBJECT = frozenset(
    {
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "email", "phone_number",
        "profile", "website",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaffProviderConfig(Issuer):
    """
    One issuer that staff may sign in with whose account is bound to one of its subjects.

    Who signed in there by one of `two_factors_acr` or `two_factors_amr` has given both factors; everybody else meets
    this node's own second step, where the post demands one.
    """

    scope: str = "openid"
    subject_claim: str = "sub"
    two_factors_acr: tuple[str, ...] = ()
    two_factors_amr: tuple[str, ...] = ()
    max_age: int = 900  # seconds: who proved themselves there longer ago does so again

    def are_two_factors(self, acr: object, amr: object) -> bool:
        """Return whether what an answer says of how somebody signed in counts as two factors."""
        methods = amr if isinstance(amr, list) else []
        return acr in self.two_factors_acr or any(one in self.two_factors_amr for one in methods)


def read(raw: Any, home: Path, *, beside: tuple[Issuer, ...]) -> tuple[StaffProviderConfig, ...]:
    """
    Return the providers of staff that a configuration lists; none of them is one of `beside`, who speak for others.

    Raises:
        ProviderConfigError: a table lacks something, or says something that cannot be.
    """
    return tables(raw, "staff_identity_provider", lambda table: _one(table, home), beside=beside)


def _one(table: Mapping[str, Any], home: Path) -> StaffProviderConfig:
    more = told(StaffProviderConfig, table, home)
    for name in ("two_factors_acr", "two_factors_amr"):
        values = more.get(name, [])
        refuse(
            {
                f"{name} 应为字符串列表": not isinstance(values, list)
                or not all(_is_word(one) for one in values)
            }
        )
        more[name] = tuple(values)
    one = StaffProviderConfig(**more)
    check_issuer(one)
    age = one.max_age
    refuse(
        {
            f"max_age 应为 0 至 {LONGEST_AGE} 的整数（秒）": not isinstance(age, int)
            or isinstance(age, bool)
            or not 0 <= age <= LONGEST_AGE,
            "subject_claim 应为不变、不重用的标识，不能用姓名、邮箱、电话等": not _is_word(one.subject_claim)
            or one.subject_claim in NO_SUBJECT,
        }
    )
    return one


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value != ""
