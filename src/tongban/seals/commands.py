"""Everything that changes seals: made, imported, replaced, revoked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from django.db import IntegrityError

from tongban.accounts import queries as accounts
from tongban.accounts.access.actor import Actor, ActorKind
from tongban.accounts.access.authority import reaches
from tongban.accounts.models import Organisation
from tongban.kernel import db
from tongban.kernel.errors import InvalidInput, NotPermitted
from tongban.seals import authority, certificates, keys, pkcs12
from tongban.seals.drawing import DEMO
from tongban.seals.models import Seal, SealAuthority
from tongban.seals.refusals import (
    MANAGE,
    SealAlreadyInUse,
    SealElsewhere,
    SealEndNotPast,
    SealMissing,
    SealReasonMissing,
    SealWordWrong,
)

LONGEST_WORD: Final = 12


@dataclass(frozen=True, slots=True)
class Made:
    """A seal that is in use from now on, and what somebody should look at."""

    seal: Seal
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Pkcs12:
    """A file of a certificate authority outside, with its passphrase."""

    data: bytes
    passphrase: str


def make(*, organisation: str, kind: str, by: Actor, at: datetime, word: str = "") -> Made:
    """
    Make a seal for one of this node's organisations (USCC), with a key of its own, certified by the node's authority.

    `word` is what a special seal is for, e.g. 行政审批专用章; an official seal has none.

    Raises:
        NotPermitted: `by` may not manage seals there. NotFound: no such organisation.
        InvalidInput: there is no such kind. SealElsewhere: the organisation works on another node, or is closed.
        SealWordWrong: the word is missing, too long, or not asked for.
        SealAlreadyInUse: there is one of this kind. SealAuthorityKeyLost: the authority can certify nothing.
    """
    return _begin(organisation, kind, word, None, by, at)


def import_pkcs12(
    *, organisation: str, kind: str, data: bytes, passphrase: str, by: Actor, at: datetime, word: str = ""
) -> Made:
    """
    Take over a seal that a certificate authority has issued; a certificate that does not name the organisation is a warning.

    Raises:
        As `make`, and as `pkcs12.open_` where the file can't be used.
    """
    return _begin(organisation, kind, word, Pkcs12(data, passphrase), by, at)


def replace(
    *, organisation: str, kind: str, by: Actor, at: datetime, reason: str, new: Pkcs12 | None = None, word: str = ""
) -> Made:  # fmt: skip
    """
    Let a new seal take the place of the one in use: a self-made one, or `new`; `word` is that of the old unless given.

    The old key is destroyed; the old certificate stays, and what was sealed by it stays good.

    Raises:
        SealMissing: there is none in use. SealReasonMissing: no reason was given. Otherwise as `import_pkcs12`.
    """
    old = _in_use(organisation, kind, by)
    reason = _reason(reason)
    return _begin(organisation, kind, word or old.word, new, by, at, old=old, reason=reason)


def revoke(
    *, organisation: str, kind: str, by: Actor, at: datetime, reason: str, since: datetime | None = None,
    fingerprint: str = "",
) -> Seal:  # fmt: skip
    """
    End the seal in use without a new one: what claims to be sealed by it from `since` on (now unless given) is not good.

    With the `fingerprint` of one that was replaced, that one is revoked: somebody may have had its key before.

    Raises:
        NotPermitted, NotFound: as `make`. SealMissing: there is none in use, or none such that was replaced.
        SealReasonMissing: no reason was given. SealEndNotPast: `since` is before the seal was made, or after its end.
    """
    seal = _replaced(organisation, kind, fingerprint, by) if fingerprint else _in_use(organisation, kind, by)
    latest = seal.ended_at or at
    reason, since = _reason(reason), since or latest
    if not seal.made_at <= since <= latest:
        raise SealEndNotPast(
            "印章未吊销：吊销起始时间须在制作印章之后，不晚于现在，也不晚于更换之时。请改正时间后重试。"
        )
    with db.write():
        _end(seal, Seal.State.REVOKED, since, reason)
    keys.destroy(seal.fingerprint)
    return seal


def renew_authority(*, by: Actor, at: datetime) -> SealAuthority:
    """
    Let a new authority certify from now on, where the key of the one before is lost or may be known; seals stay as they are.

    Raises:
        NotPermitted: `by` may not manage seals.
    """
    _ask(by)
    authority.renew(at)
    return SealAuthority.objects.get(is_current=True)


def _begin(
    uscc: str, kind: str, word: str, file: Pkcs12 | None, by: Actor, at: datetime,
    *, old: Seal | None = None, reason: str = "",
) -> Made:  # fmt: skip
    organisation = _ours(uscc, by)
    # Of an organisation that was closed a seal is still revoked, and no more.
    if not (organisation.is_here and organisation.is_active):
        raise SealElsewhere(
            f"印章未变更：{organisation.name} 不在本节点办理，或已停用。请在该机构所在的节点上办理。"
        )
    word = _word(kind, word)
    if old is None and Seal.objects.of(uscc, kind).filter(state=Seal.State.IN_USE).exists():
        raise _already(organisation, kind)
    made = _self_made(organisation, at) if file is None else pkcs12.open_(file.data, file.passphrase, at)
    seal = Seal(
        organisation=organisation, kind=kind, word=word, certificate=certificates.pem(made.certificate),
        chain="".join(map(certificates.pem, made.chain)), fingerprint=certificates.fingerprint(made.certificate),
        valid_from=made.certificate.not_valid_before_utc, valid_to=made.certificate.not_valid_after_utc, made_at=at,
    )  # fmt: skip
    _ask_new(seal.fingerprint)
    # The key first: a row never lacks its file.
    keys.keep(seal.fingerprint, made.key)
    try:
        with db.write():
            if old is not None:
                _end(old, Seal.State.REPLACED, at, reason)
            seal.save(force_insert=True)
    except BaseException as error:
        keys.destroy(seal.fingerprint)
        if isinstance(error, IntegrityError):  # somebody else was faster
            raise _already(organisation, kind) from None
        raise
    if old is not None:
        keys.destroy(old.fingerprint)
    return Made(seal, "" if file is None else _unnamed(organisation, made.certificate))


def _self_made(organisation: Organisation, at: datetime) -> pkcs12.Opened:
    issuer, by = authority.ready(at)
    key = keys.generate()
    certificate = certificates.of_seal(
        key.public_key(), name=organisation.name, uscc=organisation.uscc, at=at, issuer=issuer, by=by
    )
    return pkcs12.Opened(key, certificate, (issuer,))


def _ask_new(fingerprint: str) -> None:
    if Seal.objects.filter(fingerprint=fingerprint).exists():
        raise SealAlreadyInUse(
            "印章未导入：这份证书已用于本节点的一枚印章，一份证书只能用一次。请用 tongban office seal list 查看。"
        )


def _end(seal: Seal, state: Seal.State, since: datetime, reason: str) -> None:
    before = seal.state
    seal.state, seal.ended_at, seal.reason = state, since, reason
    still = Seal.objects.filter(pk=seal.pk, state=before)
    if not still.update(state=state, ended_at=since, reason=reason):
        raise SealMissing("印章未变更：该印章刚被他人更换或吊销。请用 tongban office seal list 查看。")


def _ask(by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM and not by.may(MANAGE):
        raise NotPermitted("印章未变更：您的岗位没有印章管理权限。请联系本节点的系统管理员。")


def _ours(uscc: str, by: Actor) -> Organisation:
    _ask(by)
    organisation = accounts.organisation(uscc)
    supervised = by.supervises != "" and reaches(by.supervises, organisation.division_code)
    if by.kind is not ActorKind.SYSTEM and by.organisation != uscc and not supervised:
        raise NotPermitted("印章未变更：该机构不在您的管理范围内。请联系其所在区划的系统管理员。")
    return organisation


def _in_use(uscc: str, kind: str, by: Actor) -> Seal:
    organisation = _ours(uscc, by)
    seal = Seal.objects.of(uscc, kind).filter(state=Seal.State.IN_USE).first()
    if seal is None:
        raise SealMissing(
            f"印章未变更：{organisation.name} 没有在用的{_title(kind)}。请先用 tongban office seal make 制作，或用 import 导入。"
        )
    return seal


def _replaced(uscc: str, kind: str, fingerprint: str, by: Actor) -> Seal:
    organisation = _ours(uscc, by)
    ended = Seal.objects.of(uscc, kind).filter(state=Seal.State.REPLACED)
    seal = ended.filter(fingerprint=fingerprint.lower()).first()
    if seal is None:
        raise SealMissing(
            f"印章未变更：{organisation.name} 没有证书指纹为 {fingerprint[:16]} 的已更换{_title(kind)}。"
            "请用 tongban office seal list 查看。"
        )
    return seal


def _word(kind: str, word: str) -> str:
    """Return the words of a seal as it carries them; raises SealWordWrong."""
    word = "".join(word.split())
    if kind == Seal.Kind.OFFICIAL and word:
        raise SealWordWrong("印章未制作：公章没有专用章文字。请去掉文字，或改为专用章。")
    if _title(kind) and kind == Seal.Kind.SPECIAL and not 0 < len(word) <= LONGEST_WORD:
        raise SealWordWrong(
            f"印章未制作：专用章须写明文字，如“行政审批专用章”，至多 {LONGEST_WORD} 个字。请改正后重试。"
        )
    return word


def _reason(reason: str) -> str:
    reason = reason.strip()[:200]
    if not reason:
        raise SealReasonMissing("印章未变更：没有写明原因。请写明更换或吊销的原因后重试。")
    return reason


def _title(kind: str) -> str:
    if kind not in Seal.Kind.values:
        raise InvalidInput(f"没有“{kind}”这一类印章。请写 official（公章）或 special（专用章）。")
    return str(Seal.Kind(kind).label)


def _already(organisation: Organisation, kind: str) -> SealAlreadyInUse:
    return SealAlreadyInUse(
        f"印章未制作：{organisation.name} 已有在用的{_title(kind)}。要换用新的，请用 tongban office seal replace；"
        "停止使用的，用 revoke。"
    )


def _unnamed(organisation: Organisation, certificate: x509.Certificate) -> str:
    """Return a warning if the certificate names somebody else."""
    said = certificates.names(certificate)
    if organisation.name.removesuffix(DEMO) in said or organisation.uscc in said:
        return ""
    return (
        f"证书中没有“{organisation.name}”的名称或统一社会信用代码，所写的是“{said}”。请核对是否拿错了文件。"
    )
