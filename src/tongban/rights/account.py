"""An account as its owner takes it home: who it says they are, where they have signed in, and what is written down of them."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Applicant, Device, ExternalIdentity
from tongban.accounts.people import opened
from tongban.kernel import accesses
from tongban.kernel.models import Access
from tongban.rights.models import DataCopy
from tongban.signin import routes
from tongban.supervision import records

Document = dict[str, Any]


def document(applicant: Applicant, by: Actor) -> Document:
    """Return what this node knows of an account and its sign-ins; of passwords, only whether there is one."""
    return {
        "node": {"division": settings.NODE.division, "address": settings.NODE.url},
        "account": {
            "code": applicant.pseudonym, "kind": applicant.kind, "login": applicant.login, "telephone": applicant.telephone,
            "name": applicant.name, "identity_number": applicant.identity_number, "assurance": applicant.assurance,
            "assurance_now": by.assurance, "has_password": bool(applicant.password),
            "registered_at": applicant.registered_at, "verified_at": applicant.verified_at,
        },
        "identity_providers": list(
            ExternalIdentity.objects.filter(applicant=applicant).order_by("pk").values("issuer", "bound_at")
        ),
        "sessions": list(
            opened.of(applicant.pseudonym).values("begun_at", "channel", "address", "browser")
        ),
        "known_browsers": list(
            Device.objects.filter(owner=applicant.pseudonym).order_by("-last_at", "pk").values("last_at")
        ),
        "copies": list(
            DataCopy.objects.filter(owner=applicant.pseudonym).order_by("pk").values("begun_at", "ended_at")
        ),
    }  # fmt: skip


def accesses_of(applicant: Applicant) -> Iterator[Document]:
    """Yield what the record of access says of somebody's own doing, the last first: sign-ins, failures, content opened."""
    accesses.catch_up()
    for row in Access.objects.filter(who=applicant.pseudonym).order_by("-pk").iterator(chunk_size=500):
        yield {
            "at": row.at, "action": str(routes.title(row.doing)), "code": row.doing, "result": row.result, "channel": row.channel,
            "number": row.matter,
            "browser": row.device, "address": records.address(row), "count": row.count,
        }  # fmt: skip
