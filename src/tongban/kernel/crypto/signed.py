"""
Signed documents: statements of heads, seals, messages, guides, agreements, dossiers.

A document carries its "format" and a list "signatures" of {"key", "value"}; each is over everything else with the key's
number and algorithm, tagged with the format. A second algorithm can stand in the list beside SM2 (docs/protocol.md §2).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.kernel import limits
from tongban.kernel.crypto import canon, digest, sm
from tongban.kernel.crypto.keychain import SUITE, KeyChain, signature_bytes

MEMBER = "signatures"


class BadSignature(ValueError):
    """The document is not what the owner of the key chain signed."""


class UnknownSuite(BadSignature):
    """Every signature is by an algorithm that this program does not know."""


def sign(document: Mapping[str, Any], key: sm.Key, number: int) -> dict[str, Any]:
    """
    Return `document` signed by one key, in place of what signatures it had.

    Raises:
        CanonError: the document has no "format", or no canonical form.
    """
    unsigned = without_signatures(document)
    value = f"{SUITE}:{key.sign(_message(unsigned, number)).hex()}"
    return {**unsigned, MEMBER: [{"key": number, "value": value}]}


def without_signatures(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is signed of a document."""
    return {name: value for name, value in document.items() if name != MEMBER}


def key_numbers(document: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the keys by which a checked document is signed with an algorithm of ours."""
    return [entry["key"] for entry in document[MEMBER] if entry["value"].startswith(f"{SUITE}:")]


def check(document: Mapping[str, Any], chain: KeyChain, at: datetime | None = None) -> None:
    """
    Return quietly if the document was signed by keys of `chain`.

    With `at`, the moment for which the signature must count (when it reached us, say), a key
    that was revoked by then is refused; without it the caller judges revocation.

    Raises:
        UnknownSuite: no signature is by an algorithm of ours.
        BadSignature: unknown or revoked key, a wrong signature, or not a signed document at all.
    """
    known = _known(document.get(MEMBER))
    unsigned = without_signatures(document)
    for number, value in known:
        try:
            right = sm.verify(chain.sign_key(number), _message(unsigned, number), signature_bytes(value))
        except KeyError:
            raise BadSignature(f"签名所用的第 {number} 号密钥不在对方的密钥链中。") from None
        except ValueError:
            right = False
        if not right:
            raise BadSignature("签名与文件内容不符，文件可能被改动。")
        _demand_in_force(number, chain, at)


def check_again(document: Mapping[str, Any], chain: KeyChain, at: datetime | None = None) -> None:
    """Return quietly if a document that `check` has taken still counts: as `check`, but for the signature, which holds for ever."""
    for number in key_numbers(document):
        _demand_in_force(number, chain, at)


def _demand_in_force(number: int, chain: KeyChain, at: datetime | None) -> None:
    if at is not None and chain.is_revoked(number, at):
        raise BadSignature(f"签名所用的第 {number} 号密钥当时已吊销。")


def _known(entries: object) -> list[tuple[int, str]]:
    """Return the signatures by algorithms of ours; others are set aside."""
    if not isinstance(entries, list) or not 1 <= len(entries) <= limits.SIGNATURES:
        raise BadSignature("文件没有签名，或签名格式不符。")
    known: list[tuple[int, str]] = []
    places = set()
    for entry in entries:
        if not isinstance(entry, dict) or entry.keys() != {"key", "value"}:
            raise BadSignature("文件没有签名，或签名格式不符。")
        number, value = entry["key"], entry["value"]
        if type(number) is not int or not isinstance(value, str) or ":" not in value:
            raise BadSignature("文件没有签名，或签名格式不符。")
        suite = value.partition(":")[0]
        if (number, suite) in places:
            raise BadSignature("同一密钥的签名重复。")
        places.add((number, suite))
        if suite == SUITE:
            known.append((number, value))
    if not known:
        raise UnknownSuite("签名都使用本程序不认识的算法，不能查验。请升级本程序，或请对方同时用 SM2 签名。")
    return known


def _message(unsigned: Mapping[str, Any], number: int) -> bytes:
    if "signing" in unsigned:
        # Else a document and the same with this member would share a signature.
        raise canon.CanonError("a signed document has no member of the name signing")
    signing = {"key": number, "suite": SUITE}
    return digest.tagged_bytes(str(unsigned.get("format", "")), {**unsigned, "signing": signing})
