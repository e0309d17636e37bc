"""
What leaves the node for people: SMS by a gateway that speaks HTTP and JSON, mail by SMTP. Each call has a time-out.

What is refused for good raises `Refused` with a code; whatever may be otherwise later raises `Unreachable`.
"""

import smtplib
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from tongban.configuration.gateways import NoticesConfig

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
SMTP_TIMEOUT = 10.0
_REFUSALS = range(400, 500)
_LATER = frozenset({408, 425, 429})
# The gateway is ours to configure, not the applicant's to suffer: a wrong key is mended, and tried again.
_KEY = frozenset({401, 403})
_CODE = 30  # characters of a code of the gateway's


class Unreachable(Exception):
    """The gateway did not take it now; to be tried again."""


class Refused(Exception):
    """It will never be taken; `code` is the gateway's reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:_CODE]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a message: whether it arrived, and if not, why, as a code of the gateway's."""

    delivered: bool
    code: str = ""


class Sms(Protocol):
    """A gateway for SMS."""

    def send(self, key: str, number: str, text: str) -> str:
        """Hand a message over, once for each `key`, and return its reference; raises Refused, Unreachable."""

    def reports(self, references: Iterable[str]) -> Mapping[str, Report]:
        """Return what is known by now of messages, by reference; raises Unreachable."""


class Mail(Protocol):
    """A post office."""

    def send(self, key: str, address: str, subject: str, text: str) -> str:
        """Hand a mail over and return its message id; raises Refused, Unreachable."""


def sms() -> Sms | None:
    """Return this node's gateway, if it has one."""
    config = settings.NODE.notices
    return HttpSms(config) if config.sms_url else None


def mail() -> Mail | None:
    """Return this node's post office, if it has one."""
    config = settings.NODE.notices
    return Smtp(config) if config.smtp_url else None


@dataclass(frozen=True, slots=True)
class HttpSms:
    """A gateway that takes `{"id", "to", "text"}` and answers `{"reference"}` or `{"code"}` (docs/notices.md)."""

    config: NoticesConfig

    def send(self, key: str, number: str, text: str) -> str:
        """As `Sms.send`."""
        answer = self._call("POST", "/messages", json={"id": key, "to": number, "text": text})
        return str(answer["reference"])[:64]

    def reports(self, references: Iterable[str]) -> Mapping[str, Report]:
        """As `Sms.reports`."""
        answer = self._call("GET", "/reports", params={"references": ",".join(references)})
        return {
            str(name): Report(bool(one["delivered"]), str(one.get("code", ""))[:_CODE])
            for name, one in answer["reports"].items()
        }

    def taken(self) -> dict[str, Any]:
        """Return what the stand-in of a demo node has taken; no operator answers this. Raises Refused, Unreachable."""
        return self._call("GET", "/sent")

    def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self.config.sms_key()}"}
        try:
            with httpx.Client(timeout=TIMEOUT, trust_env=False) as client:
                reply = client.request(
                    method, self.config.sms_url.rstrip("/") + path, headers=headers, **more
                )
            found: dict[str, Any] = reply.json()
            if reply.status_code in _REFUSALS and reply.status_code not in _LATER | _KEY:
                raise Refused(str(found.get("code", "refused")))
            reply.raise_for_status()
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            raise Unreachable(type(error).__name__) from error
        return found


@dataclass(frozen=True, slots=True)
class Smtp:
    """Mail by SMTP, one dialogue for each."""

    config: NoticesConfig

    def send(self, key: str, address: str, subject: str, text: str) -> str:
        """As `Mail.send`."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.config.mail_from, address, subject
        message["Message-ID"] = f"<{key}@{self.config.mail_from.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            with self._dialogue() as office:
                if self.config.smtp_user:
                    office.login(self.config.smtp_user, self.config.smtp_password())
                office.send_message(message)
        except smtplib.SMTPRecipientsRefused as refusal:
            codes = {code for code, _said in refusal.recipients.values()}
            if all(500 <= code < 600 for code in codes):
                raise Refused(f"smtp_{max(codes)}") from refusal
            raise Unreachable("SMTPRecipientsRefused") from refusal
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(type(error).__name__) from error
        return str(message["Message-ID"])

    def _dialogue(self) -> smtplib.SMTP:
        """Return an open dialogue, under TLS where the address asks for it or somebody logs in: a password never goes in clear."""
        place, tls = urlsplit(self.config.smtp_url), ssl.create_default_context()
        where = place.hostname or "", place.port or 0
        if place.scheme == "smtps":
            return smtplib.SMTP_SSL(*where, timeout=SMTP_TIMEOUT, context=tls)
        office = smtplib.SMTP(*where, timeout=SMTP_TIMEOUT)
        if self.config.smtp_user:
            try:
                office.starttls(context=tls)
            except BaseException:
                office.close()
                raise
        return office
