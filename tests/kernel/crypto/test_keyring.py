"""The folder of keys: made once, for its owner alone, and under one passphrase where there is one."""

import stat
from pathlib import Path

import pytest

from tests.kernel.crypto.folders import content, forget, uses
from tongban.kernel.crypto import keyring, rewrapping, secretfile, sm

OLD, NEW = "an old passphrase", "a newer passphrase"


def under(monkeypatch: pytest.MonkeyPatch, passphrase: str) -> None:
    """Let the process begin anew under a passphrase, or none."""
    monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", passphrase)
    forget()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of keys under the old passphrase."""
    under(monkeypatch, OLD)
    keyring.create(tmp_path / "keys")
    return tmp_path / "keys"


class TestCreate:
    @pytest.mark.parametrize("passphrase", ["", OLD])
    def test_makes_keys_for_their_owner_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passphrase: str
    ) -> None:
        under(monkeypatch, passphrase)
        keyring.create(tmp_path / "keys")
        assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
        assert [len(bytes.fromhex(keyring.secret(tmp_path / "keys", name))) for name in keyring.SECRETS] == [
            16, 16, 32,
        ]  # fmt: skip
        assert keyring.in_clear(tmp_path / "keys") == ([] if passphrase else list(keyring.SECRETS))

    def test_makes_the_secrets_once(self, folder: Path) -> None:
        before = [keyring.secret(folder, name) for name in keyring.SECRETS]
        keyring.create(folder, 2)
        assert [keyring.secret(folder, name) for name in keyring.SECRETS] == before

    def test_derives_once_for_all_secrets(self, folder: Path) -> None:
        secretfile._key.cache_clear()
        uses(folder)
        assert secretfile._key.cache_info().misses == 1


@pytest.mark.attack("F")
class TestPassphrase:
    def test_covers_every_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        secrets = [keyring.secret(folder, name).encode() for name in keyring.SECRETS]
        assert not [data for data in content(folder).values() for secret in secrets if secret in data]
        assert all(b"ENCRYPTED" in data for name, data in content(folder).items() if name.endswith(".pem"))

    @pytest.mark.parametrize("name", keyring.SECRETS)
    @pytest.mark.parametrize(
        ("passphrase", "said"),
        [
            ("", "密钥文件 {} 设有口令，请提供口令。"),
            ("wrong", "密钥文件 {} 无法读取：口令错误，或文件已损坏。"),
        ],
    )
    def test_is_needed(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, passphrase: str, said: str
    ) -> None:
        under(monkeypatch, passphrase)
        with pytest.raises(sm.KeyUnreadable) as refused:
            keyring.secret(folder, name)
        assert str(refused.value) == said.format(name)

    def test_no_byte_of_a_sealed_secret_can_be_changed(self, folder: Path) -> None:
        data = (folder / "vault-key").read_bytes()
        sealed = data.rindex(b" ") + 1
        for at in range(sealed, len(data) - 1):
            changed = bytearray(data)
            changed[at] = ord("0") if data[at] != ord("0") else ord("1")
            with pytest.raises(sm.KeyUnreadable):
                secretfile.read("vault-key", bytes(changed), OLD)

    @pytest.mark.parametrize(
        "wrong", ["tongban-secret/1", "tongban-secret/1 00 00", "tongban-secret/1 é", "é"]
    )
    def test_is_never_read_from_something_else(self, wrong: str) -> None:
        with pytest.raises(sm.KeyUnreadable):
            secretfile.read("vault-key", wrong.encode(), OLD)

    def test_no_secret_stands_in_for_another(self, folder: Path) -> None:
        (folder / "vault-key").write_bytes((folder / "data-key").read_bytes())
        with pytest.raises(sm.KeyUnreadable):
            keyring.secret(folder, "vault-key")

    def test_reads_secrets_that_were_kept_in_clear(self, folder: Path) -> None:
        (folder / "data-key").write_text("5a" * 16 + "\n", "ascii")
        assert keyring.secret(folder, "data-key") == "5a" * 16
        assert keyring.in_clear(folder) == ["data-key"]


class TestProtect:
    @pytest.mark.parametrize("before", ["", OLD])
    def test_puts_every_key_under_the_new_passphrase(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
    ) -> None:
        folder = tmp_path / "keys"
        under(monkeypatch, before)
        keyring.create(folder)
        keyring.create(folder, 2)
        worth, names = uses(folder), set(content(folder))

        assert set(rewrapping.protect(folder, NEW)) == names

        assert set(content(folder)) == names
        assert keyring.in_clear(folder) == []
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        under(monkeypatch, NEW)
        assert uses(folder) == worth
        assert keyring.sign_key(folder, 2)
        under(monkeypatch, before)
        for name in keyring.SECRETS:
            with pytest.raises(sm.KeyUnreadable):
                keyring.secret(folder, name)

    @pytest.mark.parametrize("name", ["wrap-1.pem", "web-secret"])
    def test_changes_nothing_where_one_file_cannot_be_read(self, folder: Path, name: str) -> None:
        (folder / name).write_bytes(b"tongban-secret/1 damaged")
        before = content(folder)
        with pytest.raises(sm.KeyUnreadable):
            rewrapping.protect(folder, NEW)
        assert content(folder) == before

    @pytest.mark.prove("keys at every point where a change can break off")
    @pytest.mark.parametrize("after", range(9))
    def test_holds_wherever_it_is_cut_off(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, after: int
    ) -> None:
        worth, renames = uses(folder), [0]

        def cut_off(rename: object) -> object:
            def renamed(*words: object) -> object:
                renames[0] += 1
                if renames[0] > after:
                    raise KeyboardInterrupt
                return rename(*words)  # type: ignore[operator]

            return renamed

        with monkeypatch.context() as patched:
            patched.setattr(Path, "rename", cut_off(Path.rename))
            patched.setattr(Path, "replace", cut_off(Path.replace))
            patched.setattr(Path, "rmdir", cut_off(Path.rmdir))
            if after < 7:  # the folder's name, five files, and the folder's end
                with pytest.raises(KeyboardInterrupt):
                    rewrapping.protect(folder, NEW)
            else:
                rewrapping.protect(folder, NEW)

        under(monkeypatch, NEW if after else OLD)
        assert uses(folder) == worth
        rewrapping.finish(folder)
        assert uses(folder) == worth
        assert {path.name for path in folder.iterdir()} == {"sign-1.pem", "wrap-1.pem", *keyring.SECRETS}

    def test_carries_on_from_one_that_was_cut_off(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        worth = uses(folder)
        with monkeypatch.context() as patched:
            patched.setattr(rewrapping, "finish", lambda _: None)
            rewrapping.protect(folder, NEW)
        under(monkeypatch, NEW)
        rewrapping.protect(folder, "the newest passphrase")
        under(monkeypatch, "the newest passphrase")
        assert uses(folder) == worth
        assert {path.name for path in folder.iterdir()} == {"sign-1.pem", "wrap-1.pem", *keyring.SECRETS}


class TestRecoveryKey:
    def test_is_there_or_not(self, folder: Path) -> None:
        assert keyring.recovery_key(folder) is None
        public = sm.SoftwareKey.generate().public
        keyring.keep_recovery_key(folder, public)
        assert keyring.recovery_key(folder) == public

    @pytest.mark.parametrize("text", ["", "04", "no digits", "04" + "00" * 64])
    def test_is_never_something_else(self, folder: Path, text: str) -> None:
        (folder / keyring.RECOVERY).write_text(text)
        with pytest.raises(sm.KeyUnreadable, match=r"recovery\.pub 不是恢复密钥的公开部分。"):
            keyring.recovery_key(folder)
