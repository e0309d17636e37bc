"""
Changing the passphrase of a node's keys: of all of them, or of none.

The files under the new passphrase are written beside the old ones, in a folder that gets its name only when it is
whole and on disk. From that moment on they count (`keyring.newest`), wherever the process is cut off; then they
take the places of the old ones, one by one, and whoever comes next carries on.
"""

import shutil
from pathlib import Path
from secrets import token_bytes

from tongban.kernel.crypto import keyfiles, keyring, secretfile, sm

_UNFINISHED = ".rewrapping"


def protect(folder: Path, passphrase: str) -> list[str]:
    """
    Put every key of the node under a new passphrase; return their names.

    Raises:
        KeyUnreadable: one can't be read under the passphrase of now; nothing has changed.
        OSError: the new files could not be written; nothing has changed.
    """
    finish(folder)
    unfinished = folder / _UNFINISHED
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    try:
        names = _rewrap(folder, unfinished, passphrase)
        unfinished.rename(folder / keyring.REWRAPPED)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    keyfiles.sync_folder(folder)
    finish(folder)
    return names


def finish(folder: Path) -> None:
    """Bring a change that was cut off after it counted to its end; without one, do nothing."""
    rewrapped = folder / keyring.REWRAPPED
    if not rewrapped.is_dir():
        return
    for path in sorted(rewrapped.iterdir()):
        path.replace(folder / path.name)
    keyfiles.sync_folder(folder)
    rewrapped.rmdir()
    keyfiles.sync_folder(folder)


def _rewrap(folder: Path, target: Path, passphrase: str) -> list[str]:
    """Write every key into `target` under the new passphrase."""
    pairs = sorted(path.name for kind in ("sign", "wrap") for path in folder.glob(f"{kind}-*.pem"))
    for name in pairs:
        keyring.private_key(folder, name).save(target / name, passphrase)
        sm.SoftwareKey.load(target / name, passphrase)  # better now than when it is needed
    salt = token_bytes(secretfile.SALT)
    kept = [name for name in keyring.SECRETS if (folder / name).exists()]
    for name in kept:
        sealed = secretfile.write(name, keyring.secret(folder, name), passphrase, salt)
        keyfiles.write(target / name, sealed)
    return pairs + kept
