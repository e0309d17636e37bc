"""Where the token lies that guards a node's keys, as `config.toml` names it: `token_…` under `[keys]`. Never its PIN."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class TokenConfigError(ValueError):
    """The settings cannot be understood; the message names them."""


@dataclass(frozen=True, slots=True)
class TokenConfig:
    """A token (智能密码钥匙、密码卡、密码机) as its PKCS#11 module shows it, and the key of ours in it."""

    module: Path  # the shared library that its maker ships
    label: str  # of the token itself
    key: str  # label of our key in it
    folder: Path  # of the keys that it guards
    pin_file: Path | None = None  # holds the PIN, unless the environment or systemd hands it over


def read(raw: Mapping[str, Any], *, home: Path, node: str) -> TokenConfig | None:
    """
    Return the token that the table `[keys]` of a configuration names, if it does.

    Raises:
        TokenConfigError: only half of it is named, or something that is no name.
    """
    named = {name: raw[name] for name in ("token_module", "token_label", "token_pin_file") if name in raw}
    if not named:
        return None
    for name, value in named.items():
        if not isinstance(value, str) or not value.strip():
            raise TokenConfigError(f"keys.{name} 应为一个不空的字符串")
    if not {"token_module", "token_label"} <= named.keys():
        raise TokenConfigError("keys.token_module 和 keys.token_label 须一同写明")
    pin_file = named.get("token_pin_file")
    return TokenConfig(
        module=home / named["token_module"],
        label=named["token_label"],
        key=f"tongban-{node}",
        folder=(home / raw["folder"]).resolve(),
        pin_file=home / pin_file if pin_file else None,
    )


def render(token: TokenConfig | None) -> str:
    """Return the lines that name a token, to stand under `[keys]`."""
    if token is None:
        return ""
    pin_file = f'token_pin_file = "{token.pin_file}"\n' if token.pin_file else ""
    return f'token_module = "{token.module}"\ntoken_label = "{token.label}"\n{pin_file}'
