"""A file that comes with an act: looked at, scanned, and made ready for the vault in one go, because an act cannot wait for it."""

from tongban.materials import container, inspection, scanning

LARGEST = 10 * 1024 * 1024


def ready(name: str, data: bytes, *, material: str) -> bytes:
    """
    Return a file as it is stored; `material` is what refusals call it.

    Raises:
        FileRefused: the file is disguised, too large, unreadable or dangerous.
        ScannerAway: the virus scanner gives no verdict, and an act cannot be held.
    """
    found = inspection.inspect(data, name, inspection.TYPES, LARGEST, material=material)
    scanning.demand_clean(data, found.media_type, material=material)
    return container.pack(container.StoredFile(name, found.media_type, data))
