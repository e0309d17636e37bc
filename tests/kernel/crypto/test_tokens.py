"""Keys under a token: nothing of them lies open, nobody but the token or the recovery key opens them, and it is never locked."""

import importlib
import multiprocessing
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.crypto.folders import content, forget, uses
from tests.tokens import LABEL, PIN, Drawer, drawer
from tongban.configuration.tokens import TokenConfig
from tongban.kernel.crypto import cryptoki, keyring, pins, rewrapping, sm, tokenfile
from tongban.kernel.crypto import token_refusals as refusals

PASSPHRASE = "a passphrase of people"


def begin_anew() -> None:
    """Forget what this process has opened, as one that starts."""
    tokenfile._opened.clear()
    forget()


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drawer:
    monkeypatch.delenv("TONGBAN_KEY_PASSPHRASE", raising=False)
    begin_anew()
    return drawer(tmp_path / "drawer", monkeypatch)


@pytest.fixture
def place(plugged: Drawer, tmp_path: Path) -> TokenConfig:
    return plugged.place(tmp_path / "keys")


@pytest.fixture
def recovery() -> sm.SoftwareKey:
    return sm.SoftwareKey.generate()


@pytest.fixture
def folder(place: TokenConfig, recovery: sm.SoftwareKey) -> Path:
    """Return a folder of keys that was under the token from its beginning, and has a recovery key."""
    tokenfile.begin(place.folder, place)
    keyring.create(place.folder)
    keyring.keep_recovery_key(place.folder, recovery.public)
    return place.folder


def inspected(place: TokenConfig, look: Callable[[Any, Any], None]) -> None:
    """Let `look` see the node's key in the token, signed in, as its maker's tools would."""
    pkcs11 = importlib.import_module("pkcs11")
    module = pkcs11.lib(str(place.module))
    try:
        with module.get_token(token_label=place.label).open(user_pin=PIN, rw=True) as session:
            look(pkcs11, session)
    finally:
        module.finalize()


class TestKeyInTheToken:
    def test_stays_in_it(self, place: TokenConfig, folder: Path) -> None:
        def look(pkcs11: Any, session: Any) -> None:
            (key,) = session.get_objects({pkcs11.Attribute.LABEL: "tongban-qy"})
            is_so = {name: key[getattr(pkcs11.Attribute, name)] for name in (
                "PRIVATE", "SENSITIVE", "ALWAYS_SENSITIVE", "NEVER_EXTRACTABLE", "EXTRACTABLE", "ENCRYPT", "DECRYPT", "WRAP",
                "UNWRAP", "SIGN",
            )}  # fmt: skip
            assert [name for name, yes in is_so.items() if not yes] == [
                "EXTRACTABLE",
                "WRAP",
                "UNWRAP",
                "SIGN",
            ]
            assert (key.key_type, key.key_length) == (pkcs11.KeyType.AES, 256)
            with pytest.raises(pkcs11.AttributeSensitive):
                key[pkcs11.Attribute.VALUE]

        inspected(place, look)

    def test_is_made_once(self, place: TokenConfig) -> None:
        assert cryptoki.make_key(place) == cryptoki.make_key(place)
        assert cryptoki.make_key(place) != cryptoki.make_key(replace(place, key="tongban-other"))

    @pytest.mark.parametrize("wrong", [{"EXTRACTABLE": True}, {"SENSITIVE": False}])
    def test_is_not_used_if_it_could_leave(self, place: TokenConfig, wrong: dict[str, bool]) -> None:
        def look(pkcs11: Any, session: Any) -> None:
            template = {getattr(pkcs11.Attribute, name): value for name, value in wrong.items()}
            session.generate_key(pkcs11.KeyType.AES, 256, label="tongban-qy", store=True, template=template)

        inspected(place, look)
        with pytest.raises(refusals.KeyUnfit, match="可以导出，或不是 AES-256，没有使用"):
            cryptoki.make_key(place)

    def test_is_not_used_if_it_is_weaker(self, place: TokenConfig) -> None:
        inspected(
            place, lambda p, session: session.generate_key(p.KeyType.AES, 128, label="tongban-qy", store=True)
        )
        with pytest.raises(refusals.KeyUnfit):
            cryptoki.make_key(place)

    def test_opens_what_it_sealed_and_nothing_else(self, place: TokenConfig) -> None:
        key = cryptoki.make_key(place)
        sealed = cryptoki.seal(place, key, b"a secret", b"what for")
        assert sealed != cryptoki.seal(place, key, b"a secret", b"what for")
        assert cryptoki.open_(place, key, sealed, b"what for") == b"a secret"
        for changed, purpose in (
            (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"what for"), (sealed, b"else"), (b"", b"what for"),
        ):  # fmt: skip
            with pytest.raises(refusals.TokenFailed, match="没有完成操作"):
                cryptoki.open_(place, key, changed, purpose)


@pytest.mark.attack("F")
class TestFolder:
    def test_holds_only_what_the_token_opens(self, folder: Path) -> None:
        secret = keyring.passphrase(folder)
        assert secret is not None
        assert len(bytes.fromhex(secret)) == 32
        held = content(folder)
        assert held.keys() == {
            "sign-1.pem", "wrap-1.pem", *keyring.SECRETS, "recovery.pub", "token", "token.recovery",
        }  # fmt: skip
        known = [secret, *(keyring.secret(folder, name) for name in keyring.SECRETS), PIN]
        assert not [name for name, data in held.items() for one in known if one.encode() in data]
        assert all(b"ENCRYPTED" in data for name, data in held.items() if name.endswith(".pem"))
        assert keyring.in_clear(folder) == []
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}

    def test_opens_anew_with_the_token(self, folder: Path, place: TokenConfig) -> None:
        worth = uses(folder)
        begin_anew()
        with pytest.raises(refusals.TokenNotOpened, match="令牌没有打开"):
            uses(folder)
        tokenfile.unlock(folder, place)
        assert uses(folder) == worth

    def test_minds_no_passphrase_of_people(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        worth = uses(folder)
        monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", "something else")
        assert uses(folder) == worth

    def test_without_a_token_is_none_of_its_business(self, tmp_path: Path) -> None:
        tokenfile.unlock(tmp_path, None)
        assert not tokenfile.is_in_force(tmp_path)

    @pytest.mark.parametrize("name", ["token", "token.recovery"])
    @pytest.mark.parametrize(
        "data", [b"tongban-token/1", b"other/1 00 00 00", b"tongban-token/1 zz zz", b"\xff"]
    )
    def test_names_a_damaged_file(
        self, folder: Path, place: TokenConfig, recovery: sm.SoftwareKey, name: str, data: bytes
    ) -> None:
        begin_anew()
        (folder / name).write_bytes(data)
        with pytest.raises(refusals.TokenUnusable) as refused:
            tokenfile.unlock(folder, place) if name == "token" else tokenfile.unlock_by_recovery(
                folder, recovery
            )
        assert isinstance(refused.value, refusals.TokenFileDamaged)
        assert str(refused.value) == f"密钥文件 {folder / name} 已损坏。请从另行保管的密钥目录中取回。"


class TestRefusals:
    """What is said where the token does not open the keys; nothing is changed by any of it."""

    def refused(self, place: TokenConfig | None, folder: Path) -> refusals.TokenUnusable:
        before = content(folder)
        begin_anew()
        with pytest.raises(refusals.TokenUnusable) as refused:
            tokenfile.unlock(folder, place)
        before.pop(pins.REFUSED, None)
        after = content(folder)
        after.pop(pins.REFUSED, None)
        assert after == before
        return refused.value

    def test_not_named(self, folder: Path) -> None:
        said = self.refused(None, folder)
        assert isinstance(said, refusals.TokenNotNamed)
        assert str(said) == (
            f"密钥目录 {folder} 由令牌保护，而 config.toml 没有写明令牌。请写明 keys.token_module 和 keys.token_label 后重试。"
        )

    def test_away(self, folder: Path, place: TokenConfig, plugged: Drawer) -> None:
        plugged.pull()
        said = self.refused(place, folder)
        assert isinstance(said, refusals.TokenAway)
        assert str(said) == f"找不到令牌“{LABEL}”。请插好令牌，核对 keys.token_label 后重试。"
        assert not cryptoki.is_there(place)
        plugged.put_back()
        assert cryptoki.is_there(place)
        tokenfile.unlock(folder, place)

    def test_another_one_of_that_name(self, folder: Path, place: TokenConfig, plugged: Drawer) -> None:
        plugged.pull()
        plugged.put_in()
        said = self.refused(place, folder)
        assert isinstance(said, refusals.OtherToken)
        assert str(said).startswith(f"令牌“{LABEL}”里没有本节点的密钥。请换上原来的令牌；")

    def test_two_of_that_name(self, folder: Path, place: TokenConfig, plugged: Drawer) -> None:
        plugged.put_in()
        said = self.refused(place, folder)
        assert isinstance(said, refusals.TokenDoubtful)

    @pytest.mark.parametrize("module", ["nowhere.so", "tokens.conf"])
    def test_no_module(self, folder: Path, place: TokenConfig, tmp_path: Path, module: str) -> None:
        (tmp_path / "tokens.conf").write_text("no library")
        said = self.refused(replace(place, module=tmp_path / module), folder)
        assert isinstance(said, refusals.ModuleUnusable)
        assert str(said) == (
            f"令牌的模块 {tmp_path / module} 不能使用。请核对 keys.token_module，并安装厂商的驱动后重试。"
        )

    def test_no_library(self, folder: Path, place: TokenConfig, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(importlib.import_module("sys").modules, "pkcs11", None)
        said = self.refused(place, folder)
        assert isinstance(said, refusals.LibraryAbsent)
        assert not cryptoki.is_there(place)

    def test_pulled_while_it_works(self, folder: Path, place: TokenConfig, plugged: Drawer) -> None:
        def work() -> None:
            with cryptoki._session(place) as (pkcs11, session):
                plugged.pull()
                session.generate_key(pkcs11.KeyType.AES, 256, label="one more", store=True)

        with pytest.raises(refusals.TokenUnusable) as refused:
            work()
        assert isinstance(refused.value, (refusals.TokenAway, refusals.TokenFailed))
        plugged.put_back()
        begin_anew()
        tokenfile.unlock(folder, place)

    @pytest.mark.parametrize("gone", ["DeviceRemoved", "TokenNotPresent"])
    def test_says_away_as_modules_of_cards_do(self, place: TokenConfig, gone: str) -> None:
        with (
            pytest.raises(refusals.TokenAway),
            cryptoki._session(place) as (pkcs11, _session),
        ):
            raise getattr(pkcs11, gone)


class TestPin:
    def test_comes_from_a_file(
        self, folder: Path, plugged: Drawer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TONGBAN_TOKEN_PIN")
        (tmp_path / "pin").write_text(f"{PIN}\n")
        begin_anew()
        tokenfile.unlock(folder, plugged.place(folder, pin_file=tmp_path / "pin"))
        assert uses(folder)

    def test_comes_from_systemd_before_the_file(
        self, folder: Path, plugged: Drawer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("TONGBAN_TOKEN_PIN")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        (tmp_path / "tongban-token-pin").write_text(PIN)
        begin_anew()
        tokenfile.unlock(folder, plugged.place(folder, pin_file=tmp_path / "nowhere"))
        assert uses(folder)

    def test_is_asked_for(
        self, folder: Path, place: TokenConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin_anew()
        monkeypatch.delenv("TONGBAN_TOKEN_PIN")
        (tmp_path / "empty").write_text("\n")
        for pin_file in (None, tmp_path / "empty"):
            with pytest.raises(refusals.PinAbsent) as refused:
                tokenfile.unlock(folder, replace(place, pin_file=pin_file))
            assert str(refused.value) == (
                f"没有给出令牌“{LABEL}”的 PIN。请设置 TONGBAN_TOKEN_PIN、systemd 凭据 tongban-token-pin 或 keys.token_pin_file 后重试。"
            )
        with pytest.raises(refusals.PinFileUnreadable, match="读不出存放 PIN 的文件"):
            tokenfile.unlock(folder, replace(place, pin_file=tmp_path / "nowhere"))

    def test_that_was_refused_is_not_tried_again(
        self, folder: Path, place: TokenConfig, plugged: Drawer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begin_anew()
        monkeypatch.setenv("TONGBAN_TOKEN_PIN", "000000")
        with pytest.raises(refusals.PinWrong) as refused:
            tokenfile.unlock(folder, place)
        assert str(refused.value) == (
            f"令牌“{LABEL}”不接受所给的 PIN。同一个 PIN 不会再试，以免锁住令牌。请更正 PIN 后重试。"
        )
        note = folder / pins.REFUSED
        assert b"000000" not in note.read_bytes()
        assert stat.S_IMODE(note.stat().st_mode) == 0o600
        plugged.pull()  # who is not asked need not be there
        with pytest.raises(refusals.PinRefusedBefore) as again:
            tokenfile.unlock(folder, place)
        assert f"删除 {note} 后重试" in str(again.value)
        plugged.put_back()
        monkeypatch.setenv("TONGBAN_TOKEN_PIN", PIN)
        tokenfile.unlock(folder, place)
        assert uses(folder)
        assert not note.exists()

    def test_is_not_tried_where_one_more_would_lock_the_token(self, place: TokenConfig) -> None:
        flags = importlib.import_module("pkcs11").TokenFlag
        cryptoki.ask_tries_left(flags, flags.USER_PIN_INITIALIZED | flags.USER_PIN_COUNT_LOW, place)
        with pytest.raises(refusals.PinLastTry, match="只剩最后一次输入 PIN 的机会，没有尝试"):
            cryptoki.ask_tries_left(flags, flags.USER_PIN_COUNT_LOW | flags.USER_PIN_FINAL_TRY, place)
        with pytest.raises(refusals.PinLocked, match="已锁住"):
            cryptoki.ask_tries_left(flags, flags.USER_PIN_FINAL_TRY | flags.USER_PIN_LOCKED, place)

    @pytest.mark.parametrize(
        ("flag", "refusal"),
        [("USER_PIN_FINAL_TRY", refusals.PinLastTry), ("USER_PIN_LOCKED", refusals.PinLocked)],
    )
    def test_is_not_given_to_a_token_that_says_so(
        self, folder: Path, place: TokenConfig, monkeypatch: pytest.MonkeyPatch, flag: str, refusal: type
    ) -> None:
        begin_anew()
        found = cryptoki._token

        class Warned:
            def __init__(self, pkcs11: Any, token: Any) -> None:
                self.flags = token.flags | getattr(pkcs11.TokenFlag, flag)

        monkeypatch.setattr(cryptoki, "_token", lambda p, module, at: Warned(p, found(p, module, at)))
        with pytest.raises(refusal):
            tokenfile.unlock(folder, place)
        assert not (folder / pins.REFUSED).exists()


def _opens(folder: Path, place: TokenConfig) -> None:
    begin_anew()
    tokenfile.unlock(folder, place)
    assert uses(folder)


class TestProcesses:
    def test_children_open_for_themselves(self, folder: Path, place: TokenConfig) -> None:
        begin_anew()
        tokenfile.unlock(folder, place)
        for _ in range(3):
            child = multiprocessing.get_context("fork").Process(target=_opens, args=(folder, place))
            child.start()
            child.join()
            assert child.exitcode == 0

    def test_children_have_what_was_opened(self, folder: Path, place: TokenConfig, plugged: Drawer) -> None:
        worth = uses(folder)
        plugged.pull()
        child = multiprocessing.get_context("fork").Process(target=_same, args=(folder, place, worth))
        child.start()
        child.join()
        assert child.exitcode == 0

    def test_threads_do_not_end_it_for_each_other(self, place: TokenConfig) -> None:
        key = cryptoki.make_key(place)
        sealed = cryptoki.seal(place, key, b"a secret", b"")
        with ThreadPoolExecutor(8) as threads:
            opened = list(threads.map(lambda _: cryptoki.open_(place, key, sealed, b""), range(32)))
        assert opened == [b"a secret"] * 32


def _same(folder: Path, place: TokenConfig, worth: tuple[object, ...]) -> None:
    tokenfile.unlock(folder, place)
    assert uses(folder) == worth


class TestRecovery:
    def test_opens_without_the_token(self, folder: Path, plugged: Drawer, recovery: sm.SoftwareKey) -> None:
        worth = uses(folder)
        plugged.pull()
        begin_anew()
        tokenfile.unlock_by_recovery(folder, recovery)
        assert uses(folder) == worth

    def test_is_for_one_key_alone(self, folder: Path, recovery: sm.SoftwareKey) -> None:
        newer = sm.SoftwareKey.generate()
        keyring.keep_recovery_key(folder, newer.public)
        begin_anew()
        with pytest.raises(refusals.NoCopyForThisKey, match="没有为这个恢复密钥留下副本"):
            tokenfile.unlock_by_recovery(folder, recovery)
        tokenfile.unlock_by_recovery(folder, newer)
        assert uses(folder)

    def test_no_byte_of_it_can_be_changed(self, folder: Path, recovery: sm.SoftwareKey) -> None:
        data = (folder / "token.recovery").read_bytes()
        for at in range(data.rindex(b" ") + 1, len(data) - 1, 7):
            changed = bytearray(data)
            changed[at] = ord("0") if data[at] != ord("0") else ord("1")
            (folder / "token.recovery").write_bytes(changed)
            begin_anew()
            with pytest.raises(refusals.TokenFileDamaged):
                tokenfile.unlock_by_recovery(folder, recovery)

    def test_a_copy_of_what_was_before_is_none(
        self, folder: Path, place: TokenConfig, recovery: sm.SoftwareKey
    ) -> None:
        assert tokenfile.has_copy(folder, recovery.public)
        old = (folder / "token.recovery").read_bytes()
        rewrapping.entrust(folder, place, recovery.public)
        assert tokenfile.has_copy(folder, recovery.public)
        (folder / "token.recovery").write_bytes(old)
        assert not tokenfile.has_copy(folder, recovery.public)


class TestMoving:
    @pytest.mark.parametrize("before", ["", PASSPHRASE])
    def test_under_a_token_and_back(
        self, place: TokenConfig, recovery: sm.SoftwareKey, monkeypatch: pytest.MonkeyPatch, before: str
    ) -> None:
        monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", before)
        folder = place.folder
        keyring.create(folder)
        keyring.keep_recovery_key(folder, recovery.public)
        worth, names = uses(folder), set(content(folder))

        assert set(rewrapping.entrust(folder, place, recovery.public)) == names - {"recovery.pub"}
        assert set(content(folder)) == names | {"token", "token.recovery"}
        monkeypatch.delenv("TONGBAN_KEY_PASSPHRASE")
        begin_anew()
        tokenfile.unlock(folder, place)
        assert uses(folder) == worth
        assert keyring.in_clear(folder) == []

        rewrapping.protect(folder, "a newer passphrase")
        assert set(content(folder)) == names
        begin_anew()
        monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", "a newer passphrase")
        assert uses(folder) == worth
        assert keyring.in_clear(folder) == []

    def test_to_another_token_by_the_recovery_key(
        self, folder: Path, place: TokenConfig, plugged: Drawer, recovery: sm.SoftwareKey
    ) -> None:
        worth, old = uses(folder), content(folder)
        plugged.pull("broken")
        plugged.put_in()
        begin_anew()
        tokenfile.unlock_by_recovery(folder, recovery)
        rewrapping.entrust(folder, place, recovery.public)
        begin_anew()
        tokenfile.unlock(folder, place)
        assert uses(folder) == worth
        assert not [
            name for name, data in content(folder).items() if data == old[name] and name != "recovery.pub"
        ]

    @pytest.mark.parametrize("wrong", ["away", "pin"])
    def test_changes_nothing_where_the_token_does_not_help(
        self, place: TokenConfig, plugged: Drawer, recovery: sm.SoftwareKey, monkeypatch: pytest.MonkeyPatch, wrong: str
    ) -> None:  # fmt: skip
        keyring.create(place.folder)
        before = content(place.folder)
        plugged.pull() if wrong == "away" else monkeypatch.setenv("TONGBAN_TOKEN_PIN", "000000")
        with pytest.raises(refusals.TokenAway if wrong == "away" else refusals.PinWrong):
            rewrapping.entrust(place.folder, place, recovery.public)
        assert {name: data for name, data in content(place.folder).items() if name != pins.REFUSED} == before

    @pytest.mark.prove("a token at every point where a move can break off")
    @pytest.mark.slow
    @pytest.mark.parametrize("back", [False, True])
    @pytest.mark.parametrize("after", [0, 1, 2, 4, 7, 8, 9, 10])
    def test_holds_wherever_it_is_cut_off(
        self, place: TokenConfig, recovery: sm.SoftwareKey, monkeypatch: pytest.MonkeyPatch, after: int, back: bool
    ) -> None:  # fmt: skip
        monkeypatch.setenv("TONGBAN_KEY_PASSPHRASE", PASSPHRASE)
        folder, steps = place.folder, [0]
        keyring.create(folder)
        worth = uses(folder)
        if back:
            rewrapping.entrust(folder, place, recovery.public)
            begin_anew()
            tokenfile.unlock(folder, place)

        def cut_off(step: Callable[..., object]) -> Callable[..., object]:
            def stepped(*words: object, **more: object) -> object:
                steps[0] += 1
                if steps[0] > after:
                    raise KeyboardInterrupt
                return step(*words, **more)

            return stepped

        with monkeypatch.context() as patched:
            for name in ("rename", "replace", "rmdir"):
                patched.setattr(Path, name, cut_off(getattr(Path, name)))
            whole = 9  # the folder's name, seven files, and the folder's end
            try:
                rewrapping.protect(folder, PASSPHRASE) if back else rewrapping.entrust(
                    folder, place, recovery.public
                )
                assert after >= whole
            except KeyboardInterrupt:
                assert after < whole

        for _ in range(2):
            begin_anew()
            tokenfile.unlock(folder, place)
            assert tokenfile.is_in_force(folder) == (bool(after) != back)
            assert uses(folder) == worth
            rewrapping.finish(folder)
        under_token = {"token", "token.recovery"} if bool(after) != back else set()
        assert {path.name for path in folder.iterdir()} == {
            "sign-1.pem",
            "wrap-1.pem",
            *keyring.SECRETS,
        } | under_token
