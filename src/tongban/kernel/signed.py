"""
Documents with one signature: statements of heads, seals, agreements, guides.

A document carries its "format"; signing adds "key" (the number of the signer's key in its chain) and
"signature" (DER in hexadecimal) over everything else, tagged with the format.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.kernel import digest, sm
from tongban.kernel.keychain import KeyChain


class BadSignature(ValueError):
    """The document is not what the owner of the key chain signed."""


def sign(document: Mapping[str, Any], key: sm.Key, number: int) -> dict[str, Any]:
    """
    Return `document` with "key" and "signature" added.

    Raises:
        CanonError: the document has no "format", or no canonical form.
    """
    unsigned = {**document, "key": number}
    unsigned.pop("signature", None)
    return {**unsigned, "signature": key.sign(_message(unsigned)).hex()}


def check(document: Mapping[str, Any], chain: KeyChain, at: datetime | None = None) -> None:
    """
    Return quietly if the document was signed by a key of `chain`.

    With `at`, the moment for which the signature must count (when it was first witnessed, say), a key
    that was revoked by then is refused; without it the caller judges revocation.

    Raises:
        BadSignature: unknown or revoked key, a wrong signature, or not a signed document at all.
    """
    number, signature = document.get("key"), document.get("signature")
    if type(number) is not int or not isinstance(signature, str):
        raise BadSignature("文件没有签名，或签名格式不符。")
    try:
        public = chain.sign_key(number)
        message = _message({name: value for name, value in document.items() if name != "signature"})
        der = bytes.fromhex(signature)
        right = der.hex() == signature and sm.verify(public, message, der)  # one spelling only
    except KeyError:
        raise BadSignature(f"签名所用的第 {number} 号密钥不在对方的密钥链中。") from None
    except ValueError:
        right = False
    if not right:
        raise BadSignature("签名与文件内容不符，文件可能被改动。")
    if at is not None and chain.is_revoked(number, at):
        raise BadSignature(f"签名所用的第 {number} 号密钥当时已吊销。")


def _message(unsigned: Mapping[str, Any]) -> bytes:
    return digest.tagged_bytes(str(unsigned.get("format", "")), dict(unsigned))
