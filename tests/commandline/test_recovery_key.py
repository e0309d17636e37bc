"""The recovery key: its private part goes to a file that leaves the machine, its public part stays."""

import contextlib
import fcntl
import os
import pty
import stat
import subprocess
import termios
from pathlib import Path

import pytest

from tests.commandline.backups import PASSPHRASE
from tests.commandline.operators import call, command_line, init, node_in, run, surroundings
from tongban.kernel.crypto import digest, keyring, sm
from tongban.kernel.crypto.keychain import fingerprint_groups

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", PASSPHRASE)
    node_in(tmp_path)
    return tmp_path


@pytest.mark.prove("processes: keys made anew")
class TestMake:
    def test_writes_the_private_part_and_keeps_the_public_one(self, folder: Path) -> None:
        out = folder / "recovery.pem"
        done = run("recovery-key", "make", "--out", out, home=folder / "home")
        assert done.returncode == 0, done.stderr

        key = sm.SoftwareKey.load(out, PASSPHRASE)
        assert keyring.recovery_key(folder / "keys") == key.public
        assert b"ENCRYPTED" in out.read_bytes()
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        fingerprint = fingerprint_groups(digest.of(key.public))
        assert done.stdout.splitlines() == [
            f"恢复密钥已生成，指纹：{fingerprint}",
            f"私钥在 {out}：请现在就把它移出本机，抄到两份介质上，分别交两人保管，口令另行保管；然后从本机删除。",
            "没有这个文件和口令，备份就再也打不开。请用 tongban restore --check 试一次。",
        ]
        shown = run("recovery-key", "show", home=folder / "home")
        assert shown.stdout == f"恢复密钥指纹：{fingerprint}\n"

    @pytest.mark.parametrize("place", ["home/recovery.pem", "keys/recovery.pem", "home/../keys/recovery.pem"])
    def test_leaves_nothing_of_it_with_the_node(self, folder: Path, place: str) -> None:
        refused = run("recovery-key", "make", "--out", folder / place, home=folder / "home")
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == (
            f"{(folder / place).resolve()} 在节点目录或密钥目录之内，未生成恢复密钥。"
            "请写到别处，最好是移动介质：它不能留在本机。\n"
        )
        assert not (folder / place).exists()
        assert keyring.recovery_key(folder / "keys") is None

    def test_replaces_one_only_when_told(self, folder: Path) -> None:
        def make(name: str, *more: str) -> tuple[int, str]:
            done = run("recovery-key", "make", "--out", folder / name, *more, home=folder / "home")
            return done.returncode, done.stderr

        assert make("first.pem") == (0, "")
        first = keyring.recovery_key(folder / "keys")
        assert make("second.pem") == (
            1,
            "本节点已有恢复密钥，未生成。确要换用新的，请加 --replace，并继续保管以前的文件。\n",
        )
        assert not (folder / "second.pem").exists()
        assert make("first.pem", "--replace") == (
            1,
            f"{folder / 'first.pem'} 已存在，未覆盖。请换一个文件名。\n",
        )
        assert keyring.recovery_key(folder / "keys") == first
        assert make("second.pem", "--replace") == (0, "")
        assert keyring.recovery_key(folder / "keys") == key_in(folder / "second.pem").public != first

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("11 signs...", "恢复密钥口令不足 12 个字符，未作任何更改。请用更长的口令。\n"),
            (
                "",
                "没有给出新的恢复密钥口令，未作任何更改。请在终端中输入，或设置 TONGBAN_RECOVERY_PASSPHRASE。\n",
            ),
        ],
    )
    def test_asks_for_a_passphrase(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, given: str, said: str
    ) -> None:
        monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", given)
        refused = run("recovery-key", "make", "--out", folder / "recovery.pem", home=folder / "home")
        assert refused.returncode == 1
        assert refused.stderr == said
        assert not (folder / "recovery.pem").exists()
        assert keyring.recovery_key(folder / "keys") is None

    def test_asks_at_a_terminal_where_nothing_is_set(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", "")
        typed = at_a_terminal(
            folder / "home", ["recovery-key", "make", "--out", folder / "recovery.pem"], f"{PASSPHRASE}\n" * 2
        )
        assert PASSPHRASE not in typed
        assert keyring.recovery_key(folder / "keys") == key_in(folder / "recovery.pem").public

    def test_leaves_no_file_where_the_public_part_cannot_be_kept(self, folder: Path) -> None:
        (folder / "keys/recovery.pub").mkdir()  # nobody can rename a file over a folder, not even root
        out = folder / "recovery.pem"
        refused = run("recovery-key", "make", "--out", out, "--replace", home=folder / "home")
        assert refused.returncode == 1
        assert not out.exists()

    def test_needs_a_folder_that_is_there(self, folder: Path) -> None:
        refused = run("recovery-key", "make", "--out", folder / "stick/r.pem", home=folder / "home")
        assert refused.returncode == 1
        assert refused.stderr.startswith("未生成恢复密钥（")
        assert keyring.recovery_key(folder / "keys") is None


class TestShow:
    def test_says_that_there_is_none(self, folder: Path) -> None:
        refused = run("recovery-key", "show", home=folder / "home")
        assert (refused.returncode, refused.stderr) == (
            1,
            "本节点还没有恢复密钥。请执行 tongban recovery-key make --out 文件。\n",
        )


class TestDemo:
    @pytest.mark.prove("processes: a demonstration is set up")
    def test_has_one_of_its_own(self, tmp_path: Path) -> None:
        made = init(tmp_path, "--demo")
        assert made.returncode == 0, made.stderr
        key = sm.SoftwareKey.load(tmp_path / "keys/recovery.pem")
        assert keyring.recovery_key(tmp_path / "keys") == key.public
        assert run("backup", tmp_path / "backup", home=tmp_path / "home").returncode == 0
        checked = call("restore", tmp_path / "backup", "--key", tmp_path / "keys/recovery.pem", "--check")
        assert checked.exit_code == 0, checked.stderr


def at_a_terminal(home: Path, words: list[str | Path], typed: str) -> str:
    """Run a command that asks at a terminal of its own; return what is seen there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command_line(*words), env=surroundings(home), cwd="/", stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        for line in typed.splitlines(keepends=True):
            # The blank comes last, when what was typed too early has been thrown away.
            asked = b""
            while not asked.endswith(b": "):
                asked += os.read(ours, 1024)
            os.write(ours, line.encode())
            seen += asked
        with contextlib.suppress(OSError):  # how a terminal says that nobody is there any more
            while more := os.read(ours, 1024):
                seen += more
        assert process.wait() == 0, seen.decode()
    finally:
        process.kill()
        os.close(ours)
    return seen.decode()


def key_in(path: Path) -> sm.SoftwareKey:
    return sm.SoftwareKey.load(path, PASSPHRASE)
