"""The node's own authority (印章签发机构): one key that certifies the seals this node makes, so that readers trust one root."""

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from tongban.accounts import queries as accounts
from tongban.kernel import db
from tongban.kernel.crypto import sm
from tongban.seals import certificates, keys
from tongban.seals.models import SealAuthority
from tongban.seals.refusals import SealAuthorityKeyLost


def ready(at: datetime) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """
    Return certificate and key of the authority; the first time, and after its end, a new one is made.

    Raises:
        SealAuthorityKeyLost: there is one, but not its key.
    """
    row = SealAuthority.objects.filter(is_current=True, valid_to__gt=at).first()
    if row is None:
        return renew(at)
    try:
        key = keys.private(row.fingerprint)
    except (OSError, sm.KeyUnreadable):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SealAuthorityKeyLost(
            f"未制作印章：印章签发密钥 {keys.name_of(row.fingerprint)} 不在密钥目录中，或无法用现在的口令打开。"
            "请由系统管理员从另行保管的密钥目录中取回；确已丢失的，用 tongban office seal root --renew 另立。"
        )
    return x509.load_pem_x509_certificate(row.certificate.encode()), key


def renew(at: datetime) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """
    Make a new authority and return its certificate and key.

    What the one before certified stays good by that one's root; its key is destroyed, as nothing more is certified by it.
    """
    key = keys.generate()
    name = f"{accounts.full_name(settings.NODE.division)}通办节点 {settings.NODE.name} 印章签发"
    certificate = certificates.of_authority(key, name, at)
    fingerprint = certificates.fingerprint(certificate)
    keys.keep(fingerprint, key)
    with db.write():
        before = SealAuthority.objects.filter(is_current=True)
        ended = list(before.values_list("fingerprint", flat=True))
        before.update(is_current=False)
        SealAuthority.objects.create(
            fingerprint=fingerprint, certificate=certificates.pem(certificate), made_at=at,
            valid_to=certificate.not_valid_after_utc,
        )  # fmt: skip
    for one in ended:
        keys.destroy(one)
    return certificate, key
