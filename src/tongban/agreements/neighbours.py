"""With whom an agreement can be made: whoever knows the neighbours says so here, for this app lies below."""

from collections.abc import Callable, Iterable, Mapping

from tongban.agreements import queries
from tongban.kernel.errors import NotFound

type Party = Mapping[str, str]  # node, organisation, division, name
type Find = Callable[[], Iterable[Party]]

_FIND: list[Find] = []


def enter(find: Find) -> None:
    """Say who the neighbours are."""
    _FIND[:] = [find]


def parties() -> list[Party]:
    """Return the neighbours as parties of an agreement, and this node itself last (本级协议)."""
    return [*(party for find in _FIND for party in find()), queries.own_party()]


def party(node: str) -> Party:
    """Return one of them by its fingerprint; raises NotFound."""
    found = next((one for one in parties() if one["node"] == node), None)
    if found is None:
        raise NotFound("没有与这个县联通，协议未拟定。请系统管理员先添加对方县的节点并核对指纹。")
    return found
