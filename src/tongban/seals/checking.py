"""What a PDF is signed with: by which seal, whether unchanged. No network, no list of roots: a seal is known here or not."""

import asyncio
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import UnacceptableSignerError
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from tongban.seals import certificates
from tongban.seals.models import Seal
from tongban.seals.refusals import PdfUnreadable

# What reading a file of unknown making may end in.
_UNREADABLE: Final = (
    PdfError, SignatureValidationError, UnacceptableSignerError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    OverflowError, RecursionError, NotImplementedError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One signature of a PDF, and what is known here of the seal behind it."""

    intact: bool  # the signature is true, and nothing but further signatures came after it
    signer: str = ""  # as the certificate calls its owner; anybody can write anything there
    fingerprint: str = ""  # SHA-256 of the certificate
    signed_at: datetime | None = None  # as the signature says
    known: bool = False  # by a seal of this node
    organisation: str = ""  # USCC, of known seals alone
    kind: str = ""
    state: str = ""  # of `Seal.State`, today
    ended_at: datetime | None = None
    was_in_force: bool = False  # of known seals: neither ended nor out of date at `signed_at`

    @property
    def is_good(self) -> bool:
        """Whether the document is as a seal of this node left it, while that seal counted."""
        return self.intact and self.known and self.was_in_force


def check(pdf: bytes) -> tuple[Finding, ...]:
    """
    Return what was found of each signature, the first first; nothing for a PDF that is not signed.

    Raises:
        PdfUnreadable: it is no PDF, or a broken one.
    """
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    except _UNREADABLE:
        raise PdfUnreadable("没有查验：文件不是 PDF，或已损坏。请换用原来的文件。") from None
    return tuple(_finding(one) for one in signatures)


def _finding(signature: EmbeddedPdfSignature) -> Finding:
    try:
        certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
        signed_at = signature.self_reported_timestamp
        intact = _is_intact(signature)
    except _UNREADABLE:
        return Finding(intact=False)
    fingerprint = certificates.fingerprint(certificate)
    seal = Seal.objects.filter(fingerprint=fingerprint).select_related("organisation").first()
    said: dict[str, Any] = {
        "intact": intact, "signer": certificates.owner(certificate), "fingerprint": fingerprint, "signed_at": signed_at,
    }  # fmt: skip
    if seal is None:
        return Finding(**said)
    counted = signed_at is not None and seal.is_valid(signed_at)
    ended = seal.ended_at is not None and (signed_at is None or signed_at >= seal.ended_at)
    return Finding(
        **said, known=True, organisation=seal.organisation.uscc, kind=seal.kind, state=seal.state, ended_at=seal.ended_at,
        was_in_force=counted and not ended,
    )  # fmt: skip


def _is_intact(signature: EmbeddedPdfSignature) -> bool:
    # Whom to trust is not asked here but of the table, so whoever signed is taken at their word.
    anybody = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    status = asyncio.run(
        async_validate_pdf_signature(
            signature,
            signer_validation_context=anybody,
            key_usage_settings=KeyUsageConstraints(key_usage=None),
        )
    )
    level = status.modification_level
    unchanged = level is not None and level.value <= ModificationLevel.FORM_FILLING.value
    return bool(status.intact and status.valid and unchanged)
