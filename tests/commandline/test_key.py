"""A passphrase covers all keys of a node, and is changed as a whole or not at all."""

import fcntl
from pathlib import Path

import pytest

from tests.commandline.operators import node_in, run

pytestmark = pytest.mark.slow
OLD, NEW = "an old passphrase", "a newer passphrase"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a node whose keys are under the old passphrase."""
    monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", OLD)
    node_in(tmp_path)
    return tmp_path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a node whose keys are under no passphrase."""
    monkeypatch.delenv("TONGBAN_KEY_PASSPHRASE", raising=False)
    node_in(tmp_path)
    return tmp_path


def content(keys: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in keys.iterdir()}


class TestPassphrase:
    @pytest.mark.prove("processes: a node is started")
    @pytest.mark.parametrize(
        ("given", "why"), [("", "设有口令，请提供口令。"), ("wrong", "无法读取：口令错误，或文件已损坏。")]
    )
    def test_is_needed_to_start(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, given: str, why: str
    ) -> None:
        monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", given)
        refused = run("serve", home=folder / "home")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == (
            f"节点密钥不可用：密钥文件 web-secret {why}"
            "请检查 config.toml 的 keys.folder 与口令（TONGBAN_KEY_PASSPHRASE）。\n"
        )

    @pytest.mark.prove("processes: a node is started for every key")
    @pytest.mark.parametrize("name", ["vault-key", "data-key", "sign-1.pem", "wrap-1.pem"])
    def test_is_asked_for_every_key_before_the_node_runs(
        self, bare: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        before = content(bare / "keys")
        monkeypatch.setenv("TONGBAN_NEW_PASSPHRASE", NEW)
        assert run("key", "protect", home=bare / "home").returncode == 0
        for other in before.keys() - {name}:  # as if this one alone were under a passphrase
            (bare / "keys" / other).write_bytes(before[other])

        for words in (("worker", "--once"), ("serve",)):
            refused = run(*words, home=bare / "home")
            assert (refused.returncode, refused.stdout) == (1, "")
            assert f"节点密钥不可用：密钥文件 {name} 设有口令，请提供口令。" in refused.stderr

    @pytest.mark.parametrize("name", ["vault-key", "data-key", "sign-1.pem", "wrap-1.pem", "web-secret"])
    def test_no_node_runs_without_all_of_its_keys(self, bare: Path, name: str) -> None:
        (bare / "keys" / name).unlink()
        refused = run("worker", "--once", home=bare / "home")
        assert (refused.returncode, refused.stderr) == (
            1,
            f"缺少密钥文件 {bare / 'keys' / name}，节点未启动。请从保管的密钥中取回。\n",
        )


@pytest.mark.prove("processes: every key sealed anew")
class TestProtect:
    def test_changes_the_passphrase_of_all(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = content(folder / "keys")
        monkeypatch.setenv("TONGBAN_NEW_PASSPHRASE", NEW)
        done = run("key", "protect", home=folder / "home")
        assert done.returncode == 0, done.stderr
        assert f"已用新口令保护 5 个密钥文件（{folder / 'keys'}）。" in done.stdout

        after = content(folder / "keys")
        assert after.keys() == before.keys()
        assert not [name for name in after if after[name] == before[name]]
        assert run("worker", "--once", home=folder / "home").returncode == 1
        monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", NEW)
        again = run("worker", "--once", home=folder / "home")
        assert (again.returncode, again.stderr) == (0, "")

    def test_changes_nothing_where_one_cannot_be_read(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "keys/wrap-1.pem").write_bytes(b"damaged")
        before = content(folder / "keys")
        monkeypatch.setenv("TONGBAN_NEW_PASSPHRASE", NEW)
        refused = run("key", "protect", home=folder / "home")
        assert refused.returncode == 1
        assert "密钥文件 wrap-1.pem 无法读取" in refused.stderr
        assert content(folder / "keys") == before

    def test_refuses_a_short_one(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = content(folder / "keys")
        monkeypatch.setenv("TONGBAN_NEW_PASSPHRASE", "11 signs...")
        refused = run("key", "protect", home=folder / "home")
        assert refused.returncode == 1
        assert refused.stderr == "密钥口令不足 12 个字符，未作任何更改。请用更长的口令。\n"
        assert content(folder / "keys") == before

    def test_refuses_while_the_node_runs(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        before = content(folder / "keys")
        monkeypatch.setenv("TONGBAN_NEW_PASSPHRASE", NEW)
        with (folder / "home/running.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            refused = run("key", "protect", home=folder / "home")
        assert (refused.returncode, refused.stderr) == (
            1,
            "节点 qy 正在运行，口令未更改。请先停止节点。\n",
        )
        assert content(folder / "keys") == before

    def test_seals_what_older_versions_kept_in_clear(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "keys/vault-key").write_text("5a" * 16 + "\n", "ascii")
        warned = run("worker", "--once", home=folder / "home")
        assert (warned.returncode, warned.stderr) == (
            0,
            "注意：vault-key 没有以口令保护。请停止节点，执行 tongban key protect。\n",
        )
        monkeypatch.setenv("TONGBAN_NEW_PASSPHRASE", NEW)
        assert run("key", "protect", home=folder / "home").returncode == 0
        assert b"5a5a" not in (folder / "keys/vault-key").read_bytes()
