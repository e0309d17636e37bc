"""Background work: what waits for the virus scanner, uploads and drafts that nobody came back for."""

from datetime import datetime

from tongban.kernel import vault
from tongban.kernel.errors import DomainError
from tongban.materials import commands, container, expiring, quotas, scanning, uploads
from tongban.materials.models import Material

AT_ONCE = 50


def expire_uploads(at: datetime) -> int:
    """Give up uploads that nobody came back for; return how many."""
    return uploads.expire_all(at)


def expire_drafts(at: datetime) -> int:
    """Destroy drafts whose time is over, and forget how many were begun on days that are; return how many that was."""
    return expiring.expire_all(at) + quotas.sweep(at)


def rescan_all(at: datetime) -> int:
    """Ask the scanner again about what is held (待查毒), longest held first; return how many were judged."""
    held = list(Material.objects.held().order_by("added_at", "pk").values_list("number", "digest")[:AT_ONCE])
    if not held or not scanning.is_ready():
        return 0
    return sum(_rescan(number, digest, at) for number, digest in held)


def _rescan(number: str, digest: str, at: datetime) -> bool:
    try:
        file = container.unpack(vault.get(number, digest))
        verdict = scanning.scan(file.data, file.media_type)
    except DomainError:
        verdict = scanning.Verdict.INFECTED  # destroyed or lost meanwhile: nothing is left to release
    if verdict is scanning.Verdict.HELD:
        return False
    return commands.judge_held(number=number, digest=digest, verdict=verdict, at=at)
