"""Stand-ins for what an applicant would scan: one empty page each."""

import io
from collections.abc import Collection, Mapping
from typing import Any

from PIL import Image

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def as_filed_by(number: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example form in which whoever files online has this identity number: the agent, or the applicant."""
    if form.get("handled_by") == "agent":
        return {**form, "agent": {**form["agent"], "idno": number}}
    return {**form, **{name: number for name in ("applicant_idno", "legal_idno") if name in form}}


def file_for(accept: Collection[str]) -> tuple[str, bytes]:
    """Return name and bytes of an empty page of a type that is accepted."""
    if "application/pdf" in accept:
        return "scan.pdf", PDF
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(buffer, "PNG")
    return "scan.png", buffer.getvalue()
