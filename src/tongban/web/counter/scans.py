"""The scanner's folder on the page of taking in: what waits in the window's own, and what was ticked of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from tongban.accounts.access.actor import Actor
from tongban.accounts.people import shifts
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.materials import commands as materials
from tongban.materials import scan_folder
from tongban.web.english import told


def folder(by: Actor) -> Path | None:
    """Return the sub-folder of the window at which somebody sits now."""
    shift = shifts.current(by, clock.now())
    if shift is None:
        return None
    window = shift.window
    return scan_folder.folder_of(window.hall.organisation.uscc, str(window))


def waiting(by: Actor) -> dict[str, Any] | None:
    """Return what the page shows of it; nothing where there is no such folder."""
    own = folder(by)
    return None if own is None else {"path": "/".join(own.parts[-2:]), "files": scan_folder.waiting(own)}


def taken(request: HttpRequest, number: str, guide: Mapping[str, Any], by: Actor) -> list[tuple[str, str]]:
    """Keep what was ticked as pages of the chosen material, by name, and delete it from the folder; return what was refused."""
    own, code, faults = folder(by), request.POST.get("scan-to", ""), []
    names = sorted(request.POST.getlist("scan"))
    if own is None or not names:
        return [("scans", _("扫描件：请先勾选文件。"))]
    for name in names[: scan_folder.MOST]:
        try:
            data = scan_folder.read(own, name)
            materials.add_material(
                number=number, code=code, name=name, data=data, by=by, at=clock.now(), guide=guide
            )
        except DomainError as refusal:
            faults.append(("scans", told(refusal)))
            continue
        if not scan_folder.discard(own, name):
            faults.append(("scans", _("已存为材料，但没能从扫描件文件夹删除。请管理员检查文件夹权限。")))
    return faults
