"""Machines sign in with every request: `Authorization: Bearer tb_<prefix>_<secret>`."""

import re
from datetime import datetime

from tongban.accounts import commands, queries
from tongban.accounts.access.actor import Actor
from tongban.accounts.models import ApiKey
from tongban.accounts.people.keys import secret_fits
from tongban.kernel.errors import DomainError

_TOKEN = re.compile(r"tb_([0-9A-HJKMNP-TV-Z]{12})_([0-9a-f]{64})", re.ASCII)


class BadApiKey(DomainError):
    """The key is unknown, revoked, or belongs to a closed post."""

    code = "bad_api_key"
    status = 401


def actor_for_token(token: str, *, at: datetime) -> Actor:
    """
    Return the actor for a token as `issue_api_key` gave it out.

    Raises:
        BadApiKey: see there. Guessing 256 bits needs no throttle.
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
    commands.mark_used(key=key, at=at)
    return queries.actor_for_key(post=key.post, prefix=key.prefix)
