"""Which machines may say for whom they speak: the reverse proxies of a node, and the caller behind them."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network
type Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ProxyConfigError(ValueError):
    """What is listed as a proxy is neither an address nor a network."""


def read(raw: Any) -> tuple[Network, ...]:
    """
    Return the networks that `[proxy] trusted` lists.

    Raises:
        ProxyConfigError: an entry is neither an address nor a network, or is everybody.
    """
    if not isinstance(raw, list):
        raise ProxyConfigError('proxy.trusted 应为列表，例如 ["127.0.0.1"]')
    found = []
    for entry in raw:
        try:
            network = ipaddress.ip_network(str(entry))
        except ValueError:
            raise ProxyConfigError(f"proxy.trusted 中的“{entry}”不是地址或网段") from None
        if not network.prefixlen:
            raise ProxyConfigError("proxy.trusted 不能是所有地址：那样谁都可以冒充别人的地址")
        found.append(network)
    return tuple(found)


def is_one(address: str, trusted: Iterable[Network]) -> bool:
    """Return whether an address is that of a trusted proxy."""
    parsed = parse(address)
    return parsed is not None and any(parsed in network for network in trusted)


def caller(remote: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """
    Return from where a request comes, by the address it arrives from and its `X-Forwarded-For`.

    The last entry that is not a trusted proxy counts: what stands before it, its writer may have made up. An entry that is
    no address counts as little as what stands before it.
    """
    address = remote
    for entry in reversed(forwarded.split(",")):
        if not is_one(address, trusted):
            return address
        parsed = parse(entry)
        if parsed is None:
            return address
        address = str(parsed)
    return address


def counted(address: str) -> str:
    """Return as whom to count an address: of IPv6 a household has 2^64, so they count as one."""
    parsed = parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed) if parsed else address[:64]


def parse(text: str) -> Address | None:
    """Return an address, of IPv4 in IPv6 the former; None where there is none."""
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
