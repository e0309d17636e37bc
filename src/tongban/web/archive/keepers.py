"""Who works at the archive's desk: who proposes that content be destroyed, and who approves it."""

from tongban.accounts.access.actor import Actor, Permission


def keeps_archive(actor: Actor) -> bool:
    """Return whether somebody's post has to do with the archive."""
    return actor.may(Permission.ARCHIVE_DESTROY) or actor.may(Permission.ARCHIVE_APPROVE)
