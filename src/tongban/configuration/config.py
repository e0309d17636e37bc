"""The configuration of one node: `config.toml` in the folder that TONGBAN_HOME names."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongban.configuration import providers
from tongban.configuration.providers import IdentityProviderConfig

CONFIG_NAME = "config.toml"
RECORDS_DAYS = 1096  # three years: as long as somebody may be called to account for having looked
RECORDS_LEAST = 180  # 网络安全法 第二十三条: at least six months


class ConfigError(Exception):
    """The node's configuration is missing or cannot be understood."""


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """
    What a node must know before it can open its database.

    `demo` nodes carry demo accounts and may move their clock; no other node can.
    """

    home: Path
    name: str  # short ASCII name: part of the cookie names, so that two nodes share a host
    division: str  # six-digit division code (GB/T 2260)
    organisation: str  # USCC of the service centre that answers for the node
    url: str  # where peers reach this node
    database: str  # sqlite:///FILE or postgresql://…
    keys: Path  # private keys; never inside a backup of `home`
    demo: bool = False
    scanner: str = ""  # where clamd listens: unix:/path or host:port; empty: files are not scanned
    identity_providers: tuple[IdentityProviderConfig, ...] = ()
    records_days: int = RECORDS_DAYS  # how long records of access are kept

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return self.database.startswith("sqlite:")


def load(home: str | Path | None = None) -> NodeConfig:
    """
    Read the configuration of the node in `home`, or of the one TONGBAN_HOME names.

    Raises:
        ConfigError: there is no node there, or a setting is missing.
    """
    folder = Path(home or os.environ.get("TONGBAN_HOME") or ".").resolve()
    path = folder / CONFIG_NAME
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} 不存在。请先用 tongban init 建立节点，或设置 TONGBAN_HOME。") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} 不是有效的 TOML：{error}。请改正后重试。") from None
    try:
        node = raw["node"]
        return NodeConfig(
            home=folder,
            name=node["name"],
            division=node["division"],
            organisation=node["organisation"],
            url=node["url"],
            database=raw["database"]["url"],
            keys=(folder / raw["keys"]["folder"]).resolve(),
            demo=bool(node.get("demo", False)),
            scanner=_scanner(str(raw.get("scanner", {}).get("clamd", ""))),
            identity_providers=providers.read(raw.get("identity_provider", []), folder),
            records_days=_records_days(raw.get("records", {}).get("days", RECORDS_DAYS)),
        )
    except providers.ProviderConfigError as error:
        raise ConfigError(f"{path}：{error}。请改正后重试，写法见 docs/configuration.md。") from None
    except KeyError as error:
        raise ConfigError(f"{path} 缺少设置 {error.args[0]}。请补上后重试。") from None


def _scanner(address: str) -> str:
    """Return the address of clamd, of which a slip of the pen must not turn scanning off."""
    if address and not re.fullmatch(r"unix:/.+|[^/:\s]+:\d{1,5}", address):
        raise ConfigError(f"scanner.clamd 的地址“{address}”不能识别。请写 unix:/路径 或 主机:端口。")
    return address


def _records_days(days: Any) -> int:
    """Return for how many days records of access are kept."""
    if isinstance(days, bool) or not isinstance(days, int) or days < RECORDS_LEAST:
        raise ConfigError(f"records.days 应为整数，不得少于 {RECORDS_LEAST}（天）。请改正后重试。")
    return days


def render(config: NodeConfig, *, keys_folder: str) -> str:
    """Return the text of a `config.toml` for `config`; `keys_folder` may be relative to home."""
    demo = "true" if config.demo else "false"
    return (
        "# One node of Tongban (通办). Keys lie elsewhere, on purpose.\n"
        "[node]\n"
        f'name = "{config.name}"\n'
        f'division = "{config.division}"\n'
        f'organisation = "{config.organisation}"\n'
        f'url = "{config.url}"\n'
        f"demo = {demo}\n\n"
        "[database]\n"
        f'url = "{config.database}"\n\n'
        "[keys]\n"
        f'folder = "{keys_folder}"\n'
        + (f'\n[scanner]\nclamd = "{config.scanner}"\n' if config.scanner else "")
        + (f"\n[records]\ndays = {config.records_days}\n" if config.records_days != RECORDS_DAYS else "")
    )
