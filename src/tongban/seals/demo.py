"""Seals for a demo county; refuses to touch any other node."""

from datetime import datetime

from django.conf import settings

from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Organisation
from tongban.kernel.errors import NotPermitted
from tongban.seals import commands
from tongban.seals.models import Seal

SEALED = (Organisation.Kind.SERVICE_CENTRE, Organisation.Kind.COMPETENT)


def seal_county(at: datetime) -> None:
    """
    Give an official seal to the service centre and to each deciding organisation of this node that has none.

    Raises:
        NotPermitted: this is no demo node.
    """
    if not settings.NODE.demo:
        raise NotPermitted("演示印章未制作：本节点不是演示节点。请用 tongban office seal make 制作印章。")
    sealed = Seal.objects.filter(kind=Seal.Kind.OFFICIAL, state=Seal.State.IN_USE).values("organisation")
    for one in (
        Organisation.objects.filter(node="", is_active=True, kind__in=SEALED)
        .exclude(pk__in=sealed)
        .order_by("pk")
    ):
        commands.make(organisation=one.uscc, kind=Seal.Kind.OFFICIAL, by=SYSTEM, at=at)
