"""Accounts of applicants who sign in with an identity provider (统一身份认证): found by issuer and subject."""

from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, models

from tongban.accounts import identifiers
from tongban.accounts.people import applicants, sealed
from tongban.accounts.people.models import Applicant
from tongban.accounts.people.pseudonyms import new_pseudonym
from tongban.kernel import db
from tongban.kernel.errors import DomainError, InvalidInput


class ExternalIdentity(models.Model):
    """Who an identity provider says an applicant is (外部身份); the subject is kept as a keyed hash only."""

    PERSONAL: ClassVar[frozenset[str]] = frozenset({"subject_lookup"})

    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="external_identities")
    issuer = models.CharField("签发者", max_length=200)
    subject_lookup = models.CharField("主体（检索值）", max_length=64, unique=True)  # issuer and subject
    bound_at = models.DateTimeField("绑定时间")

    class Meta:
        verbose_name = "外部身份"


class IdentityDiffers(DomainError):
    """What the identity provider vouches for contradicts what this node has on record; nothing was changed."""

    code = "identity_differs"


def account_for(
    *, issuer: str, subject: str, kind: Applicant.Kind, name: str, number: str, at: datetime
) -> Applicant:
    """
    Return the account of who `issuer` knows as `subject`, enrolled or bound to its identity if need be.

    A `number` that an account here has proved already binds that account: a person has one, whichever way they
    come. Without a number the account stays unverified. A name that has changed since the account was bound to this
    `subject` is taken over, as long as the number is the same.

    Raises:
        InvalidInput: the number cannot be right.
        IdentityDiffers: name or number are not those on record, or the account is closed.
    """
    number = _checked(number, kind) if number else ""
    key = sealed.lookup(f"subject:{issuer}\n{subject}")
    try:
        with db.write():
            bound = (
                ExternalIdentity.objects.select_related("applicant")
                .select_for_update()
                .filter(subject_lookup=key)
                .first()
            )
            account = bound.applicant if bound else _owner_of(number) or _enrol(key, kind, at)
            if bound and number:
                _rename(account, name.strip(), number)
            _prove(account, kind, name.strip(), number, at)
            if bound is None:
                ExternalIdentity.objects.create(
                    applicant=account, issuer=issuer, subject_lookup=key, bound_at=at
                )
    except IntegrityError:
        # Two sign-ins of one person at once: the other has enrolled them meanwhile, or owns the number.
        raise IdentityDiffers("未登录：该证件正在或已经绑定另一账号。请重试；仍不行请到窗口核实。") from None
    return account


def _owner_of(number: str) -> Applicant | None:
    return (
        Applicant.objects.filter(identity_lookup=applicants.identity_key(number)).first() if number else None
    )


def _enrol(key: str, kind: Applicant.Kind, at: datetime) -> Applicant:
    # No password fits an empty hash, and no login name leads to this look-up value.
    return Applicant.objects.create(
        kind=kind, login_lookup=key, login_sealed=sealed.seal(""), password="",
        pseudonym=new_pseudonym(), registered_at=at,
    )  # fmt: skip


def _rename(account: Applicant, name: str, number: str) -> None:
    """Take over a name that has changed since (更正): who is bound here comes with the number that was proved then."""
    same = account.is_active and account.identity_lookup == applicants.identity_key(number)
    if same and name and account.name and name != account.name:
        account.name_sealed = sealed.seal(name)
        account.save(update_fields=["name_sealed"])


def _prove(account: Applicant, kind: Applicant.Kind, name: str, number: str, at: datetime) -> None:
    if not account.is_active:
        raise IdentityDiffers("未登录：该账号已停用。请携带证件原件到窗口办理。")
    if not number:
        return
    if account.identity_lookup not in ("", applicants.identity_key(number)) or account.name not in ("", name):
        raise IdentityDiffers(
            "未登录：认证平台提供的姓名或证件与本节点的记录不一致。请携带证件原件到窗口更正。"
        )
    if not name:
        raise InvalidInput("未登录：认证平台没有提供姓名（名称）。请在认证平台补全后重试，或到窗口办理。")
    if account.assurance >= Applicant.Assurance.VERIFIED:
        return
    account.kind, account.name_sealed = kind, sealed.seal(name)
    account.identity_lookup, account.identity_sealed = applicants.identity_key(number), sealed.seal(number)
    account.assurance, account.verified_at = Applicant.Assurance.VERIFIED, at
    account.save()


def _checked(number: str, kind: Applicant.Kind) -> str:
    rule = identifiers.uscc if kind is Applicant.Kind.ENTERPRISE else identifiers.citizen_id
    try:
        return rule(number)
    except identifiers.BadIdentifier as error:
        raise InvalidInput(f"未登录：认证平台提供的证件号码有误：{error}") from None
