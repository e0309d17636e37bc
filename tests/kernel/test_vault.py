"""What the vault keeps when the disk is full."""

import errno
from pathlib import Path
from typing import Any

import pytest

from tests.nodes import Node, node
from tongban.kernel import vault
from tongban.kernel.db import write
from tongban.kernel.models import Content

__all__ = ["node"]

CASE = "3417230BXN202603020DSBWMGZT"
LARGE = b"x" * (3 * vault.CHUNK)


class TestPut:
    def test_leaves_no_earlier_chunk_when_a_later_one_finds_the_disk_full(
        self, node: Node, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, written = Path.replace, []

        def replace(path: Path, target: Any) -> Path:
            written.append(target)
            if len(written) == 3:
                raise OSError(errno.ENOSPC, "full")
            return real(path, target)

        monkeypatch.setattr(Path, "replace", replace)

        with pytest.raises(vault.StorageFull), write():
            vault.put(CASE, "opinion", LARGE)

        assert len(written) == 3
        assert node.vault_files == []
        assert not Content.objects.exists()
