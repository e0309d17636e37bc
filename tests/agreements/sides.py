"""Two nodes with keys in memory; the database plays one of them at a time."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings

from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.agreements import documents
from tongban.kernel import identity
from tongban.kernel.crypto import signed, sm
from tongban.kernel.crypto.keychain import KeyChain, first_record
from tongban.kernel.models import SelfNode

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class Side:
    """One node: its keys, its chain, and how it signs."""

    def __init__(self, uscc: str, division: str, name: str) -> None:
        self.key = sm.SoftwareKey.generate()
        self.chain: KeyChain = first_record(self.key, sm.SoftwareKey.generate().public, MONDAY)
        self.node = self.chain.root
        self.party = {"node": self.node, "organisation": uscc, "division": division, "name": name}

    def sign(self, document: dict[str, Any]) -> dict[str, Any]:
        return signed.sign(document, self.key, 1)


OURS = Side(settings.NODE.organisation, settings.NODE.division, "青阳县政务服务中心")
THEIRS = Side("11330421MB0000000X", "330421", "嘉善县政务服务中心")
STRANGER = Side("11440000MB0000000X", "440000", "陌生县政务服务中心")
CHAINS = {side.node: side.chain for side in (OURS, THEIRS)}


def sit_at(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this database that of `side`, which knows the keys of both."""
    SelfNode.objects.all().delete()
    SelfNode.objects.create(fingerprint=side.node)
    for chain in CHAINS.values():
        identity.remember(chain)
    monkeypatch.setattr(identity, "fingerprint", lambda: side.node)
    monkeypatch.setattr(identity, "sign", side.sign)


def signer(*permissions: Permission, organisation: str = settings.NODE.organisation) -> Actor:
    """Return somebody on a post of the service centre."""
    return Actor(
        kind=ActorKind.STAFF,
        channel=Channel.DESK,
        organisation=organisation,
        post="director",
        staff="p1",
        permissions=frozenset(permissions or {Permission.AGREEMENT_SIGN}),
    )


def a_document(*signers: Side, **changes: Any) -> dict[str, Any]:
    """Return an agreement of both sides, signed by `signers`."""
    content: dict[str, Any] = {
        "agreement_id": "A-1",
        "version": 1,
        "parties": (THEIRS.party, OURS.party),
        "powers": ["receive", "notice", "verify", "deliver"],
        "items": "*",
        "limits": {"push": 1},
        "valid_from": date(2026, 1, 1),
    }
    document = documents.build(**(content | changes))
    for side in signers:
        document = documents.sign_for(document, side.node, side.sign)
    return document
