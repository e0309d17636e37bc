"""The vault as materials use it: content that no event names yet may be replaced and removed."""

from django.db import transaction

from tongban.kernel import vault
from tongban.kernel.models import Content, SubjectKey


def hold(number: str) -> None:
    """
    Let one writer at a time change what lies in the vault for a case, until the transaction ends.

    Raises:
        ContentDestroyed: the content of the case was destroyed.
    """
    vault.subject_key(number)
    SubjectKey.objects.select_for_update().get(subject=number)


def discard(number: str, digest: str) -> None:
    """Remove a piece of content: its row now, its files once the transaction is committed."""
    content = Content.objects.filter(subject=number, digest=digest).first()
    if content is None:
        return
    paths = [vault._chunk_path(number, digest, index) for index in range(content.chunks)]
    content.delete()

    def unlink() -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    # Not before: a transaction that is rolled back still needs them.
    transaction.on_commit(unlink)
