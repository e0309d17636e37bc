"""How a node shows itself to its peers by TLS, and whose certificates it believes, as `config.toml` says: `[exchange]`."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMES = ("authorities", "certificate", "certificate_key")


class TransportConfigError(ValueError):
    """A setting of `[exchange]`, or the file that it names, cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class TransportConfig:
    """Files of PEM. What nodes tell each other is signed in any case: this is about the line alone."""

    authorities: Path | None = None  # whose certificates count besides the public ones: a province's own, say
    certificate: Path | None = None  # shown to peers whose proxy asks who is calling
    certificate_key: Path | None = None

    def onto(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """
        Return `context`, with which connections to peers are made, after these files are loaded into it.

        Raises:
            TransportConfigError: a file is missing, or holds something else.
        """
        try:
            if self.authorities:
                context.load_verify_locations(cafile=self.authorities)
        except (OSError, ssl.SSLError):
            raise TransportConfigError(f"exchange.authorities 所指的 {self.authorities} 不能使用") from None
        try:
            if self.certificate:
                context.load_cert_chain(self.certificate, self.certificate_key, password=_no_password)
        except (OSError, ssl.SSLError):
            raise TransportConfigError(
                f"exchange.certificate 与 exchange.certificate_key 所指的 {self.certificate}、{self.certificate_key} 不能使用"
            ) from None
        return context


PUBLIC = TransportConfig()  # believes the public authorities, and shows nothing


def read(raw: Mapping[str, Any], home: Path) -> TransportConfig:
    """
    Return what the table `[exchange]` says; paths may be relative to `home`.

    Raises:
        TransportConfigError: a setting is no path, or a certificate stands without its key.
    """
    for name in NAMES:
        if not isinstance(raw.get(name, "-"), str) or not raw.get(name, "-"):
            raise TransportConfigError(f"exchange.{name} 应为一个文件的路径")
    if ("certificate" in raw) != ("certificate_key" in raw):
        raise TransportConfigError("exchange.certificate 和 exchange.certificate_key 须一同写明")
    return TransportConfig(**{name: home / raw[name] for name in NAMES if name in raw})


def _no_password() -> str:
    # Never asked for at the terminal: a node starts alone.
    return ""
