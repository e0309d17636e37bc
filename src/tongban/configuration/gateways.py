"""By what a node reaches people outside its pages, as `config.toml` says: `[notices]`. Without it there is the message box alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_HOURS = range(24)


class NoticesConfigError(ValueError):
    """A setting of `[notices]` cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class NoticesConfig:
    """The gateways, and the hours of the night in which nobody is written to; an empty address: there is no such gateway."""

    sms_url: str = ""
    sms_key_file: Path | None = None
    smtp_url: str = ""  # smtp://host:port, smtps://host:port
    mail_from: str = ""
    smtp_user: str = ""  # empty: the post office asks for no login
    smtp_password_file: Path | None = None
    quiet_from: int = 20
    quiet_until: int = 8

    def sms_key(self) -> str:
        """Return the key that the gateway asks for; raises NoticesConfigError where its file cannot be read."""
        return _secret(self.sms_key_file, "sms_key_file")

    def smtp_password(self) -> str:
        """Return with which password `smtp_user` logs in to the post office; raises as `sms_key`."""
        return _secret(self.smtp_password_file, "smtp_password_file")


NONE = NoticesConfig()


def read(raw: Mapping[str, Any], home: Path) -> NoticesConfig:
    """
    Return what the table `[notices]` says; paths may be relative to `home`.

    Raises:
        NoticesConfigError: an address that is none, mail without a sender, half a login, or an hour that no day has.
    """
    sms, smtp, sender = (str(raw.get(name, "")) for name in ("sms_url", "smtp_url", "mail_from"))
    _demand(sms, "sms_url", ("http", "https"))
    _demand(smtp, "smtp_url", ("smtp", "smtps"))
    if bool(smtp) != bool(sender) or (sender and "@" not in sender):
        raise NoticesConfigError("notices.smtp_url 与 notices.mail_from（发信邮箱）须一同写明")
    key, password = (_path(raw, home, name) for name in ("sms_key_file", "smtp_password_file"))
    user = str(raw.get("smtp_user", ""))
    if bool(user) != bool(password) or (user and not smtp):
        raise NoticesConfigError(
            "notices.smtp_user 与 notices.smtp_password_file 须一同写明，并写明 notices.smtp_url"
        )
    hours = raw.get("quiet_from", NONE.quiet_from), raw.get("quiet_until", NONE.quiet_until)
    if not all(type(hour) is int and hour in _HOURS for hour in hours):
        raise NoticesConfigError("notices.quiet_from 和 notices.quiet_until 应为 0 至 23 的整数（时）")
    return NoticesConfig(sms, key, smtp, sender, user, password, *hours)


def _path(raw: Mapping[str, Any], home: Path, name: str) -> Path | None:
    return home / str(raw[name]) if raw.get(name) else None


def _secret(file: Path | None, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        raise NoticesConfigError(
            f"读不出 notices.{name} 所指的 {file}。请核对路径，并使运行节点的用户可读。"
        ) from None


def _demand(url: str, name: str, schemes: tuple[str, ...]) -> None:
    if url and (urlsplit(url).scheme not in schemes or not urlsplit(url).hostname):
        raise NoticesConfigError(f"notices.{name} 的“{url}”不能识别，应为 {schemes[0]}:// 开头的地址")
