"""The agreement (通办协议) as a paper that matters rest on: how one that came in a dossier is checked. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from tongban.agreements import documents
from tongban.kernel.crypto.keychain import KeyChain
from tongban.kernel.errors import DomainError
from tongban.procedures.paper_kinds import PaperKind


def _problem(name: str, document: Mapping[str, Any], chains: Mapping[str, KeyChain]) -> str:
    try:
        if documents.digest_of(document) != name:
            return "内容与摘要不符。"
        documents.check(document, chains)
    except DomainError as error:
        return str(error)
    return ""


KIND: Final = PaperKind("agreement", "通办协议", documents.FORMAT, _problem)
