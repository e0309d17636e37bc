"""
The passphrase that only a token opens, and its copy for the recovery key: two files beside the keys that it covers.

`token` is one line: format, the id of the token's key, and the passphrase (32 random bytes, in hexadecimal) sealed under
it. `token.recovery` is one line: format, the fingerprint of the recovery key, the digest of `token`, and the passphrase
wrapped for that key by SM2; so a token that breaks does not take the node along. An empty `token` is none: that is how a
change back counts at once (`rewrapping`). What was opened stays in the memory of the process, as the keys do.
"""

from pathlib import Path
from secrets import token_hex

from tongban.configuration.tokens import TokenConfig
from tongban.kernel.crypto import cryptoki, digest, keyfiles, sm
from tongban.kernel.crypto.token_refusals import (
    NoCopyForThisKey,
    TokenFileDamaged,
    TokenNotNamed,
    TokenNotOpened,
)

FILE, COPY = "token", "token.recovery"
FORMAT, COPY_FORMAT = "tongban-token/1", "tongban-token-recovery/1"
PASSPHRASE = 32
_opened: dict[bytes, str] = {}  # by the content of the file, so nothing old is ever taken for the new


def is_in_force(folder: Path) -> bool:
    """Return whether a token guards the keys of the folder."""
    return bool(_content(folder, FILE))


def unlock(folder: Path, place: TokenConfig | None) -> None:
    """
    Open with the token what guards the keys of the folder, if a token does; this process need not ask it again.

    Raises:
        TokenUnusable: one of its subclasses says why.
    """
    data = _content(folder, FILE)
    if not data or data in _opened:
        return
    if place is None:
        raise TokenNotNamed(folder)
    key_id, sealed = _parts(folder / FILE, data, FORMAT, 2)
    opened = cryptoki.open_(place, bytes.fromhex(key_id), bytes.fromhex(sealed), _aad(key_id))
    _opened[data] = opened.decode("ascii")


def unlock_by_recovery(folder: Path, key: sm.Key) -> None:
    """
    Open with the recovery key, instead of the token, what guards the keys of the folder, if a token does.

    Raises:
        NoCopyForThisKey: no copy was left for this key. TokenFileDamaged: it is not as it was written.
    """
    data = _content(folder, FILE)
    if not data or data in _opened:
        return
    if not has_copy(folder, key.public):
        raise NoCopyForThisKey(folder)
    path = folder / COPY
    *_, wrapped = _parts(path, _content(folder, COPY), COPY_FORMAT, 3)
    try:
        _opened[data] = key.unwrap(bytes.fromhex(wrapped)).decode("ascii")
    except ValueError:  # what was changed is one too
        raise TokenFileDamaged(path) from None


def guarded(folder: Path) -> str:
    """
    Return the passphrase that the token guards.

    Raises:
        TokenNotOpened: this process has not opened it.
    """
    try:
        return _opened[_content(folder, FILE)]
    except KeyError:
        raise TokenNotOpened(folder) from None


def make(place: TokenConfig) -> tuple[str, bytes]:
    """
    Return a new passphrase, and the content of the `token` that guards it, which the token has opened once.

    Raises:
        TokenUnusable: one of its subclasses says why.
    """
    passphrase = token_hex(PASSPHRASE)
    key_id = cryptoki.make_key(place)
    sealed = cryptoki.seal(place, key_id, passphrase.encode("ascii"), _aad(key_id.hex()))
    data = f"{FORMAT} {key_id.hex()} {sealed.hex()}\n".encode("ascii")
    # Better now than when it is needed.
    if cryptoki.open_(place, key_id, sealed, _aad(key_id.hex())) != passphrase.encode("ascii"):
        raise TokenFileDamaged(place.folder / FILE)
    _opened[data] = passphrase
    return passphrase, data


def begin(folder: Path, place: TokenConfig) -> None:
    """Let a token guard the keys that will be made in a new folder; raises as `make`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _, data = make(place)
    keyfiles.write(folder / FILE, data)


def leave_copy(folder: Path, public: bytes) -> None:
    """Let the recovery key of `public` open what the token guards, and no other one; raises as `guarded`."""
    copied = copy(_content(folder, FILE), guarded(folder), public)
    keyfiles.write(folder / COPY, copied, replace=True)


def copy(data: bytes, passphrase: str, public: bytes) -> bytes:
    """Return the content of the copy of `data`, the file that guards `passphrase`, for the recovery key of `public`."""
    wrapped = sm.wrap(public, passphrase.encode("ascii")).hex()
    return f"{COPY_FORMAT} {digest.of(public)} {digest.of(data)} {wrapped}\n".encode("ascii")


def has_copy(folder: Path, public: bytes) -> bool:
    """
    Return whether the recovery key of `public` opens what the token guards now.

    Raises:
        TokenFileDamaged: the copy is not as it was written.
    """
    copied = _content(folder, COPY)
    if not copied:
        return False
    recipient, of, _ = _parts(folder / COPY, copied, COPY_FORMAT, 3)
    return (recipient, of) == (digest.of(public), digest.of(_content(folder, FILE)))


def _content(folder: Path, name: str) -> bytes:
    try:
        return keyfiles.newest(folder, name, Path.read_bytes)
    except FileNotFoundError:
        return b""


def _parts(path: Path, data: bytes, tag: str, number: int) -> list[str]:
    """Return the words of a file after its format; all but a fingerprint are hexadecimal digits."""
    try:
        found, *parts = data.decode("ascii").split()
        bytes.fromhex(parts[-1])
        bytes.fromhex(parts[0].removeprefix("sm3:"))
    except (ValueError, IndexError):
        raise TokenFileDamaged(path) from None
    if found != tag or len(parts) != number:
        raise TokenFileDamaged(path)
    return parts


def _aad(key_id: str) -> bytes:
    return f"{FORMAT}/{key_id}".encode("ascii")
