"""Identity providers of a node's applicants, as `config.toml` names them: `[[identity_provider]]`, one table each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST = 200  # characters of an issuer, as it is stored


class ProviderConfigError(ValueError):
    """A table cannot be understood; the message names the setting."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer of identities (统一身份认证), and as whom this node asks it."""

    key: str  # stands in URLs
    name: str  # what people call it
    issuer: str
    client_id: str
    secret_file: Path
    scope: str = "openid profile"


@dataclass(frozen=True, slots=True)
class IdentityProviderConfig(Issuer):
    """
    One issuer that applicants may sign in with.

    `levels` orders the issuer's own names for how surely it knows somebody (acr), weakest first, each with the
    assurance it is worth here (1 account, 2 verified identity number, 3 face to face). What is not in the table is
    worth `level_unstated`.
    """

    levels: tuple[tuple[str, int], ...] = ()
    level_unstated: int = 0
    lowest: int = 2  # who signs in below this is refused
    name_claim: str = "name"
    number_claim: str = "id_number"
    type_claim: str = "id_type"
    # Its codes for kinds of identity documents: "person" or "enterprise". Whoever names none is a person.
    types: Mapping[str, str] = field(default_factory=dict)

    def assurance_of(self, acr: str) -> int:
        """Return what a level named by the issuer is worth here."""
        return dict(self.levels).get(acr, self.level_unstated)

    def asked_for(self) -> list[str]:
        """Return the names of the levels that suffice, strongest first."""
        return [acr for acr, worth in reversed(self.levels) if worth >= self.lowest]


def read(raw: Any, home: Path) -> tuple[IdentityProviderConfig, ...]:
    """
    Return the providers of applicants that a configuration lists; paths are relative to `home`.

    Raises:
        ProviderConfigError: a table lacks something, or says something that cannot be.
    """
    return tables(raw, "identity_provider", lambda table: _one(table, home))


def tables[T: Issuer](
    raw: Any, word: str, one: Callable[[Mapping[str, Any]], T], *, beside: tuple[Issuer, ...] = ()
) -> tuple[T, ...]:
    """
    Return what `one` makes of each table called `word`; none may share name or issuer with another, or with one `beside`.

    Raises:
        ProviderConfigError: see `read`.
    """
    found: list[T] = []
    for number, table in enumerate(raw if isinstance(raw, list) else [raw], 1):
        try:
            found.append(one(table))
        except KeyError as error:
            raise ProviderConfigError(f"第 {number} 个 {word} 缺少 {error.args[0]}") from None
        except (TypeError, ValueError) as error:
            raise ProviderConfigError(f"第 {number} 个 {word} 有误：{error}") from None
    every: list[Issuer] = [*beside, *found]
    if len({it.key for it in every}) < len(every) or len({it.issuer for it in every}) < len(every):
        raise ProviderConfigError(f"{word} 的 key 和 issuer 都不能重复")
    return tuple(found)


def told(kind: type[Issuer], table: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """
    Return the settings of a table, those that every issuer has in their types.

    Raises:
        KeyError: one is missing. ValueError: one is unknown, or cannot be.
    """
    unknown = set(table) - set(kind.__dataclass_fields__)
    if unknown:
        raise ValueError(f"不认识的设置 {'、'.join(sorted(unknown))}")
    words = {name: str(table[name]) for name in ("key", "name", "issuer", "client_id")}
    words["issuer"] = words["issuer"].rstrip("/")
    return {**table, **words, "secret_file": (home / str(table["secret_file"])).resolve()}


def refuse(faults: Mapping[str, bool]) -> None:
    """Raise ValueError with the first fault that is one."""
    for fault, is_wrong in faults.items():
        if is_wrong:
            raise ValueError(fault)


def check_issuer(one: Issuer) -> None:
    """Let pass what can be an issuer; raises ValueError."""
    address = urlsplit(one.issuer)
    refuse(
        {
            "key 只能用小写字母、数字和横线": not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", one.key),
            "issuer 应以 https:// 开头（仅本机可用 http://）": not address.hostname
            or not (address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)),
            "issuer 至多 200 个字符": len(one.issuer) > LONGEST,
            "scope 须含 openid": "openid" not in one.scope.split(),
        }
    )


def _one(table: Mapping[str, Any], home: Path) -> IdentityProviderConfig:
    more = told(IdentityProviderConfig, table, home)
    if "levels" in more:
        more["levels"] = tuple((str(acr), int(worth)) for acr, worth in more["levels"])
    one = IdentityProviderConfig(**more)
    check_issuer(one)
    worths = [worth for _, worth in one.levels]
    refuse(
        {
            "levels 应由弱到强，等级为 0 至 3": worths != sorted(worths) or not set(worths) <= {0, 1, 2, 3},
            "lowest 应为 1 至 3": one.lowest not in (1, 2, 3),
            "level_unstated 应为 0 至 2": one.level_unstated not in (0, 1, 2),
            "types 的值应为 person 或 enterprise": not set(one.types.values()) <= {"person", "enterprise"},
        }
    )
    return one
