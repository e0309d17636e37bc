"""The guide (办事指南) as a paper that matters rest on: how one that came in a dossier is checked. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from tongban.kernel.crypto import digest, signed
from tongban.kernel.crypto.keychain import KeyChain
from tongban.procedures.paper_kinds import PaperKind

FORMAT: Final = "tongban-guide/2"


def _problem(name: str, guide: Mapping[str, Any], chains: Mapping[str, KeyChain]) -> str:
    if digest.tagged(FORMAT, signed.without_signatures(guide)) != name:
        return "内容与摘要不符。"
    chain = chains.get(guide["node"])
    if chain is None:
        return "发布它的节点在案卷中没有密钥链。"
    try:
        signed.check(guide, chain)
    except signed.BadSignature as error:
        return str(error)
    return ""


KIND: Final = PaperKind("guide", "办事指南", FORMAT, _problem)
