"""The practice of a procedure whose acts bring files: how such a file is opened."""

from tongban.materials import queries
from tongban.procedures.practice import Practice
from tongban.procedures.rule import FILE


class PracticeWithFiles(Practice):
    """The practice of a procedure whose acts bring files."""

    def open_content(self, number: str, label: str, digest: str) -> tuple[str, str, bytes]:
        """Return a file as it was handed in, all else as text; raises as `queries.open_material`."""
        if label.startswith(FILE):
            return queries.open_material(number, digest)
        return super().open_content(number, label, digest)
