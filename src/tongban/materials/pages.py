"""How many pages were handed in, counted when a list of papers is printed."""

import io
from collections.abc import Iterable

import pikepdf

from tongban.kernel.errors import DomainError
from tongban.materials import queries


def count(number: str, digests: Iterable[str]) -> int | None:
    """Return the pages of these files of a case together; None where one of them is not here or cannot be counted."""
    total = 0
    for digest in digests:
        try:
            _name, media_type, data = queries.open_material(number, digest)
            if media_type == "application/pdf":
                with pikepdf.open(io.BytesIO(data)) as pdf:
                    total += len(pdf.pages)
            elif media_type.startswith("image/"):
                total += 1
            else:
                return None
        except (DomainError, pikepdf.PdfError):
            return None
    return total
