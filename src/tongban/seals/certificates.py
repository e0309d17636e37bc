"""Certificates: made for the node's authority and its seals, and judged where they come from elsewhere. No table, no file."""

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

AUTHORITY_FOR: Final = timedelta(days=20 * 365)
SEAL_FOR: Final = timedelta(days=3 * 365)
LEAST_BITS: Final = 2048
CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})
WEAK: Final = frozenset({"md5", "sha1"})
COUNTRY: Final = "CN"
IDENTIFIER: Final = "NTRCN-"  # before the USCC, as ETSI EN 319 412-1 writes the number of a national register


def of_authority(key: rsa.RSAPrivateKey, name: str, at: datetime) -> x509.Certificate:
    """Return the certificate of a node's authority, signed by itself."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )
    usage = _usage(key_cert_sign=True, crl_sign=True)
    made = _builder(subject, subject, key.public_key(), at, at + AUTHORITY_FOR)
    return (
        made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def of_seal(
    public: rsa.RSAPublicKey, *, name: str, uscc: str, at: datetime, issuer: x509.Certificate, by: rsa.RSAPrivateKey
) -> x509.Certificate:  # fmt: skip
    """Return the certificate of a seal of the organisation `name`, signed by the authority; it ends with that at the latest."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, COUNTRY),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),  # X.520 allows no more
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"{IDENTIFIER}{uscc}"),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )
    until = min(at + SEAL_FOR, issuer.not_valid_after_utc)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    return (
        _builder(subject, issuer.subject, public, at, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(by, hashes.SHA256())
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 of the certificate, in hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def pem(certificate: x509.Certificate) -> str:
    """Return the certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def is_strong(certificate: x509.Certificate) -> bool:
    """Return whether readers trust signatures by its key: RSA of 2048 bits or a NIST curve, certified by SHA-2."""
    public, algorithm = certificate.public_key(), certificate.signature_hash_algorithm
    long_enough = (isinstance(public, rsa.RSAPublicKey) and public.key_size >= LEAST_BITS) or (
        isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in CURVES
    )
    return long_enough and algorithm is not None and algorithm.name not in WEAK


def signs_documents(certificate: x509.Certificate) -> bool:
    """Return whether its key may sign documents; one that says nothing about it may."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return usage.content_commitment or usage.digital_signature


def names(certificate: x509.Certificate) -> str:
    """Return all that the certificate says of its owner, as one text."""
    return " ".join(str(attribute.value) for attribute in certificate.subject)


def owner(certificate: x509.Certificate) -> str:
    """Return what the certificate calls its owner."""
    for wanted in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for attribute in certificate.subject.get_attributes_for_oid(wanted):
            return str(attribute.value)
    return ""


def _builder(
    subject: x509.Name, issuer: x509.Name, public: rsa.RSAPublicKey, at: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(**allowed: bool) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in every})
