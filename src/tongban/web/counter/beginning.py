"""Beginning to take in: whether a window may, and the number of a new draft."""

from collections.abc import Collection
from typing import NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tongban.cases import commands
from tongban.cases.words import Mode
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import Guide
from tongban.kernel import db
from tongban.kernel.time import clock
from tongban.materials import queries as materials
from tongban.signin import helping
from tongban.web.counter.request import actor_of

BEGUN = "begun"  # in the session: the draft begun last
PRESSED_TWICE = 10  # seconds within which the same button means the same draft


class Way(NamedTuple):
    """What a window can do for an offering: nothing, and why; help file online (帮办), or take in."""

    why_not: str = ""
    helps: bool = False


def way(code: str) -> Way:
    """Return what a window can do for an offering."""
    return ways([code])[code]


def ways(codes: Collection[str]) -> dict[str, Way]:
    """Return for each offering what a window can do, by one question."""
    newest = dict(
        Guide.objects.current().filter(offering__code__in=codes).order_by("version").values_list("offering__code", "digest")
    )  # fmt: skip
    return {code: _way(newest.get(code, "")) for code in codes}


def _way(digest: str) -> Way:
    if not digest:
        return Way(_("办理地还没有公布办事指南，请直接联系办理地。"))
    guide = catalogue.document_by_digest(digest)
    if Mode.PROXY_INTAKE in guide["modes"]:
        return Way()
    if helping.is_for(guide):
        reason = helping.why_not(guide)
        return Way(_(helping.WHY_NOT[reason]) if reason else "", helps=True)
    return Way(_("没有开通跨省通办的受理方式：请告知申请人向办理地申请。"))


def begun(request: HttpRequest, code: str) -> str:
    """Return the number of a new draft; of the one just begun, where the button was pressed twice."""
    by, at = actor_of(request), clock.now()
    with db.write():
        # The other press may have been answered since this request read its session.
        kept = type(request.session)(request.session.session_key).get(BEGUN, {})
        if kept.get("code") == code and at.timestamp() - kept["at"] < PRESSED_TWICE:
            draft = materials.drafts_of(by).filter(number=kept["number"], form="").first()
            if draft and not materials.materials_of(draft.number).exists():
                return draft.number
        number = commands.open_draft(offering=code, by=by, at=at)
        request.session[BEGUN] = {"code": code, "number": number, "at": at.timestamp()}
        request.session.save()
    return number
