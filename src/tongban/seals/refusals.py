"""What is refused about seals: each with its code, and a sentence that says whom to turn to."""

from tongban.kernel.errors import DomainError, InvalidInput

MANAGE = "seals.manage"  # the permission to make and to end seals


class SealUnusable(DomainError):
    """Nothing can be sealed: `organisation` has no seal of this kind that could be used now."""

    code = "seal_unusable"
    status = 503


class SealMissing(SealUnusable):
    """The organisation has no such seal in use, and none of it was revoked."""

    code = "no_seal_in_use"


class SealExpired(SealUnusable):
    """The certificate of the seal is not in force."""

    code = "seal_expired"


class SealRevoked(SealUnusable):
    """The last seal was revoked, and there is no new one."""

    code = "seal_revoked"


class SealKeyLost(SealUnusable):
    """The file of the key is gone, damaged, or under another passphrase."""

    code = "seal_key_lost"


class SealAuthorityKeyLost(SealUnusable):
    """The key of the node's own authority can't be used, so no seal can be certified."""

    code = "seal_authority_key_lost"


class SealAlreadyInUse(DomainError):
    """There is one in use; it is replaced or revoked, never put aside by another."""

    code = "seal_already_in_use"


class SealElsewhere(DomainError):
    """The organisation works on another node, or is closed: its seal is not made here."""

    code = "seal_elsewhere"


class SealWordWrong(InvalidInput):
    """The words of a special seal are missing or too long, or an official seal was given some."""

    code = "seal_word_wrong"


class SealReasonMissing(InvalidInput):
    """Ending a seal needs a reason."""

    code = "seal_reason_missing"


class SealEndNotPast(InvalidInput):
    """A seal can't be revoked from a moment that is yet to come, before it was made, or after it was replaced."""

    code = "seal_end_wrong"


class SealFileUnreadable(InvalidInput):
    """What was given is no PKCS#12 file."""

    code = "seal_file_unreadable"


class SealPassphraseWrong(InvalidInput):
    """The PKCS#12 file does not open with this passphrase."""

    code = "seal_passphrase_wrong"


class SealIncomplete(InvalidInput):
    """The PKCS#12 file lacks the private key, or the certificate that belongs to it."""

    code = "seal_incomplete"


class SealKeyWeak(InvalidInput):
    """Readers would not trust a signature by a key or certificate of this strength."""

    code = "seal_key_weak"


class SealNotForSigning(InvalidInput):
    """The certificate says that its key signs no documents."""

    code = "seal_not_for_signing"


class SealCertificateExpired(InvalidInput):
    """The certificate in the PKCS#12 file is not in force."""

    code = "seal_certificate_expired"


class PdfUnreadable(InvalidInput):
    """What should be checked is no PDF."""

    code = "pdf_unreadable"
