"""Changes of this node's own keys: made, and told to its chain."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.kernel import identity
from tongban.kernel.crypto import keyring
from tongban.kernel.crypto.keychain import KeyChain, next_record
from tongban.kernel.db import write
from tongban.kernel.journal import nodechain
from tongban.kernel.models import NodeKey


def rotate(
    at: datetime, *, revoke_from: datetime | None = None, by: Mapping[str, Any] = nodechain.SYSTEM
) -> KeyChain:
    """Add a new key record to our chain, signed by the current key, by whom (as events name an actor); return the chain."""
    chain = identity.chain_of(identity.fingerprint())
    old = keyring.sign_key(settings.NODE.keys, chain.current.number)
    sign, wrap = keyring.create(settings.NODE.keys, chain.current.number + 1)
    revokes = [(chain.current.number, revoke_from)] if revoke_from else []
    longer = next_record(chain, old, sign, wrap.public, at, revokes)
    with write():
        identity.remember(longer)
        tell(chain, by=by, at=at)
    return longer


def tell(known: KeyChain, *, by: Mapping[str, Any] = nodechain.SYSTEM, at: datetime) -> None:
    """Write into the node's chain which of our key records, as stored now, came to those `known` before."""
    new = NodeKey.objects.filter(node=known.root, number__gt=known.current.number).order_by("number")
    for record in new:
        nodechain.tell("node_key_changed", record, by=by, at=at, number=record.number)
