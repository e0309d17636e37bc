"""What those who run the node ask it."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests import stories
from tests.api import front
from tests.api.front import Caller, is_problem
from tests.materials.scanner import listening
from tests.world import World
from tongban.configuration import newest_sqlite, proxy
from tongban.kernel import memo
from tongban.kernel.models import SelfNode

pytestmark = pytest.mark.database


class TestHealth:
    def test_alive_and_ready(self, counties: World) -> None:
        caller = Caller(counties, "qingyang")
        assert caller.call("GET", "/healthz").status_code == 200
        ready = caller.call("GET", "/readyz").json()
        with counties.on("qingyang"):
            own = {"sqlite": newest_sqlite.version()} if connection.vendor == "sqlite" else {}
        ready.pop("warning", "")  # where no wheel brings a mended SQLite
        assert ready == {"database": True, "keys": True, "writable": True, "scanner": "absent", **own}

    @pytest.mark.sqlite
    def test_names_an_sqlite_with_the_defect(self, counties: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(newest_sqlite, "version", lambda: "3.51.2")
        answer = Caller(counties, "qingyang").call("GET", "/readyz")
        assert (answer.status_code, answer.json()["sqlite"]) == (200, "3.51.2")
        assert "3.51.2 低于 3.51.3" in answer.json()["warning"]

    def test_not_ready_while_being_restored(self, counties: World) -> None:
        with counties.on("qingyang"):
            SelfNode.objects.update(recovering=True)
        answer = Caller(counties, "qingyang").call("GET", "/readyz")
        assert (answer.status_code, answer.json()["writable"]) == (503, False)

    def test_polling_a_node_that_is_not_ready_fills_no_log(
        self, counties: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        with counties.on("qingyang"):
            SelfNode.objects.update(recovering=True)
        assert Caller(counties, "qingyang").call("GET", "/readyz").status_code == 503
        assert not caplog.records

    def test_not_ready_without_keys(self, counties: World, tmp_path: object) -> None:
        node = counties["qingyang"]
        node.config = replace(node.config, keys=node.config.home / "nowhere")
        answer = Caller(counties, "qingyang").call("GET", "/readyz")
        assert (answer.status_code, answer.json()["keys"]) == (503, False)


class TestScanner:
    """What monitoring is told of the virus scanner; a node without one serves all the same."""

    def told(self, counties: World) -> tuple[int, str, list[str]]:
        memo.forget()
        ready = Caller(counties, "qingyang").call("GET", "/readyz")
        text = Caller(counties, "qingyang", address="127.0.0.1").call("GET", "/metrics").content.decode()
        lines = [line for line in text.splitlines() if line.startswith("tongban_scanner")]
        return ready.status_code, ready.json()["scanner"], lines

    def test_is_said_to_be_absent(self, counties: World) -> None:
        assert self.told(counties) == (200, "absent", ['tongban_scanner{state="absent"} 1'])

    def test_is_said_to_be_ready_or_away(self, counties: World, tmp_path: Path) -> None:
        node = counties["qingyang"]
        with listening(tmp_path) as scanner:
            node.config = replace(node.config, scanner=scanner.address)
            assert self.told(counties) == (200, "ready", ['tongban_scanner{state="ready"} 1'])
        assert self.told(counties) == (200, "away", ['tongban_scanner{state="away"} 1'])


class TestMetrics:
    def test_count_and_name_nobody(self, counties: World) -> None:
        number = stories.filed(counties)
        text = Caller(counties, "qingyang", address="127.0.0.1").call("GET", "/metrics").content.decode()

        assert 'tongban_duties_open{kind="receive"} 1' in text
        assert "tongban_events_total 1" in text
        assert number not in text

    def test_tell_what_a_peer_lacks(self, counties: World) -> None:
        counties["jiashan"].reachable = False
        number = stories.reviewed(counties)
        stories.do(counties, "qingyang", number, stories.Act.FORWARD, counties["qingyang"].staff("window"))
        text = Caller(counties, "qingyang", address="::1").call("GET", "/metrics").content.decode()

        assert f'tongban_cases_outstanding{{node="{counties["jiashan"].fingerprint}"}} 1' in text

    @pytest.mark.parametrize("headers", [
        {}, {"X-Forwarded-For": "10.0.0.1"}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Real-IP": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"}, {"X-Forwarded-Proto": "https"}, {"Via": "1.1 x"}, {"Host": "testserver"},
    ])  # fmt: skip
    def test_are_not_for_everybody(self, counties: World, headers: dict[str, str]) -> None:
        address = "127.0.0.1" if headers else "10.0.0.1"
        caller = Caller(counties, "qingyang", headers=headers, address=address)
        answer = caller.call("GET", "/metrics")
        is_problem(answer, 403, "not_permitted")

    @pytest.mark.attack("D4")
    def test_are_for_nobody_whom_a_proxy_of_this_machine_passes_on(self, counties: World) -> None:
        node = counties["qingyang"]
        node.config = replace(node.config, proxies=proxy.read(["127.0.0.1"]))
        headers = {"X-Forwarded-For": "127.0.0.1"}
        answer = Caller(counties, "qingyang", headers=headers, address="127.0.0.1").call("GET", "/metrics")
        is_problem(answer, 403, "not_permitted")

    def test_are_for_a_key_that_may_supervise(self, counties: World) -> None:
        assert front.machine(counties, "qingyang", "supervisor").call("GET", "/metrics").status_code == 200
        assert front.machine(counties, "qingyang", "window").call("GET", "/metrics").status_code == 403


@pytest.mark.attack("F")
class TestSecurity:
    PATH = "/.well-known/security.txt"

    def test_says_where_to_report_a_weakness(self, counties: World) -> None:
        node = counties["qingyang"]
        node.config = replace(node.config, security_contact="mailto:security@example.gov.cn")
        answer = Caller(counties, "qingyang").call("GET", self.PATH)
        lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
        assert lines["Contact"] == "mailto:security@example.gov.cn"
        assert lines["Canonical"] == node.config.url + self.PATH
        assert datetime.fromisoformat(lines["Expires"]) > counties.at + timedelta(days=170)

    def test_is_not_there_where_nobody_is_named(self, counties: World) -> None:
        is_problem(Caller(counties, "qingyang").call("GET", self.PATH), 404, "not_found")


@pytest.mark.attack("D6")
class TestContract:
    def test_is_asked_for_again_only_when_it_is_another(self, counties: World) -> None:
        caller = Caller(counties, "qingyang")
        first = caller.call("GET", "/api/openapi.json")
        again = caller.call("GET", "/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
        other = caller.call("GET", "/api/openapi.json", headers={"If-None-Match": '"x"'})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert other.content == first.content
        assert first.headers["Cache-Control"] == "no-cache"

    def test_is_made_once(self, counties: World, monkeypatch: pytest.MonkeyPatch) -> None:
        caller = Caller(counties, "qingyang")
        first = caller.call("GET", "/api/openapi.json").content
        monkeypatch.setattr("tongban.api.contract.api.get_openapi_schema", dict)
        assert caller.call("GET", "/api/openapi.json").content == first
