"""Machines sign in with every request: `Authorization: Bearer tb_<prefix>_<secret>`."""

import re
from datetime import datetime

from tongban.accounts import commands, queries
from tongban.accounts.access.actor import Actor
from tongban.accounts.models import ApiKey
from tongban.accounts.people import bounds_of_keys
from tongban.accounts.people.keys import secret_fits
from tongban.kernel.errors import DomainError, NotPermitted

_TOKEN = re.compile(r"tb_([0-9A-HJKMNP-TV-Z]{12})_([0-9a-f]{64})", re.ASCII)


class BadApiKey(DomainError):
    """The key is unknown, revoked, or belongs to a closed post."""

    code = "bad_api_key"
    status = 401


class ApiKeyExpired(BadApiKey):
    """The key was good until a day that has passed."""

    code = "api_key_expired"


class ApiKeyElsewhere(BadApiKey):
    """The key may not be used from this address."""

    code = "api_key_elsewhere"


class ApiKeyNotForPages(BadApiKey):
    """The key of a machine opens the API and the figures, and no page."""

    code = "api_key_not_for_pages"


class BeyondKey(NotPermitted):
    """The post may do this, and its key was issued for something else only."""

    code = "beyond_api_key"


def ask_for_machines(path: str) -> None:
    """
    Let a key pass on the addresses that are for machines.

    Raises:
        ApiKeyNotForPages: this is none of them.
    """
    if not path.startswith("/api/") and path != "/metrics":
        raise ApiKeyNotForPages(
            "请求未受理：接口密钥只能用于接口（/api/）和 /metrics，不能打开网页。请用账号登录。"
        )


def actor_for_token(token: str, *, address: str = "", at: datetime) -> Actor:
    """
    Return the actor for a token as `issue_api_key` gave it out.

    Raises:
        BadApiKey: see there. Guessing 256 bits needs no throttle.
        ApiKeyExpired, ApiKeyElsewhere: it is out of its bounds.
    """
    form = _TOKEN.fullmatch(token)
    key = form and (
        ApiKey.objects.filter(
            prefix=form[1],
            revoked_at__isnull=True,
            post__is_active=True,
            post__organisation__is_active=True,
            post__organisation__node="",
        )
        .select_related("post__organisation")
        .first()
    )
    if not form or not key or not secret_fits(key, form[2]):
        raise BadApiKey("请求未受理：接口密钥无效或已吊销。请向账号管理员申请新的密钥。")
    if at >= bounds_of_keys.ends_at(key):
        raise ApiKeyExpired("请求未受理：接口密钥已过有效期。请向账号管理员申请新的密钥。")
    if not bounds_of_keys.allows(key, address):
        raise ApiKeyElsewhere(
            "请求未受理：接口密钥不能从这个网络地址使用。请从登记的地址调用，或申请更改网段。"
        )
    commands.mark_used(key=key, at=at)
    return queries.actor_for_key(post=key.post, prefix=key.prefix, only=key.scopes)
