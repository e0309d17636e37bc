"""What the vault keeps when the disk is full, and what it says of what is not here."""

import errno
from pathlib import Path
from typing import Any

import pytest

from tests.nodes import BIRTH, Node, node
from tongban.kernel import vault
from tongban.kernel.crypto import sm
from tongban.kernel.db import write
from tongban.kernel.models import Content, SubjectKey

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


class TestReading:
    def test_of_what_is_still_to_come_makes_no_key(self, node: Node) -> None:
        """A reader who made it met whoever stored the first piece just then, and one of the two failed."""
        with write():
            vault.expect(CASE, "sm3:" + "0" * 64, 5, "330421", BIRTH)
        with pytest.raises(vault.ContentMissing):
            vault.get(CASE, "sm3:" + "0" * 64)
        assert not SubjectKey.objects.exists()

    def test_of_what_was_destroyed_before_it_came_says_so(self, node: Node) -> None:
        with write():
            vault.put(CASE, "opinion", b"x")
            vault.expect(CASE, "sm3:" + "0" * 64, 5, "330421", BIRTH)
        vault.destroy(CASE, "档案法", BIRTH)
        with pytest.raises(vault.ContentDestroyed):
            vault.read_chunk(CASE, "sm3:" + "0" * 64, 0)


class TestSmallOf:
    OTHERS = ("3417230BXN20260302A1111111", "3417230BXN20260302B2222222")

    def named(self) -> dict[str, str]:
        return {one: vault.put(one, "form", one.encode()).digest for one in (CASE, *self.OTHERS)}

    def test_gives_each_its_own_by_two_statements(self, node: Node, django_assert_num_queries: Any) -> None:
        named = self.named()
        vault.put(CASE, "opinion", b"something else of the same")
        with django_assert_num_queries(2):
            found = vault.small_of(named)
        assert found == {one: one.encode() for one in named}

    def test_leaves_out_what_is_large_destroyed_or_not_here(self, node: Node) -> None:
        named = self.named()
        named[self.OTHERS[0]] = vault.put(self.OTHERS[0], "form", LARGE).digest
        vault.destroy(self.OTHERS[1], "档案法", BIRTH)
        assert vault.small_of({**named, "3417230BXN20260302C3333333": "sm3:none"}) == {CASE: CASE.encode()}

    def test_gives_nothing_that_was_changed(self, node: Node) -> None:
        named = self.named()
        row = Content.objects.get(subject=CASE)
        *most, last = bytes(row.sealed or b"")
        Content.objects.filter(pk=row.pk).update(sealed=bytes([*most, last ^ 1]))
        with pytest.raises(sm.Tampered):
            vault.small_of(named)
