"""The ports against the stand-in for an operator, which is a process of its own, and a dialogue of SMTP with it."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.configuration.test_tokens import BEGIN
from tests.deploy.proxy import certify
from tongban.configuration import config as config_of
from tongban.configuration import gateways
from tongban.configuration.gateways import NoticesConfig
from tongban.demonstration import running
from tongban.demonstration.building import Built
from tongban.demonstration.counties import QINGYANG
from tongban.notices.ports import HttpSms, Refused, Report, Smtp, Unreachable

pytestmark = [pytest.mark.slow, pytest.mark.once("no database")]
KEY = "key-of-a-test"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NoticesConfig]:
    sms, smtp = free_port(), free_port()
    file: Path = tmp_path_factory.mktemp("gateway") / "key"
    file.write_text(KEY)
    process = subprocess.Popen(
        [sys.executable, "-m", "tongban.demonstration.gateway", "--sms-port", str(sms), "--smtp-port", str(smtp),
         "--key", KEY, "--delay", "0"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield NoticesConfig(f"http://127.0.0.1:{sms}", file, f"smtp://127.0.0.1:{smtp}", "tongban@qingyang.test")
    process.terminate()
    assert process.wait() == 0
    process.stdout.close()


def test_a_message_is_taken_once_and_reported(config: NoticesConfig) -> None:
    gateway = HttpSms(config)
    reference = gateway.send("a", "13800000001", "您好")
    assert gateway.send("a", "13800000001", "您好") == reference
    gone = gateway.send("b", "13800000410", "您好")
    stranger = gateway.send("c", "13800000421", "您好")
    assert gateway.reports([reference, gone, stranger, "S999999"]) == {
        reference: Report(True), gone: Report(False, "not_in_use"), stranger: Report(False, "wrong_subscriber"),
    }  # fmt: skip


def test_a_refusal_is_for_good_and_a_wrong_key_is_not(config: NoticesConfig, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        HttpSms(config).send("d", "13800000404", "您好")
    assert refused.value.code == "blacklisted"
    other = tmp_path / "key"
    other.write_text("another")
    with pytest.raises(Unreachable):
        HttpSms(NoticesConfig(config.sms_url, other)).send("e", "13800000001", "您好")
    with pytest.raises(Unreachable):
        HttpSms(NoticesConfig(f"http://127.0.0.1:{free_port()}", other)).send("e", "13800000001", "您好")


def test_a_mail_is_handed_over_or_refused(config: NoticesConfig) -> None:
    office = Smtp(config)
    assert office.send("k-1", "someone@example.test", "青阳", "您尾号1234的申请已受理").startswith("<k-1@")
    with pytest.raises(Refused) as refused:
        office.send("k-2", "nobody@example.test", "青阳", "您好")
    assert refused.value.code == "smtp_550"
    with pytest.raises(Unreachable):
        Smtp(NoticesConfig(smtp_url=f"smtp://127.0.0.1:{free_port()}", mail_from="a@b.test")).send(
            "k", "a@b.test", "s", "t"
        )


@pytest.fixture(params=["smtp", "smtps"])
def behind_a_login(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NoticesConfig]:
    """Serve a post office that asks for a login, after STARTTLS or under TLS from the beginning; its certificate is its own."""
    certify(tmp_path)
    (tmp_path / "password").write_text("right\n")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.notices.office", request.param, str(port), tmp_path],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield NoticesConfig(
        smtp_url=f"{request.param}://127.0.0.1:{port}", mail_from="tongban@qingyang.test", smtp_user="tongban",
        smtp_password_file=tmp_path / "password",
    )  # fmt: skip
    process.terminate()
    process.wait()
    process.stdout.close()


def test_logs_in_under_tls_whose_certificate_is_known(
    behind_a_login: NoticesConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Smtp(behind_a_login)
    with pytest.raises(Unreachable) as stranger:  # nobody has said that this certificate is to be believed
        office.send("k", "someone@example.test", "青阳", "您好")
    assert str(stranger.value) == "SSLCertVerificationError"
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tongban.pem"))
    office.send("k", "someone@example.test", "青阳", "您好")
    (tmp_path / "password").write_text("wrong")
    with pytest.raises(Unreachable):
        office.send("k", "another@example.test", "青阳", "您好")
    assert (tmp_path / "taken").read_text() == "tongban someone@example.test\n"


def test_says_no_password_in_clear(config: NoticesConfig, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("right")
    asked = replace(config, smtp_user="tongban", smtp_password_file=tmp_path / "password")
    with pytest.raises(Unreachable) as refused:  # the stand-in knows no TLS
        Smtp(asked).send("k", "someone@example.test", "青阳", "您好")
    assert str(refused.value) == "SMTPNotSupportedError"


def test_the_settings_are_read_whole_or_not_at_all(tmp_path: Path) -> None:
    assert gateways.read({}, tmp_path) == gateways.NONE
    found = gateways.read({"sms_url": "https://sms.test", "sms_key_file": "key", "quiet_from": 21}, tmp_path)
    assert (found.sms_key_file, found.quiet_from, found.quiet_until) == (tmp_path / "key", 21, 8)
    for wrong in (
        {"sms_url": "sms.test"},
        {"smtp_url": "smtp://mail.test"},
        {"smtp_url": "smtp://mail.test", "mail_from": "a@b.test", "smtp_user": "a"},
        {"smtp_url": "smtp://mail.test", "mail_from": "a@b.test", "smtp_password_file": "a"},
        {"smtp_user": "a", "smtp_password_file": "a"},
        {"quiet_from": 24},
        {"quiet_until": True},
    ):
        with pytest.raises(gateways.NoticesConfigError):
            gateways.read(wrong, tmp_path)


def test_demo_nodes_are_given_the_stand_in_and_tell_what_it_took(tmp_path: Path) -> None:
    home = tmp_path / "qy"
    home.mkdir()
    (home / "config.toml").write_text(BEGIN, encoding="utf-8")
    built = Built(QINGYANG, home, "http://127.0.0.1:1")
    for _ in range(2):  # whoever starts them again finds the same settings
        process = running.gateway([built], (free_port(), free_port()))
        process.terminate()
        process.wait()
        found = config_of.load(home).notices
        assert (found.sms_key(), found.mail_from) == (running.GATEWAY_KEY, f"{QINGYANG.name}@demo.test")


def test_what_was_taken_can_be_read(config: NoticesConfig) -> None:
    gateway = HttpSms(config)
    gateway.send("read", "13800000009", "看得到")
    assert gateway.taken()["sms"][0]["text"] == "看得到"
