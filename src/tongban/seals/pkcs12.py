"""What a certificate authority outside hands over: a PKCS#12 file (.pfx, .p12), opened and judged."""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import pkcs12 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tongban.seals import certificates
from tongban.seals.keys import PrivateKey
from tongban.seals.refusals import (
    SealCertificateExpired,
    SealFileUnreadable,
    SealIncomplete,
    SealKeyWeak,
    SealNotForSigning,
    SealPassphraseWrong,
)

TURN_TO = "请向发证机构索取新的印章文件后再导入。"


@dataclass(frozen=True, slots=True)
class Opened:
    """What a usable file holds."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


def open_(data: bytes, passphrase: str, at: datetime) -> Opened:
    """
    Return what is in the file.

    Raises:
        SealFileUnreadable: it is no PKCS#12 file.
        SealPassphraseWrong: it does not open with the passphrase.
        SealIncomplete: key or certificate are missing, or don't belong together.
        SealKeyWeak: not RSA from 2048 bits on nor a NIST curve, or certified by MD5 or SHA-1.
        SealNotForSigning: the certificate is for something else.
        SealCertificateExpired: the certificate is not in force at `at`.
    """
    try:
        asn1.Pfx.load(data, strict=True)["version"].native  # noqa: B018  # parses
    except ValueError:
        raise SealFileUnreadable(
            f"印章未导入：文件不是 PKCS#12（.pfx、.p12）文件，或已损坏。{TURN_TO}"
        ) from None
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(data, passphrase.encode())
    except ValueError:
        raise SealPassphraseWrong(
            "印章未导入：口令不对，文件没有打开。请核对发证机构交付的口令后重试。"
        ) from None
    if key is None or certificate is None or key.public_key() != certificate.public_key():
        raise SealIncomplete(f"印章未导入：文件中缺少私钥，或缺少与私钥对应的证书。{TURN_TO}")
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or not certificates.is_strong(
        certificate
    ):
        raise SealKeyWeak(
            f"印章未导入：密钥或证书的强度不够。须为 2048 位以上的 RSA 或 P-256 以上的 EC 密钥，证书不得用 SHA-1。{TURN_TO}"
        )
    if not certificates.signs_documents(certificate):
        raise SealNotForSigning(f"印章未导入：证书的用途不是签名。{TURN_TO}")
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise SealCertificateExpired(
            f"印章未导入：证书有效期为 {certificate.not_valid_before_utc:%Y-%m-%d} 至 "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}，现在不在有效期内。{TURN_TO}"
        )
    return Opened(key, certificate, tuple(chain))
