"""Folders of keys as tests look at them: what lies in them, and what every key is worth."""

from pathlib import Path

from tongban.kernel.crypto import keyring


def forget() -> None:
    """Forget the keys that this process has opened, as one that starts."""
    for cached in (keyring.sign_key, keyring.wrap_key, keyring.vault_key):
        cached.cache_clear()


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def uses(folder: Path) -> tuple[object, ...]:
    """Return what every key of the folder is worth."""
    pairs = [keyring.sign_key(folder, 1).public, keyring.wrap_key(folder, 1).public]
    return (*pairs, *(keyring.secret(folder, name) for name in keyring.SECRETS))
