"""A node whose keys a token guards: made, served, moved, backed up and restored, and what is said where the token is not there."""

import gzip
import json
import os
import signal
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.commandline.operators import init, node_in, run
from tests.commandline.test_serve import free_port, served
from tests.patience import PATIENCE
from tests.tokens import LABEL, MODULE, PIN, Drawer, drawer
from tongban.kernel.crypto import sm, streams

pytestmark = [pytest.mark.slow, pytest.mark.prove("processes: nodes whose keys lie in a token")]
RECOVERY = "a recovery passphrase"
NAMED = ("--token", LABEL, "--token-module", str(MODULE))
AWAY = f"节点密钥不可用：找不到令牌“{LABEL}”。请插好令牌，核对 keys.token_label 后重试。\n"


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drawer:
    monkeypatch.delenv("TONGBAN_KEY_PASSPHRASE", raising=False)
    monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", RECOVERY)
    return drawer(tmp_path / "drawer", monkeypatch)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def folder(tmp_path: Path, plugged: Drawer, port: int) -> Path:
    """Return a folder with a node under the token, and the file of its recovery key."""
    made = init(tmp_path, *NAMED, url=f"http://127.0.0.1:{port}")
    assert (made.returncode, made.stderr) == (0, "")
    assert (
        run("recovery-key", "make", "--out", tmp_path / "recovery.pem", home=tmp_path / "home").returncode
        == 0
    )
    return tmp_path


def content(keys: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in keys.iterdir()}


def works(home: Path) -> None:
    done = run("worker", "--once", home=home)
    assert (done.returncode, done.stderr) == (0, "")


def ready(port: int) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE).json()
    return answer


class TestInit:
    def test_makes_a_node_that_no_file_opens(self, folder: Path) -> None:
        assert (
            f'token_module = "{MODULE}"\ntoken_label = "{LABEL}"\n'
            in (folder / "home/config.toml").read_text()
        )
        assert PIN not in (folder / "home/config.toml").read_text()
        assert all(
            b"ENCRYPTED" in data for name, data in content(folder / "keys").items() if name.endswith(".pem")
        )
        works(folder / "home")

    def test_warns_while_there_is_no_recovery_key(self, tmp_path: Path, plugged: Drawer) -> None:
        assert init(tmp_path, *NAMED).returncode == 0
        warned = run("worker", "--once", home=tmp_path / "home")
        assert (warned.returncode, warned.stderr) == (
            0,
            "注意：令牌毁损时密钥无法取回：没有为恢复密钥留下副本。请执行 tongban recovery-key make；"
            "已有恢复密钥的，停止节点，执行 tongban key protect --token。\n",
        )

    def test_of_a_demo_node_leaves_a_copy_at_once(self, tmp_path: Path, plugged: Drawer) -> None:
        assert init(tmp_path, *NAMED, "--demo").returncode == 0
        works(tmp_path / "home")

    @pytest.mark.parametrize("wrong", ["away", "pin"])
    def test_leaves_nothing_where_the_token_does_not_help(
        self, tmp_path: Path, plugged: Drawer, monkeypatch: pytest.MonkeyPatch, wrong: str
    ) -> None:
        plugged.pull() if wrong == "away" else monkeypatch.setenv("TONGBAN_TOKEN_PIN", "000000")
        refused = init(tmp_path, *NAMED)
        said = AWAY if wrong == "away" else (
            f"节点密钥不可用：令牌“{LABEL}”不接受所给的 PIN。同一个 PIN 不会再试，以免锁住令牌。请更正 PIN 后重试。\n"
        )  # fmt: skip
        assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", said)
        assert not (tmp_path / "home").exists()
        assert not (tmp_path / "keys").exists()

    @pytest.mark.parametrize(
        "words", [("--token", "a"), ("--token-module", str(MODULE)), ("--token-pin-file", __file__)]
    )
    def test_wants_a_token_named_whole(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        refused = init(tmp_path, *words)
        assert refused.returncode == 2
        assert "--token 与 --token-module 须一同给出" in refused.stderr


class TestStart:
    @pytest.mark.parametrize("words", [("serve",), ("worker", "--once"), ("key", "rotate")])
    def test_needs_the_token(self, folder: Path, plugged: Drawer, words: tuple[str, ...]) -> None:
        plugged.pull()
        refused = run(*words, home=folder / "home")
        assert (refused.returncode, refused.stdout, refused.stderr) == (1, "", AWAY)
        plugged.put_back()
        works(folder / "home")

    def test_tries_a_wrong_pin_once(
        self, folder: Path, plugged: Drawer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TONGBAN_TOKEN_PIN", "000000")
        first = run("serve", home=folder / "home")
        plugged.pull()  # who is not asked need not be there
        again = [run("serve", home=folder / "home") for _ in range(2)]
        assert [one.returncode for one in (first, *again)] == [1, 1, 1]
        assert "不接受所给的 PIN" in first.stderr
        assert {one.stderr for one in again} == {
            f"节点密钥不可用：令牌“{LABEL}”上次没有接受这个 PIN，这次没有再试，以免锁住令牌。请更正 PIN 后重试；"
            f"确认令牌的 PIN 现在就是它的，删除 {folder / 'keys/token.refused'} 后重试。\n"
        }
        plugged.put_back()
        monkeypatch.setenv("TONGBAN_TOKEN_PIN", PIN)
        works(folder / "home")

    def test_serves_on_while_the_token_is_pulled_and_says_so(
        self, folder: Path, plugged: Drawer, port: int
    ) -> None:
        with served(folder / "home", port) as node:
            assert ready(port)["token"] is True
            plugged.pull()
            assert run("worker", "--once", home=folder / "home").stderr == AWAY
            answer = httpx.get(f"http://127.0.0.1:{port}/sign-in/", timeout=PATIENCE)
            assert answer.status_code == 200
            found = ready(port)
            while found["token"]:  # it is asked anew only after a moment
                found = ready(port)
            assert (found["token"], found["keys"], found["writable"]) == (False, True, True)
            metrics = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE).text
            assert "tongban_key_token_present 0\n" in metrics
            node.send_signal(signal.SIGINT)
            assert node.wait(PATIENCE) == 0
        assert run("serve", home=folder / "home").stderr == AWAY

    @pytest.mark.postgres
    def test_serves_by_several_processes_that_each_open_it(
        self, tmp_path: Path, plugged: Drawer, port: int
    ) -> None:
        server, name = os.environ["TONGBAN_TEST_POSTGRES"], f"tongban_token_{uuid.uuid4().hex[:8]}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
                made = init(tmp_path, *NAMED, "--database", url, url=f"http://127.0.0.1:{port}")
                assert made.returncode == 0, made.stderr
                out = tmp_path / "recovery.pem"
                assert run("recovery-key", "make", "--out", out, home=tmp_path / "home").returncode == 0
                with served(tmp_path / "home", port, "--workers", "2"):
                    found = ready(port)
                    assert (found["token"], found["keys"], found["writable"]) == (True, True, True)
            finally:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class TestMoving:
    def test_to_a_passphrase_and_back(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        home = folder / "home"
        monkeypatch.setenv("TONGBAN_NEW_PASSPHRASE", "a newer passphrase")
        assert run("key", "protect", home=home).returncode == 0
        assert not {"token", "token.recovery"} & content(folder / "keys").keys()
        monkeypatch.delenv("TONGBAN_NEW_PASSPHRASE")
        assert "设有口令，请提供口令" in run("worker", "--once", home=home).stderr
        monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", "a newer passphrase")
        warned = run("worker", "--once", home=home)
        assert (warned.returncode, warned.stderr) == (
            0, "注意：config.toml 写明了令牌，而密钥没有由令牌保护。请停止节点，执行 tongban key protect --token。\n",
        )  # fmt: skip

        done = run("key", "protect", "--token", "--json", home=home)
        assert (done.returncode, done.stderr) == (0, "")
        assert set(json.loads(done.stdout)["keys"]) == content(folder / "keys").keys() - {
            "recovery.pub", "token", "token.recovery",
        }  # fmt: skip
        monkeypatch.delenv("TONGBAN_KEY_PASSPHRASE")
        works(home)

    def test_rotated_keys_are_under_the_token_too(self, folder: Path) -> None:
        assert run("key", "rotate", home=folder / "home").returncode == 0
        assert b"ENCRYPTED" in (folder / "keys/sign-2.pem").read_bytes()
        works(folder / "home")

    def test_wants_a_recovery_key_first(self, tmp_path: Path, plugged: Drawer) -> None:
        assert init(tmp_path, *NAMED).returncode == 0
        before = content(tmp_path / "keys")
        refused = run("key", "protect", "--token", home=tmp_path / "home")
        assert (refused.returncode, refused.stderr) == (
            1,
            "本节点还没有恢复密钥，未作任何更改：令牌一旦毁损，密钥就无法取回。请先执行 tongban recovery-key make --out 文件。\n",
        )
        assert content(tmp_path / "keys") == before

    def test_wants_a_token_named(self, tmp_path: Path, plugged: Drawer) -> None:
        node_in(tmp_path)
        refused = run("key", "protect", "--token", home=tmp_path / "home")
        assert (refused.returncode, refused.stderr) == (
            1,
            "config.toml 没有写明令牌，未作任何更改。请写明 keys.token_module 和 keys.token_label 后重试。\n",
        )

    def test_to_a_new_token_when_the_old_one_is_broken(self, folder: Path, plugged: Drawer) -> None:
        plugged.pull("broken")
        plugged.put_in()
        other = run("key", "protect", "--token", home=folder / "home")
        assert (other.returncode, "没有本节点的密钥" in other.stderr) == (1, True)
        done = run(
            "key", "protect", "--token", "--recovery-key", folder / "recovery.pem", home=folder / "home"
        )
        assert (done.returncode, done.stderr) == (0, "")
        works(folder / "home")

    @pytest.mark.parametrize("known", ["another key", "another passphrase"])
    def test_to_a_new_token_by_no_other_key(
        self, folder: Path, plugged: Drawer, monkeypatch: pytest.MonkeyPatch, known: str
    ) -> None:
        if known == "another key":
            sm.SoftwareKey.generate().save(folder / "recovery.pem", RECOVERY, replace=True)
            said = f"密钥未作任何更改：密钥目录 {folder / 'keys'} 没有为这个恢复密钥留下副本。请换用对应的恢复密钥，或插好原来的令牌。\n"
        else:
            monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", "another passphrase")
            said = (
                "恢复密钥不能用，未作任何更改：密钥文件 recovery.pem 无法读取：口令错误，或不是 SM2 私钥。"
                "请核对 --recovery-key 与口令（TONGBAN_RECOVERY_PASSPHRASE）。\n"
            )
        before = content(folder / "keys")
        plugged.pull()
        refused = run(
            "key", "protect", "--token", "--recovery-key", folder / "recovery.pem", home=folder / "home"
        )
        assert (refused.returncode, refused.stderr) == (1, said)
        assert content(folder / "keys") == before


class TestBackup:
    @pytest.fixture
    def backup(self, folder: Path) -> Path:
        done = run("backup", folder / "node.backup", home=folder / "home")
        assert (done.returncode, done.stderr) == (0, "")
        return folder / "node.backup"

    def test_holds_nothing_of_it(self, folder: Path, backup: Path) -> None:
        key = sm.SoftwareKey.load(folder / "recovery.pem", RECOVERY)
        with backup.open("rb") as file:
            opened = streams.SealedReader(file, "tongban-backup/2", key)
            inside = gzip.GzipFile(fileobj=opened).read()
        assert b"config.toml" in inside
        assert f'token_label = "{LABEL}"'.encode() in inside
        kept = content(folder / "keys")
        words = [
            word for name in ("token", "token.recovery") for word in kept[name].split() if len(word) > 40
        ]
        secret = key.unwrap(bytes.fromhex(kept["token.recovery"].split()[-1].decode()))
        assert not [one for one in (PIN.encode(), secret, *words, *kept.values()) if one in inside]

    def test_is_restored_without_the_token_and_goes_on_with_a_new_one(
        self, folder: Path, backup: Path, plugged: Drawer
    ) -> None:
        plugged.pull("burnt")
        words = (backup, "--key", folder / "recovery.pem", "--keys", folder / "keys")
        checked = run("restore", *words, "--check")
        assert (checked.returncode, "密钥目录：是这个节点的。" in checked.stdout) == (0, True), checked.stderr
        restored = run("restore", *words, "--home", folder / "new")
        assert (restored.returncode, restored.stderr) == (0, "")
        assert run("worker", "--once", home=folder / "new").stderr == AWAY

        plugged.put_in()
        done = run(
            "key", "protect", "--token", "--recovery-key", folder / "recovery.pem", home=folder / "new"
        )
        assert (done.returncode, done.stderr) == (0, "")
        works(folder / "new")

    def test_of_before_the_recovery_key_was_replaced_needs_the_token(
        self, folder: Path, backup: Path, plugged: Drawer
    ) -> None:
        made = run("recovery-key", "make", "--replace", "--out", folder / "second.pem", home=folder / "home")
        assert made.returncode == 0, made.stderr
        words = (backup, "--key", folder / "recovery.pem", "--keys", folder / "keys", "--check")
        assert run("restore", *words).returncode == 0
        plugged.pull()
        refused = run("restore", *words)
        assert (refused.returncode, refused.stderr) == (1, AWAY.replace("不可用", "不可用，未恢复"))
