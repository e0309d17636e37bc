"""The configuration of one node: `config.toml` in the folder that TONGBAN_HOME names."""

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from tongban.configuration import (
    database_line,
    gateways,
    providers,
    proxy,
    staff_providers,
    tokens,
    transport,
)
from tongban.configuration.providers import IdentityProviderConfig
from tongban.configuration.staff_providers import StaffProviderConfig

CONFIG_NAME = "config.toml"
# Who of the staff signs in with two factors: holders of a post that decides, or everybody; nobody only on demo nodes.
BY_POST, EVERYBODY, NOBODY = "by_post", "all", "none"
# Whose passwords sign in: of all staff, or of those only who have no other way (EVERYBODY is the other word).
UNBOUND = "unbound"
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
    scans: Path | None = None  # where scanners put pages, a sub-folder for each window
    identity_providers: tuple[IdentityProviderConfig, ...] = ()  # of applicants
    staff_providers: tuple[StaffProviderConfig, ...] = ()
    staff_passwords: str = EVERYBODY
    password_file: Path | None = None  # PostgreSQL: holds the password, which then stands in no URL
    proxies: tuple[proxy.Network, ...] = ()  # who may say for whom they speak
    memory_mb: int = 2048  # of one server process; one that holds more is followed by a new one
    security_contact: str = ""  # where to report a weakness: mailto: or https:
    telephone: str = ""  # whom users of the platform ring; empty: 12345
    password_days: int = 90  # after so many days the staff have to change theirs
    second_factor: str = BY_POST
    records_days: int = RECORDS_DAYS  # how long records of access are kept
    token: tokens.TokenConfig | None = None  # guards what lies in `keys`
    exchange: transport.TransportConfig = transport.PUBLIC  # TLS to peers
    notices: gateways.NoticesConfig = gateways.NONE  # by what people are reached besides the pages

    @property
    def password_lifetime(self) -> int | None:
        """After how many days a password of the staff ends; never on a demo node, where everybody knows them."""
        return None if self.demo else self.password_days

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is in use."""
        return self.database.startswith("sqlite:")

    @property
    def is_secure(self) -> bool:
        """Whether the node is reached by TLS, which a proxy in front of it ends."""
        return self.url.startswith("https:")

    def database_password(self) -> str:
        """
        Return the password of the database, from its own file or from the URL; empty if there is none.

        Raises:
            ConfigError: the file can't be read.
        """
        if self.password_file is None:
            return unquote(urlsplit(self.database).password or "")
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                f"读不出 database.password_file 所指的 {self.password_file}。请核对路径，并使运行节点的用户可读。"
            ) from None


def without_password(url: str) -> str:
    """Return a database URL without its password."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    user, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{place}"))


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
        node, signin = raw["node"], raw.get("signin", {})
        applicants = providers.read(raw.get("identity_provider", []), folder)
        staff = staff_providers.read(raw.get("staff_identity_provider", []), folder, beside=applicants)
        password_file = raw["database"].get("password_file")
        database_line.read(raw["database"]["url"])
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
            scans=_scans(folder, raw.get("scanner", {}).get("folder")),
            password_days=_days(raw.get("staff", {}).get("password_days", 90)),
            identity_providers=applicants,
            staff_providers=staff,
            staff_passwords=_staff_passwords(signin.get("staff_passwords", EVERYBODY), bool(staff)),
            password_file=_password_file(folder, raw["database"]["url"], password_file),
            proxies=proxy.read(raw.get("proxy", {}).get("trusted", [])),
            memory_mb=_memory(raw.get("server", {}).get("memory_mb", 2048)),
            telephone=_telephone(str(node.get("telephone", ""))),
            security_contact=_contact(str(raw.get("security", {}).get("contact", ""))),
            second_factor=_second_factor(
                signin.get("second_factor", BY_POST), demo=bool(node.get("demo", False))
            ),
            records_days=_records_days(raw.get("records", {}).get("days", RECORDS_DAYS)),
            exchange=transport.read(raw.get("exchange", {}), folder),
            notices=gateways.read(raw.get("notices", {}), folder),
            token=tokens.read(raw["keys"], home=folder, node=node["name"]),
        )
    except (
        database_line.DatabaseLineError,
        gateways.NoticesConfigError,
        providers.ProviderConfigError,
        proxy.ProxyConfigError,
        tokens.TokenConfigError,
        transport.TransportConfigError,
    ) as error:
        raise ConfigError(f"{path}：{error}。请改正后重试，写法见 docs/configuration.md。") from None
    except KeyError as error:
        raise ConfigError(f"{path} 缺少设置 {error.args[0]}。请补上后重试。") from None


def _telephone(number: str) -> str:
    """Return whom users ring; a page makes a link of it, so it is digits and what parts them."""
    if number and not re.fullmatch(r"\+?\d[\d -]{2,19}", number):
        raise ConfigError(f"node.telephone“{number}”不是电话号码。请写区号和号码，如 0566-5020000。")
    return number


def _scanner(address: str) -> str:
    """Return the address of clamd, of which a slip of the pen must not turn scanning off."""
    if address and not re.fullmatch(r"unix:/.+|[^/:\s]+:\d{1,5}", address):
        raise ConfigError(f"scanner.clamd 的地址“{address}”不能识别。请写 unix:/路径 或 主机:端口。")
    return address


def _scans(home: Path, name: object) -> Path | None:
    """Return the scanners' folder, if the node has one."""
    return (home / str(name)).resolve() if name else None


def _password_file(home: Path, url: str, name: object) -> Path | None:
    """Return where the database's password lies, if in a file of its own."""
    if name is None:
        return None
    if not url.startswith("postgresql:") or urlsplit(url).password:
        raise ConfigError(
            "database.password_file 只用于 PostgreSQL，且 database.url 中不能再写密码。请改正后重试。"
        )
    return (home / str(name)).resolve()


def _memory(megabytes: object) -> int:
    if not isinstance(megabytes, int) or megabytes < 64:
        raise ConfigError("server.memory_mb 应为不小于 64 的整数（MB）。")
    return megabytes


def _contact(address: str) -> str:
    if address and not re.fullmatch(r"(mailto:[^\s@]+@|https://)[!-~]+", address):
        raise ConfigError(f"security.contact 的“{address}”不能识别。请写 mailto:邮箱 或 https:// 网址。")
    return address


def _days(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 365:
        raise ConfigError("staff.password_days 应为 1 至 365 的整数（天）。请改正后重试。")
    return number


def _second_factor(wanted: object, *, demo: bool) -> str:
    """Return who signs in with two factors; a slip of the pen must not turn them off."""
    allowed = (BY_POST, EVERYBODY, NOBODY) if demo else (BY_POST, EVERYBODY)
    if wanted not in allowed:
        raise ConfigError(f"signin.second_factor 不能是“{wanted}”。请写 {' 或 '.join(allowed)}。")
    return str(wanted)


def _staff_passwords(wanted: object, has_providers: bool) -> str:
    """Return whose passwords sign in; nobody's are switched off where there is no other way."""
    if wanted not in (EVERYBODY, UNBOUND):
        raise ConfigError(f"signin.staff_passwords 不能是“{wanted}”。请写 {EVERYBODY} 或 {UNBOUND}。")
    if wanted == UNBOUND and not has_providers:
        raise ConfigError(
            f"signin.staff_passwords 为 {UNBOUND} 时，至少须有一个 staff_identity_provider。请补上。"
        )
    return str(wanted)


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
        f'url = "{config.database}"\n'
        + (f'password_file = "{config.password_file}"\n' if config.password_file else "")
        + "\n"
        "[keys]\n"
        f'folder = "{keys_folder}"\n'
        + tokens.render(config.token)
        + (f'\n[scanner]\nclamd = "{config.scanner}"\n' if config.scanner else "")
        + (
            ""
            if config.second_factor == BY_POST
            else f'\n[signin]\nsecond_factor = "{config.second_factor}"\n'
        )
        + (f"\n[records]\ndays = {config.records_days}\n" if config.records_days != RECORDS_DAYS else "")
    )
