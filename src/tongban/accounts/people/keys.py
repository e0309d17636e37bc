"""Keys for machines (接口密钥): issued once in clear, kept as a keyed hash."""

import hmac
import logging
import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q

from tongban.accounts.access.actor import Actor
from tongban.accounts.access.authority import ask_to_manage_organisation
from tongban.accounts.people import bounds_of_keys, sealed, telling
from tongban.accounts.people.models import Post
from tongban.accounts.people.pseudonyms import new_pseudonym
from tongban.accounts.people.traces import ApiKey
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput, NotPermitted

log = logging.getLogger(__name__)

# A mark of use is worth no write on every request.
USE_NOTED_EVERY = timedelta(hours=1)


def issue_api_key(
    *,
    post: Post,
    label: str,
    until: date | None = None,
    addresses: Sequence[str] = (),
    only: Collection[str] = (),
    by: Actor,
    at: datetime,
) -> tuple[ApiKey, str]:
    """
    Issue a key that acts as `post`; return it and the token, which can never be shown again.

    It is good to the end of the day `until` (a year at most, and if none is named), from the networks `addresses` if any
    are named, and for the permissions `only` if any are. The token reads `tb_<prefix>_<secret>`, the secret being 256 random bits in hex.

    Raises:
        NotPermitted: `by` may not manage accounts there, or the post is closed.
        InvalidInput: nothing says what the key is for, or what bounds it cannot be.
    """
    ask_to_manage_organisation(by, post.organisation)
    if not post.is_active:
        raise NotPermitted(f"密钥未签发：岗位“{post.title}”已停用。请选择在用的岗位。")
    if not label.strip():
        raise InvalidInput("密钥未签发：请写明用途，便于日后核查。")
    secret = secrets.token_hex(32)
    with db.write():
        key = ApiKey.objects.create(
            prefix=new_pseudonym(),
            secret_hash=sealed.lookup(secret),
            post=post,
            label=label.strip(),
            expires_at=bounds_of_keys.end_of(until, at),
            addresses=bounds_of_keys.networks(addresses),
            scopes=bounds_of_keys.scopes(only, post),
            created_at=at,
            created_by=by.staff,
        )
        place = {"organisation": post.organisation.uscc, "post": post.code}
        telling.of_key("machine_key_made", key, by=by, at=at, **place)
    return key, f"tb_{key.prefix}_{secret}"


def revoke_api_key(*, key: ApiKey, by: Actor, at: datetime) -> ApiKey:
    """
    Revoke a key at once.

    Raises:
        NotPermitted: `by` may not manage accounts of the key's organisation.
        DomainError: it was revoked before.
    """
    ask_to_manage_organisation(by, key.post.organisation)
    with db.write():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at)
        if revoked:
            telling.of_key("machine_key_revoked", key, by=by, at=at)
    if not revoked:
        raise DomainError(f"密钥未吊销：{key.label} 此前已吊销。无需再次操作。")
    key.revoked_at = at
    return key


def warn_of_ends(at: datetime) -> int:
    """Say in the log, once a week, which keys end within a month; return how many."""
    ending = [
        key
        for key in ApiKey.objects.filter(revoked_at__isnull=True)
        if at < bounds_of_keys.ends_at(key) <= at + bounds_of_keys.WARNED_BEFORE
        and (key.warned_at is None or key.warned_at <= at - bounds_of_keys.WARNED_EVERY)
    ]
    for key in ending:
        log.warning("machine key %s ends at %s", key.prefix, bounds_of_keys.ends_at(key).isoformat())
        with db.write():
            ApiKey.objects.filter(pk=key.pk).update(warned_at=at)
    return len(ending)


def secret_fits(key: ApiKey, secret: str) -> bool:
    """Return whether `secret` is the key's, in constant time."""
    return hmac.compare_digest(key.secret_hash, sealed.lookup(secret))


def mark_used(*, key: ApiKey, at: datetime) -> None:
    """Note that the key is in use; at most one write an hour."""
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - USE_NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at < at - USE_NOTED_EVERY:
        with db.write():
            ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=at)
