"""The operator reads and hands on the record of access; what operators do stands in it too."""

import json
import re
import socket
import ssl
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from tests.commandline import operators
from tests.commandline.operators import call
from tests.deploy.proxy import certify
from tests.patience import PATIENCE
from tongban.accounts.people import sealed
from tongban.commandline import recording
from tongban.kernel import accesses
from tongban.kernel.models import Access
from tongban.kernel.time import clock

pytestmark = pytest.mark.django_db
DAYS = ("--from", "2026-03-02", "--to", "2026-03-03")


@pytest.fixture
def looks() -> list[Access]:
    """Give three looks, of two days and the day after."""
    first = clock.now().replace(year=2026, month=3, day=2, hour=1, minute=0, second=0, microsecond=5000)
    made = []
    for days, result in ((0, "ok"), (1, "not_permitted"), (2, "ok")):
        one = accesses.row(
            at=first + timedelta(days=days), doing="officer-file", result=result, who="CLERK7", post='a"b]',
            organisation="12341723DEM0100052", kind=accesses.Kind.STAFF, address=sealed.seal("10.1.0.7"),
            matter="341723B5FG20260302KWEP6FXKJ", content="sm3:" + "0" * 64, session="0123456789abcdef",
        )  # fmt: skip
        accesses.note(one)
        made.append(one)
    return made


@pytest.mark.attack("E3")
class TestExport:
    def test_is_one_object_a_line_by_stable_names(self, looks: list[Access]) -> None:
        result = call("audit", "export", *DAYS)
        assert result.exit_code == 0, result.output
        told = [json.loads(line) for line in result.stdout.splitlines()]
        assert [one["id"] for one in told] == [looks[0].pk, looks[1].pk]
        assert told[1] == {
            "id": looks[1].pk, "at": "2026-03-03T01:00:00.005Z", "node": told[0]["node"], "who": "CLERK7",
            "kind": "staff", "organisation": "12341723DEM0100052", "post": 'a"b]', "channel": "",
            "address": "10.1.0.7", "session": "0123456789abcdef", "device": "", "action": "officer-file",
            "matter": "341723B5FG20260302KWEP6FXKJ", "content": "sm3:" + "0" * 64, "result": "not_permitted", "count": 1,
        }  # fmt: skip

    def test_is_syslog_that_collectors_read(self, looks: list[Access], tmp_path: Path) -> None:
        file = tmp_path / "log"
        assert call("audit", "export", *DAYS, "--syslog", "--out", file).exit_code == 0
        first, second = file.read_text(encoding="utf-8").splitlines()
        header = r"<(\d+)>1 (\S+) (\S+) tongban - officer-file \[tongban@32473 (.*)\] (\S+)$"
        told, warned = re.match(header, first), re.match(header, second)
        assert told
        assert warned
        assert (told[1], told[5], warned[1], warned[5]) == ("110", "ok", "108", "not_permitted")
        assert told[2] == "2026-03-02T01:00:00.005Z"
        assert r'post="a\"b\]"' in told[4]
        assert 'channel=""' not in told[4]

    def test_goes_to_a_collector_with_its_length(self, looks: list[Access]) -> None:
        got: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as server:

            def take() -> None:
                way, _ = server.accept()
                with way, way.makefile("rb") as file:
                    got.append(file.read())

            thread = threading.Thread(target=take)
            thread.start()
            port = server.getsockname()[1]
            result = call("audit", "export", *DAYS, "--syslog", "--send", f"tcp://127.0.0.1:{port}")
            thread.join(PATIENCE)
        assert result.exit_code == 0, result.output
        length, _, rest = got[0].partition(b" ")
        assert rest[int(length) :].startswith(b"%d <108>1 " % (len(rest) - int(length) - 4))

    @pytest.mark.parametrize("trusted", [True, False])
    def test_goes_by_tls_to_whom_this_machine_trusts_and_to_nobody_else(
        self, looks: list[Access], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
    ) -> None:
        certify(tmp_path)
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tongban.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "tongban.pem", tmp_path / "tongban.key")
        got: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as server:

            def take() -> None:
                way, _ = server.accept()
                with way, suppress(ssl.SSLError), context.wrap_socket(way, server_side=True) as line:
                    got.append(line.makefile("rb").read())

            thread = threading.Thread(target=take)
            thread.start()
            place = f"tls://127.0.0.1:{server.getsockname()[1]}"
            result = call("audit", "export", *DAYS, "--syslog", "--send", place)
            thread.join(PATIENCE)
        assert (result.exit_code == 0, b"".join(got) != b"") == (trusted, trusted), result.output

    @pytest.mark.parametrize(
        "target", ["127.0.0.1:514", "tls://:6514", "udp://here", "udp://:514", "http://a:1"]
    )
    def test_refuses_what_is_no_address(self, looks: list[Access], target: str) -> None:
        result = call("audit", "export", *DAYS, "--send", target)
        assert (result.exit_code, "没有导出" in result.stderr) == (1, True)

    def test_is_itself_recorded(self, looks: list[Access]) -> None:
        call("audit", "export", *DAYS)
        last = Access.objects.latest("pk")
        assert (last.doing, last.result, last.kind, last.channel) == (
            "tongban audit export",
            "ok",
            "operator",
            "command",
        )
        assert last.who == recording.account() != ""


class TestTail:
    def test_shows_the_last_ones_in_order(self, looks: list[Access]) -> None:
        lines = call("audit", "tail", "-n", "2").stdout.splitlines()
        assert [line.split("  ")[0] for line in lines] == [str(looks[1].pk), str(looks[2].pk)]
        assert "10.1.0.7" in lines[0]
        assert lines[0].endswith("not_permitted")
        assert "2026-03-03 09:00:00" in lines[0]


@pytest.mark.attack("E3")
class TestAdministration:
    def test_every_command_is_recorded_or_named(self) -> None:
        known = {" ".join(words) for words in operators.commands()}
        assert set(recording.UNRECORDED) <= known
        for words in known:
            name = words.split()[0]
            command: Any = operators.main.get_command(click.Context(operators.main), name)
            for part in words.split()[1:]:
                command = command.commands[part]
            if hasattr(command, "commands"):
                continue
            is_wrapped = getattr(command.callback, "__wrapped__", None) is not None
            assert is_wrapped or words in recording.UNRECORDED, f"tongban {words} runs unseen"

    def test_a_refusal_is_recorded_with_its_code_and_wrong_usage_as_such(self) -> None:
        assert call("office", "password", "nobody").exit_code == 1
        assert call("audit", "export", "--from", "2026-03-03", "--to", "2026-03-02").exit_code == 2
        told = list(Access.objects.order_by("pk").values_list("doing", "result"))
        assert told == [("tongban office password", "not_found"), ("tongban audit export", "usage")]

    def test_names_whose_rights_were_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SUDO_USER", "wang")
        assert recording.account().startswith("wang→")

    def test_no_argument_stands_in_it(self) -> None:
        call("office", "password", "341723199003070016")
        assert "341723199003070016" not in str(list(Access.objects.values()))
