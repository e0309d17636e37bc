"""Redacting bodies (删除个人信息): what an event says of persons goes, its digest and effects stay, and the chain still verifies."""

from collections.abc import Iterable

from tongban.kernel import writing
from tongban.kernel.models import Event


def forget(subject: str, hashes: Iterable[str]) -> None:
    """Destroy the bodies of events of a matter, with what else is being written."""
    writing.store([writing.Update(Event, {"subject": subject, "hash": one}, {"body": ""}) for one in hashes])
