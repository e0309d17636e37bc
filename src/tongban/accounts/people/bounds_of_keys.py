"""What a machine's key is good for: until when, from where, for what."""

import ipaddress
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from tongban.accounts.people.models import Post
from tongban.accounts.people.traces import ApiKey
from tongban.kernel.errors import InvalidInput
from tongban.kernel.time import clock

LONGEST: Final = timedelta(days=365)
WARNED_BEFORE: Final = timedelta(days=30)
WARNED_EVERY: Final = timedelta(days=7)


def end_of(until: date | None, at: datetime) -> datetime:
    """
    Return the moment after the last day of a key, a year from now if none is named.

    Raises:
        InvalidInput: the day has passed, or is more than a year away.
    """
    today = clock.official_day(at)
    last = until or today + LONGEST
    if not today <= last <= today + LONGEST:
        raise InvalidInput(
            f"密钥未签发：有效期须在今天至 {today + LONGEST:%Y-%m-%d} 之间（最长一年）。请改正后重试。"
        )
    return datetime.combine(last + timedelta(days=1), time(), clock.OFFICIAL)


def networks(typed: Iterable[str]) -> list[str]:
    """
    Return networks in their one form.

    Raises:
        InvalidInput: one is none, or an IPv6 network smaller than the /64 by which callers are told apart.
    """
    found = []
    for text in typed:
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise InvalidInput(f"密钥未签发：“{text}”不是地址或网段。请写 10.1.2.0/24 这样的网段。") from None
        if network.version == 6 and network.prefixlen > 64:
            raise InvalidInput(
                f"密钥未签发：IPv6 网段“{text}”过小，只能按 /64 或更大的网段限定。请改正后重试。"
            )
        found.append(str(network))
    return sorted(set(found))


def scopes(wanted: Iterable[str], post: Post) -> list[str]:
    """
    Return the permissions that a key is kept to, none where it has all of its post's.

    Raises:
        InvalidInput: the post does not have one of them.
    """
    strange = set(wanted) - post.powers()
    if strange:
        names = "、".join(sorted(strange))
        raise InvalidInput(f"密钥未签发：岗位“{post.title}”没有权限 {names}。请从该岗位的权限中选择。")
    return sorted(set(wanted))


def ends_at(key: ApiKey) -> datetime:
    """Return when a key ends; one of the first version, which named no end, a year after it was issued."""
    return key.expires_at or key.created_at + LONGEST


def allows(key: ApiKey, address: str) -> bool:
    """Return whether a key may be used from an address, or from the network that stands for it."""
    if not key.addresses:
        return True
    try:
        caller = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return False
    allowed = [ipaddress.ip_network(one) for one in key.addresses]
    return any(
        (
            isinstance(one, ipaddress.IPv4Network)
            and isinstance(caller, ipaddress.IPv4Network)
            and caller.subnet_of(one)
        )
        or (
            isinstance(one, ipaddress.IPv6Network)
            and isinstance(caller, ipaddress.IPv6Network)
            and caller.supernet(new_prefix=min(64, caller.prefixlen)).subnet_of(one)
        )
        for one in allowed
    )
