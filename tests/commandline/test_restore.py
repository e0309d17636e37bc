"""A node restored from its backup knows that it was; a backup that is not what it says changes nothing."""

import json
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.commandline import backups
from tests.commandline.backups import PASSPHRASE, PIECE, a_node, back_up, inside, key_of, manifest_of
from tests.commandline.operators import init, run
from tongban.commandline import archive
from tongban.kernel.crypto import digest, keyring, signed, sm, streams
from tongban.kernel.crypto.keychain import fingerprint_groups

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a node, its keys, its recovery key and its backup."""
    folder = tmp_path_factory.mktemp("restore")
    a_node(folder)
    back_up(folder)
    return folder


@pytest.fixture(scope="module")
def members(folder: Path) -> dict[str, bytes]:
    return inside(folder / "backup", key_of(folder))


@pytest.fixture(autouse=True)
def passphrase(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", PASSPHRASE)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))


def restored(folder: Path, backup: Path, target: Path, *more: str | Path) -> CompletedProcess[str]:
    """Restore a backup into `target`/new; of words given twice the last counts."""
    key, keys = folder / "recovery.pem", folder / "keys"
    return run("restore", backup, "--key", key, "--home", target / "new", "--keys", keys, *more)


def checked(folder: Path, backup: Path, *more: str | Path) -> CompletedProcess[str]:
    return run("restore", backup, "--key", folder / "recovery.pem", "--check", *more)


def refused_both_ways(folder: Path, backup: Path, target: Path) -> str:
    """Return the sentence by which a backup is refused; a check says the same as a restore, and nothing is changed."""
    keys = {path.name: path.read_bytes() for path in (folder / "keys").iterdir()}
    one = restored(folder, backup, target)
    other = checked(folder, backup, "--keys", folder / "keys")
    assert (one.returncode, one.stdout) == (other.returncode, other.stdout) == (1, "")
    assert one.stderr == other.stderr
    assert one.stderr.count("\n") == 1
    assert not (target / "new").exists()
    assert list((target / "tmp").iterdir()) == []
    assert {path.name: path.read_bytes() for path in (folder / "keys").iterdir()} == keys
    return one.stderr.rstrip("\n")


@pytest.mark.prove("processes: a node restored")
class TestRestore:
    def test_starts_a_new_epoch_read_only(self, folder: Path, tmp_path: Path) -> None:
        done = restored(folder, folder / "backup", tmp_path, "--json")
        assert done.returncode == 0, done.stderr

        facts = json.loads(done.stdout)
        assert (facts["epoch"], facts["recovering"]) == (2, True)
        shown = json.loads(run("peer", "show", "--json", home=tmp_path / "new").stdout)
        assert shown["node"] == facts["node"]
        assert (tmp_path / "new" / PIECE).read_bytes() == b"sealed"
        assert {path.name for path in (tmp_path / "new").iterdir()} <= {
            "config.toml", "node.sqlite3", "node.sqlite3-shm", "node.sqlite3-wal", "vault", "writer.lock",
        }  # fmt: skip
        with closing(sqlite3.connect(tmp_path / "new/node.sqlite3")) as database:
            (at,) = database.execute("select restored_at from kernel_selfnode").fetchone()
        assert at

    def test_keeps_all_of_the_configuration(self, folder: Path, tmp_path: Path) -> None:
        shutil.copytree(folder / "home", tmp_path / "home")
        provider = (
            '\n[[identity_provider]]\nkey = "p"\nname = "省"\nissuer = "https://id.example.cn"\nclient_id = "c"\n'
            'secret_file = "s"\n'
        )
        config = tmp_path / "home/config.toml"
        text = config.read_text("utf-8").replace("../keys", str(folder / "keys")) + provider
        config.write_text(text, "utf-8")
        assert run("backup", tmp_path / "backup", home=tmp_path / "home").returncode == 0
        assert restored(folder, tmp_path / "backup", tmp_path).returncode == 0
        assert (tmp_path / "new/config.toml").read_text("utf-8").endswith(provider)

    def test_forgets_the_transactions_of_the_old_server_and_no_event_that_was_not_heard(
        self, folder: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(folder / "home", tmp_path / "home")
        shutil.copytree(folder / "keys", tmp_path / "keys")
        with closing(sqlite3.connect(tmp_path / "home/node.sqlite3")) as database:
            (first,) = database.execute("select min(id) from kernel_event").fetchone()
            database.execute("update kernel_event set xact = 100 + id")
            mark = "insert into procedures_mark (follower, xact, event) values ('somebody', ?, ?)"
            database.execute(mark, (100 + first, first))
            database.commit()
        done = restored(folder, back_up(tmp_path), tmp_path)
        assert done.returncode == 0, done.stderr
        with closing(sqlite3.connect(tmp_path / "new/node.sqlite3")) as database:
            assert database.execute("select distinct xact from kernel_event").fetchall() == [(0,)]
            assert database.execute("select xact, event from procedures_mark").fetchall() == [(0, first)]

    def test_needs_an_empty_home(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "new").mkdir()
        (tmp_path / "new/mine").touch()
        refused = restored(folder, folder / "backup", tmp_path)
        assert (refused.returncode, refused.stderr) == (
            1, f"节点目录 {tmp_path / 'new'} 不是空目录，未恢复。请换一个目录。\n",
        )  # fmt: skip
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine"]

    def test_of_sqlite_takes_no_postgresql(self, folder: Path, tmp_path: Path) -> None:
        refused = restored(folder, folder / "backup", tmp_path, "--database", "postgresql://u@h/n")
        assert refused.returncode == 2
        assert "这是 SQLite 节点的备份" in refused.stderr
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("lacking", ["--home", "--keys"])
    def test_needs_a_home_and_keys(self, folder: Path, tmp_path: Path, lacking: str) -> None:
        words = {"--home": tmp_path / "new", "--keys": folder / "keys"}
        del words[lacking]
        (given,) = words.items()
        refused = run("restore", folder / "backup", "--key", folder / "recovery.pem", *given)
        assert refused.returncode == 2
        assert "恢复须给出 --home 与 --keys；只查验请用 --check。" in refused.stderr


class TestCheck:
    def test_says_what_it_found_and_leaves_nothing(self, folder: Path, tmp_path: Path) -> None:
        before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
        done = checked(folder, folder / "backup", "--keys", folder / "keys")
        assert done.returncode == 0, done.stderr

        manifest = manifest_of(inside(folder / "backup", key_of(folder)))
        assert done.stdout.splitlines() == [
            f"备份 {folder / 'backup'} 完整，可以恢复；没有恢复任何内容。",
            f"节点指纹：{fingerprint_groups(manifest['node'])}（请核对）",
            f"备份于：{manifest['at']}",
            "数据库：SQLite，完整；材料库 1 个文件，共 3 个文件。",
            "密钥目录：是这个节点的。",
        ]
        assert list((tmp_path / "tmp").iterdir()) == []
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before

    def test_needs_no_keys_of_the_node(self, folder: Path) -> None:
        done = checked(folder, folder / "backup", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert (found["database"], found["files"], found["contents"], found["keys"]) == ("SQLite", 3, 1, None)

    def test_works_in_a_folder_of_its_own(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from tongban.commandline import checking

        seen = []

        def look(place: Path) -> str:
            seen.append((place.stat().st_mode & 0o777, sorted(path.name for path in place.iterdir())))
            return "SQLite"

        monkeypatch.setattr(checking, "examine", look)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
        checking.check(folder / "backup", key_of(folder), None)
        assert seen == [(0o700, ["config.toml", "database.sqlite3"])]
        assert list((tmp_path / "tmp").iterdir()) == []

    @pytest.mark.parametrize("word", ["--home", "--database", "--password-file"])
    def test_restores_nothing(self, folder: Path, tmp_path: Path, word: str) -> None:
        value = {"--home": "new", "--database": "postgresql://u@h/n", "--password-file": folder / "backup"}
        refused = checked(folder, folder / "backup", word, value[word])
        assert refused.returncode == 2
        assert "--check 不恢复" in refused.stderr


class TestRefusals:
    def test_of_another_recovery_key(self, folder: Path, tmp_path: Path) -> None:
        sm.SoftwareKey.generate().save(tmp_path / "other.pem", PASSPHRASE)
        refused = restored(folder, folder / "backup", tmp_path, "--key", tmp_path / "other.pem")
        right = fingerprint_groups(digest.of(key_of(folder).public))
        assert (refused.returncode, refused.stderr) == (
            1,
            f"备份 {folder / 'backup'} 要用另一个恢复密钥打开，未恢复。请换用指纹为 {right} 的恢复密钥文件。\n",
        )
        assert not (tmp_path / "new").exists()

    def test_of_a_wrong_passphrase(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TONGBAN_RECOVERY_PASSPHRASE", "another passphrase")
        assert refused_both_ways(folder, folder / "backup", tmp_path) == (
            "恢复密钥不能用，未恢复：密钥文件 recovery.pem 无法读取：口令错误，或不是 SM2 私钥。"
            "请核对 --key 与口令（TONGBAN_RECOVERY_PASSPHRASE）。"
        )

    @pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
    def test_of_one_flipped_byte(self, folder: Path, tmp_path: Path, where: float) -> None:
        data = bytearray((folder / "backup").read_bytes())
        data[int(len(data) * where)] ^= 1
        (tmp_path / "changed").write_bytes(data)
        assert refused_both_ways(folder, tmp_path / "changed", tmp_path) == damaged(tmp_path / "changed")

    @pytest.mark.parametrize("left", [0.5, 1])
    def test_of_a_file_cut_off(self, folder: Path, tmp_path: Path, left: float) -> None:
        data = (folder / "backup").read_bytes()
        (tmp_path / "short").write_bytes(data[: int(len(data) * left) - 1])
        assert refused_both_ways(folder, tmp_path / "short", tmp_path) == damaged(tmp_path / "short")

    def test_of_what_is_no_backup(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"no backup")
        assert refused_both_ways(folder, tmp_path / "x", tmp_path) == (
            f"{tmp_path / 'x'} 不是通办节点的备份，未恢复。请核对文件。"
        )

    @pytest.mark.prove("processes: two nodes made, one restored")
    def test_of_another_node(self, folder: Path, tmp_path: Path) -> None:
        assert init(tmp_path, "--name", "js").returncode == 0
        keyring.keep_recovery_key(tmp_path / "keys", key_of(folder).public)
        back_up(tmp_path)
        assert refused_both_ways(folder, tmp_path / "backup", tmp_path) == NOT_ITS_KEYS

    def test_of_a_folder_without_the_keys(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "keys").mkdir()
        for name in ("sign-1.pem", "wrap-1.pem", "data-key", "vault-key"):
            refused = restored(folder, folder / "backup", tmp_path, "--keys", tmp_path / "keys")
            assert (refused.returncode, refused.stderr) == (1, f"{NOT_ITS_KEYS}\n")
            assert not (tmp_path / "new").exists()
            shutil.copy(folder / "keys" / name, tmp_path / "keys")

    def test_of_keys_under_a_passphrase_that_is_not_given(self, folder: Path, tmp_path: Path) -> None:
        shutil.copytree(folder / "keys", tmp_path / "keys")
        (tmp_path / "keys/sign-1.pem").unlink()
        keyring.private_key(folder / "keys", "sign-1.pem").save(tmp_path / "keys/sign-1.pem", "covered")
        refused = restored(folder, folder / "backup", tmp_path, "--keys", tmp_path / "keys")
        assert (refused.returncode, refused.stderr) == (
            1,
            "节点密钥不可用，未恢复：密钥文件 sign-1.pem 设有口令，请提供口令。"
            "请核对 --keys 与口令（TONGBAN_KEY_PASSPHRASE）。\n",
        )


class TestForgeries:
    """Anybody may know the public part of the recovery key; what they seal for it is still not the node's."""

    def forged(self, folder: Path, target: Path, members: dict[str, bytes]) -> Path:
        return backups.put_together(target / "forged", list(members.items()), key_of(folder).public)

    def test_a_changed_member(self, folder: Path, tmp_path: Path, members: dict[str, bytes]) -> None:
        forged = self.forged(folder, tmp_path, members | {PIECE: b"SEALED"})
        assert refused_both_ways(folder, forged, tmp_path) == (
            f"备份中的 {PIECE} 与清单不符，未恢复。请换一份备份。"
        )

    def test_a_member_too_few_or_too_many(
        self, folder: Path, tmp_path: Path, members: dict[str, bytes]
    ) -> None:
        for forged in (
            {name: data for name, data in members.items() if name != PIECE},
            {PIECE.replace("ab/0", "ab/1"): b"more", **members},
        ):
            assert "与清单不符，未恢复。请换一份备份。" in refused_both_ways(
                folder, self.forged(folder, tmp_path, forged), tmp_path
            )

    def test_a_manifest_that_fits_but_is_not_signed_for_it(
        self, folder: Path, tmp_path: Path, members: dict[str, bytes]
    ) -> None:
        manifest = manifest_of(members)
        manifest["files"][PIECE] = digest.sm3(b"SEALED").hex()
        mine = sm.SoftwareKey.generate()
        for document in (manifest, signed.sign(manifest, mine, 1), {**manifest, "signatures": []}):
            forged = members | {PIECE: b"SEALED", "manifest.json": json.dumps(document).encode()}
            assert refused_both_ways(folder, self.forged(folder, tmp_path, forged), tmp_path) == NOT_SIGNED

    def test_the_name_of_another_node(self, folder: Path, tmp_path: Path, members: dict[str, bytes]) -> None:
        key = keyring.private_key(folder / "keys", "sign-1.pem")
        manifest = manifest_of(members) | {"node": "sm3:" + "0" * 64}
        forged = members | {"manifest.json": json.dumps(signed.sign(manifest, key, 1)).encode()}
        assert refused_both_ways(folder, self.forged(folder, tmp_path, forged), tmp_path) == NOT_SIGNED

    def test_another_document_of_the_node(
        self, folder: Path, tmp_path: Path, members: dict[str, bytes]
    ) -> None:
        key = keyring.private_key(folder / "keys", "sign-1.pem")
        manifest = manifest_of(members) | {"format": "tongban-backup/3"}
        forged = members | {"manifest.json": json.dumps(signed.sign(manifest, key, 1)).encode()}
        assert refused_both_ways(folder, self.forged(folder, tmp_path, forged), tmp_path) == NOT_SIGNED

    @pytest.mark.parametrize("name", ["vault/../../x", "/etc/x", "../x", "keys/sign-1.pem", PIECE])
    def test_a_member_that_has_no_place_in_a_backup(
        self, folder: Path, tmp_path: Path, members: dict[str, bytes], name: str
    ) -> None:
        forged = backups.put_together(
            tmp_path / "forged", [*list(members.items())[:-1], (name, b"x"), *list(members.items())[-1:]],
            key_of(folder).public,
        )  # fmt: skip
        assert refused_both_ways(folder, forged, tmp_path) == damaged(forged)
        assert not (tmp_path / "x").exists()

    @pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
    def test_a_member_that_is_no_file(
        self, folder: Path, tmp_path: Path, members: dict[str, bytes], kind: bytes
    ) -> None:
        forged = backups.put_together(
            tmp_path / "forged", [("vault/x", b""), *members.items()], key_of(folder).public, kind=kind
        )
        assert refused_both_ways(folder, forged, tmp_path) == damaged(forged)

    def test_no_archive_at_all(self, folder: Path, tmp_path: Path) -> None:
        forged = backups.seal(tmp_path / "forged", b"nothing that was packed", key_of(folder).public)
        assert refused_both_ways(folder, forged, tmp_path) == damaged(forged)

    def test_something_after_the_archive(
        self, folder: Path, tmp_path: Path, members: dict[str, bytes]
    ) -> None:
        forged = self.forged(folder, tmp_path, members)
        with forged.open("rb") as raw:
            data = streams.SealedReader(raw, archive.FORMAT, key_of(folder)).read()
        forged = backups.seal(forged, data + b"more" * streams.CHUNK, key_of(folder).public)
        assert refused_both_ways(folder, forged, tmp_path) == damaged(forged)

    def test_a_database_that_is_none(self, folder: Path, tmp_path: Path, members: dict[str, bytes]) -> None:
        # As the node itself would sign it, had its disk lost some pages of the copy.
        key = keyring.private_key(folder / "keys", "sign-1.pem")
        data = bytearray(members["database.sqlite3"])
        data[4096:8192] = b"\xff" * 4096
        manifest = manifest_of(members)
        manifest["files"]["database.sqlite3"] = digest.sm3(bytes(data)).hex()
        forged = members | {
            "database.sqlite3": bytes(data),
            "manifest.json": json.dumps(signed.sign(manifest, key, 1)).encode(),
        }
        said = refused_both_ways(folder, self.forged(folder, tmp_path, forged), tmp_path)
        assert said.startswith("备份中的数据库不完整（Tree ")


def damaged(backup: Path) -> str:
    return f"备份 {backup} 已损坏或被改动，未恢复。请换一份备份。"


NOT_SIGNED = "备份中的清单没有节点的有效签名，未恢复。请换一份备份。"
NOT_ITS_KEYS = "密钥目录不是这个节点的，或不完整，未恢复。请用 --keys 指明节点原来的密钥目录。"
