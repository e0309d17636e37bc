"""Identity providers of a node, as `config.toml` names them: `[[identity_provider]]`, one table each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ProviderConfigError(ValueError):
    """A table cannot be understood; the message names the setting."""


@dataclass(frozen=True, slots=True)
class IdentityProviderConfig:
    """
    One issuer of identities (统一身份认证) that applicants may sign in with.

    `levels` orders the issuer's own names for how surely it knows somebody (acr), weakest first, each with the
    assurance it is worth here (1 account, 2 verified identity number, 3 face to face). What is not in the table is
    worth `level_unstated`.
    """

    key: str  # stands in URLs
    name: str  # what people call it
    issuer: str
    client_id: str
    secret_file: Path
    levels: tuple[tuple[str, int], ...] = ()
    level_unstated: int = 0
    lowest: int = 2  # who signs in below this is refused
    scope: str = "openid profile"
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
    Return the providers that a configuration lists; paths are relative to `home`.

    Raises:
        ProviderConfigError: a table lacks something, or says something that cannot be.
    """
    found: list[IdentityProviderConfig] = []
    for number, table in enumerate(raw if isinstance(raw, list) else [raw], 1):
        try:
            found.append(_one(table, home))
        except KeyError as error:
            raise ProviderConfigError(f"第 {number} 个 identity_provider 缺少 {error.args[0]}") from None
        except (TypeError, ValueError) as error:
            raise ProviderConfigError(f"第 {number} 个 identity_provider 有误：{error}") from None
    if len({one.key for one in found}) < len(found) or len({one.issuer for one in found}) < len(found):
        raise ProviderConfigError("identity_provider 的 key 和 issuer 都不能重复")
    return tuple(found)


def _one(table: Mapping[str, Any], home: Path) -> IdentityProviderConfig:
    wanted = {"key", "name", "issuer", "client_id", "secret_file"}
    optional = set(IdentityProviderConfig.__dataclass_fields__) - wanted
    unknown = set(table) - wanted - optional
    if unknown:
        raise ValueError(f"不认识的设置 {'、'.join(sorted(unknown))}")
    more = {name: table[name] for name in optional if name in table}
    if "levels" in more:
        more["levels"] = tuple((str(acr), int(worth)) for acr, worth in more["levels"])
    one = IdentityProviderConfig(
        key=str(table["key"]), name=str(table["name"]), issuer=str(table["issuer"]).rstrip("/"),
        client_id=str(table["client_id"]), secret_file=(home / str(table["secret_file"])).resolve(), **more,
    )  # fmt: skip
    _check(one)
    return one


def _check(one: IdentityProviderConfig) -> None:
    address = urlsplit(one.issuer)
    worths = [worth for _, worth in one.levels]
    wrong = {
        "key 只能用小写字母、数字和横线": not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", one.key),
        "issuer 应以 https:// 开头（仅本机可用 http://）": not address.hostname
        or not (address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)),
        "levels 应由弱到强，等级为 0 至 3": worths != sorted(worths) or not set(worths) <= {0, 1, 2, 3},
        "lowest 应为 1 至 3": one.lowest not in (1, 2, 3),
        "level_unstated 应为 0 至 2": one.level_unstated not in (0, 1, 2),
        "types 的值应为 person 或 enterprise": not set(one.types.values()) <= {"person", "enterprise"},
        "scope 须含 openid": "openid" not in one.scope.split(),
    }
    for fault, is_wrong in wrong.items():
        if is_wrong:
            raise ValueError(fault)
