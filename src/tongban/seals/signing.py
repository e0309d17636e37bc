"""
Signing PDFs with the seal of an organisation, and checking what a PDF is signed with: PAdES baseline B-B, in process, without a network.

The picture of the seal stands in the page already; the field of the signature lies over it and draws nothing.
"""

import asyncio
import io
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field, enumerate_sig_fields
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from tongban.kernel.crypto import sm
from tongban.seals import keys, queries
from tongban.seals.checking import Finding, check
from tongban.seals.models import Seal
from tongban.seals.refusals import SealKeyLost

__all__ = ["Finding", "check", "sign"]

DIGEST: Final = "sha256"


def sign(
    pdf: bytes, organisation: str, kind: str, *, at: datetime, reason: str, page: int,
    box: tuple[float, float, float, float],
) -> bytes:  # fmt: skip
    """
    Return the PDF with a signature by the seal of an organisation, appended, so that what was before is unchanged.

    Args:
        pdf: the document; a PDF/A-2b stays one.
        organisation: USCC of one of this node's organisations.
        kind: `official` or `special`, as `Seal.Kind`.
        at: the moment of signing, as the signature states it.
        reason: why it was signed, as readers show it; never anything about a person.
        page: on which page the seal stands, from 0; -1 is the last.
        box: where, in points from the lower left corner of the page: x1, y1, x2, y2.

    Raises:
        SealMissing, SealRevoked, SealExpired: as `queries.usable`.
        SealKeyLost: the key file is gone, or can't be opened.
    """
    seal = queries.usable(organisation, kind, at)
    signer = _SealSigner(seal, _key(seal))
    writer = _Unlabelled(io.BytesIO(pdf))
    number = sum(1 for _ in enumerate_sig_fields(writer)) + 1
    # Made beforehand, the field gets an appearance, an empty one: PDF/A demands that there be one.
    field = SigFieldSpec(sig_field_name=f"Seal{number}", on_page=page, box=box)  # type: ignore[arg-type]
    append_signature_field(writer, field)
    steps = PdfCMSEmbedder().write_cms(field.sig_field_name, writer, existing_fields_only=True)
    next(steps)
    placeholder = SignatureObject(
        timestamp=at.astimezone(UTC),
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        bytes_reserved=signer.room,
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    digest, output = steps.send(SigIOSetup(md_algorithm=DIGEST))
    signature = asyncio.run(signer.async_sign(digest.document_digest, DIGEST, use_pades=True))
    steps.send(signature)
    return bytes(output.getvalue())


class _Unlabelled(IncrementalPdfFileWriter):
    """Leaves title, producer and dates of the document as they are: PDF/A asks that they agree wherever they stand."""

    def _update_meta(self) -> None:
        """Change nothing."""


class _SealSigner(Signer):
    """Signs with a key that is parsed already: pyHanko's own would parse it anew, and RSA is slow to parse."""

    def __init__(self, seal: Seal, key: keys.PrivateKey) -> None:
        certificate, *chain = load_certs_from_pemder_data((seal.certificate + seal.chain).encode())
        super().__init__(signing_cert=certificate)
        self.cert_registry.register_multiple(chain)
        self._key = key
        # In hexadecimal digits; what is said besides certificates and signature is some hundred bytes.
        self.room = 2 * (sum(len(one.dump()) for one in (certificate, *chain)) + 2048)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Return the signature over `data`."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))


def _key(seal: Seal) -> keys.PrivateKey:
    try:
        return keys.private(seal.fingerprint)
    except (OSError, sm.KeyUnreadable):
        raise SealKeyLost(
            f"文书未盖章：{seal.organisation.name} 的{seal.get_kind_display()}的密钥文件不在，或无法用现在的口令打开。"
            "请联系本节点的系统管理员：从另行保管的密钥目录中取回，或更换印章。"
        ) from None
