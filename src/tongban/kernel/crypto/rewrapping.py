"""
Changing what covers a node's keys, a passphrase or a token: for all of them, or for none.

The files under the new cover are written beside the old ones, in a folder that gets its name only when it is
whole and on disk. From that moment on they count (`keyfiles.newest`), wherever the process is cut off; then they
take the places of the old ones, one by one, and whoever comes next carries on.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes

from tongban.configuration.tokens import TokenConfig
from tongban.kernel.crypto import keyfiles, keyring, secretfile, sm, tokenfile

_UNFINISHED = ".rewrapping"


def protect(folder: Path, passphrase: str) -> list[str]:
    """
    Put every key of the node under a new passphrase, from under a token too; return their names.

    Raises:
        KeyUnreadable: one can't be read under the cover of now; nothing has changed.
        OSError: the new files could not be written; nothing has changed.
    """
    finish(folder)
    # Empty files are none, and count at the same moment as all the others.
    emptied = {tokenfile.FILE: b"", tokenfile.COPY: b""} if tokenfile.is_in_force(folder) else {}
    return _change(folder, passphrase, emptied)


def entrust(folder: Path, place: TokenConfig, recovery: bytes) -> list[str]:
    """
    Put every key of the node under what only the token opens, with a copy for the recovery key; return their names.

    Raises:
        KeyUnreadable: one can't be read under the cover of now, or the token can't be used; nothing has changed.
        OSError: the new files could not be written; nothing has changed.
    """
    finish(folder)
    passphrase, data = tokenfile.make(place)
    copied = tokenfile.copy(data, passphrase, recovery)
    return _change(folder, passphrase, {tokenfile.FILE: data, tokenfile.COPY: copied})


def finish(folder: Path) -> None:
    """Bring a change that was cut off after it counted to its end; without one, do nothing."""
    rewrapped = folder / keyfiles.REWRAPPED
    if not rewrapped.is_dir():
        return
    for path in sorted(rewrapped.iterdir()):
        path.replace(folder / path.name)
    for name in (tokenfile.FILE, tokenfile.COPY):
        if (folder / name).exists() and not (folder / name).stat().st_size:
            (folder / name).unlink()
    keyfiles.sync_folder(folder)
    rewrapped.rmdir()
    keyfiles.sync_folder(folder)


def _change(folder: Path, passphrase: str, more: Mapping[str, bytes]) -> list[str]:
    """Put every key under a passphrase, and at the same moment what says where it comes from in its place."""
    unfinished = folder / _UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        names = _rewrap(folder, unfinished, passphrase)
        for name, data in more.items():
            keyfiles.write(unfinished / name, data)
        unfinished.rename(folder / keyfiles.REWRAPPED)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    keyfiles.sync_folder(folder)
    finish(folder)
    return names


def _rewrap(folder: Path, target: Path, passphrase: str) -> list[str]:
    """Write every key into `target` under the new passphrase."""
    pairs = sorted(path.name for kind in ("sign", "wrap") for path in folder.glob(f"{kind}-*.pem"))
    for name in pairs:
        keyring.private_key(folder, name).save(target / name, passphrase)
        sm.SoftwareKey.load(target / name, passphrase)  # better now than when it is needed
    salt = token_bytes(secretfile.SALT)
    kept = keyring.kept(folder)
    for name in kept:
        sealed = secretfile.write(name, keyring.secret(folder, name), passphrase, salt)
        keyfiles.write(target / name, sealed)
    return pairs + kept
