"""What the record of access says: readings of content, and refusals."""

from django.db.models import QuerySet

from tongban.kernel import accesses
from tongban.kernel.models import Access


def readings() -> QuerySet[Access]:
    """Return the rows about a piece of content."""
    return Access.objects.exclude(content="")


def refusals() -> QuerySet[Access]:
    """Return the rows about what was refused, in order."""
    return Access.objects.exclude(result=accesses.OK).order_by("pk")
