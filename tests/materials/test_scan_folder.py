"""A scanner's folder: plain files of the window's own, and nothing else."""

from pathlib import Path

import pytest

from tongban.kernel.errors import NotFound
from tongban.materials import scan_folder
from tongban.materials.inspection import FileTooLarge

pytestmark = pytest.mark.once("it reads a folder and no database")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a page, a secret beside it, and ways that would lead there."""
    own = tmp_path / "own"
    (own / "sub").mkdir(parents=True)
    (tmp_path / "secret.pdf").write_bytes(b"%PDF secret")
    (own / "page.PDF").write_bytes(b"%PDF page")
    (own / "notes.txt").write_text("x")
    (own / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (own / "sub" / "deep.pdf").write_bytes(b"%PDF deep")
    return own


class TestTheFolder:
    def test_shows_plain_pages_only(self, folder: Path) -> None:
        assert [one.name for one in scan_folder.waiting(folder)] == ["page.PDF"]
        assert scan_folder.waiting(folder / "none") == []

    @pytest.mark.parametrize(
        "name", ["../secret.pdf", "link.pdf", "sub/deep.pdf", "notes.txt", "", "/etc/passwd", "none.pdf"]
    )
    def test_leads_nowhere_else(self, folder: Path, name: str) -> None:
        with pytest.raises(NotFound) as refused:
            scan_folder.read(folder, name)
        assert refused.value.code == "not_found"

    def test_gives_a_page_and_lets_go_of_it(self, folder: Path) -> None:
        assert scan_folder.read(folder, "page.PDF") == b"%PDF page"
        assert scan_folder.discard(folder, "page.PDF")
        assert scan_folder.waiting(folder) == []

    def test_refuses_what_is_too_large(self, folder: Path) -> None:
        with (folder / "page.PDF").open("wb") as file:
            file.truncate(scan_folder.DEFAULT_MAX_BYTES + 1)
        with pytest.raises(FileTooLarge):
            scan_folder.read(folder, "page.PDF")

    def test_is_one_below_the_root_whatever_a_window_is_called(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Node:
            scans = tmp_path

        monkeypatch.setattr(scan_folder.settings, "NODE", Node)
        for called in ("../../etc", "大厅 2/3 号窗", "..", "."):
            found = scan_folder.folder_of("..", called)
            assert found is not None
            assert len(found.resolve().relative_to(tmp_path).parts) == 2
