"""Files of keys are whole or not there, and overwrite nothing unasked."""

import errno
import stat
from pathlib import Path

import pytest

from tongban.kernel.crypto import keyfiles


@pytest.fixture(params=[None, errno.EPERM, errno.EOPNOTSUPP], ids=["disk", "memory stick", "network"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of a file system that knows second names, or not."""

    def refuse(*_: object) -> None:
        raise OSError(request.param, "no second names")

    if request.param:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    return tmp_path


class TestWrite:
    def test_is_for_its_owner_alone(self, folder: Path) -> None:
        keyfiles.write(folder / "key", b"one")
        assert (folder / "key").read_bytes() == b"one"
        assert stat.S_IMODE((folder / "key").stat().st_mode) == 0o600
        assert [path.name for path in folder.iterdir()] == ["key"]

    def test_overwrites_nothing_unasked(self, folder: Path) -> None:
        keyfiles.write(folder / "key", b"one")
        with pytest.raises(FileExistsError):
            keyfiles.write(folder / "key", b"two")
        assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("key", b"one")]

    def test_replaces_when_asked(self, folder: Path) -> None:
        keyfiles.write(folder / "key", b"one")
        keyfiles.write(folder / "key", b"two", replace=True)
        assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("key", b"two")]

    def test_leaves_nothing_where_it_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise OSError(errno.ENOSPC, "full")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
        with pytest.raises(OSError, match="full"):
            keyfiles.write(tmp_path / "key", b"one")
        assert list(tmp_path.iterdir()) == []
