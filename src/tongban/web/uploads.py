"""Uploads of materials in parts, for the applicant's drafts and the window's: the pages' script speaks here."""

from urllib.parse import quote

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import http_date

from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.materials import queries, uploads
from tongban.materials.models import Upload
from tongban.signin.actor import SignedInRequest
from tongban.web import tus
from tongban.web.access import signed_in


@tus.spoken("POST")
@signed_in()
def create(request: SignedInRequest, number: str) -> HttpResponse:
    """Begin an upload; the answer says where to send the parts."""
    told = tus.metadata(request)
    upload = uploads.begin(
        number=str(numbers.parse(number)), code=told.get("code", ""), name=told.get("filename", ""),
        size=tus.number(request, "Upload-Length"), by=request.actor, at=clock.now(),
    )  # fmt: skip
    place = reverse("web:upload", args=[upload.number, upload.token])
    return HttpResponse(status=201, headers={"Location": place, **_lasts(upload)})


@tus.spoken("HEAD", "PATCH", "DELETE")
@signed_in()
def upload(request: SignedInRequest, number: str, token: str) -> HttpResponse:
    """Say how far it has come, add a part, or give it up."""
    at = clock.now()
    found = queries.upload(token, str(numbers.parse(number)), request.actor, at)
    if request.method == "DELETE":
        uploads.cancel(upload=found)
        return HttpResponse(status=204)
    if request.method == "HEAD":
        stands = {"Upload-Offset": str(queries.extent_of(found)), "Upload-Length": str(found.size)}
        return HttpResponse(headers={**stands, **_lasts(found)})
    progress = uploads.take(
        upload=found, offset=tus.number(request, "Upload-Offset"), pieces=tus.body(request),
        sha256=tus.checksum(request), by=request.actor, at=at,
    )  # fmt: skip
    response = HttpResponse(status=204, headers={"Upload-Offset": str(progress.offset)})
    if progress.material is None:
        response["Upload-Expires"] = http_date(found.expires_at.timestamp())
    else:
        # What the page tells beside the material; a header holds ASCII only.
        told = [str(progress.material.get_scan_display())] if progress.material.scan != "clean" else []
        told += [progress.material.hints] if progress.material.hints else []
        response["Tongban-Hints"] = quote("；".join(told))
    return response


def _lasts(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(upload.expires_at.timestamp())}
