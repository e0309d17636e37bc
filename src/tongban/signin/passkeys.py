"""Passkeys (W3C WebAuthn): what a browser is asked, and whether its answer holds. Challenges count once."""

import ipaddress
import json
from typing import Final
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from django.http import HttpRequest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tongban.accounts.models import Authenticator, Person
from tongban.accounts.people import second
from tongban.signin.halfopen import CHALLENGE

LONGEST: Final = 20_000  # characters of an answer
# A passkey replaces no password here, but a stolen token alone must not do: it asks its owner for a PIN or a finger.
_VERIFIED: Final = UserVerificationRequirement.REQUIRED


class PasskeyRefused(second.WrongCode):
    """The browser's answer does not hold: another site, another challenge, no PIN, or no passkey of this person's."""

    code = "passkey_refused"


def are_possible() -> bool:
    """Return whether browsers use passkeys at this node's address: a host name, over TLS or on this machine."""
    parts = urlsplit(settings.NODE.url)
    try:
        ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return parts.scheme == "https" or parts.hostname == "localhost"
    return False


def asked_to_make(request: HttpRequest, person: Person) -> str:
    """Return, as JSON, what a browser needs to make a passkey for somebody, and remember the challenge."""
    held = [one.credential for one in _held(person)]
    options = webauthn.generate_registration_options(
        rp_id=_host(), rp_name="跨省通办", user_name=person.username, user_id=person.pseudonym.encode(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in held],
    )  # fmt: skip
    request.session[CHALLENGE] = {"make": bytes_to_base64url(options.challenge)}
    return options_to_json(options)


def made(request: HttpRequest, answer: str) -> tuple[str, str, int]:
    """
    Return credential, public key (hex) and count of the passkey that a browser has made.

    Raises:
        PasskeyRefused: see there.
    """
    challenge = _taken(request, "make")
    try:
        found = webauthn.verify_registration_response(
            credential=_read(answer), expected_challenge=challenge, expected_rp_id=_host(),
            expected_origin=_origin(), require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise PasskeyRefused(
            "未登记：浏览器的答复没有通过核对。请刷新页面后再试，或改用手机验证码。"
        ) from None
    return (
        bytes_to_base64url(found.credential_id),
        found.credential_public_key.hex(),
        found.sign_count,
    )


def asked_to_sign(request: HttpRequest, person: Person) -> str:
    """Return, as JSON, what a browser needs to use one of somebody's passkeys; nothing where they have none."""
    held = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in _held(person)]
    if not held or not are_possible():
        return ""
    options = webauthn.generate_authentication_options(
        rp_id=_host(), allow_credentials=held, user_verification=_VERIFIED
    )
    request.session[CHALLENGE] = {"sign": bytes_to_base64url(options.challenge)}
    return options_to_json(options)


def use(request: HttpRequest, person: Person, answer: str) -> None:
    """
    Use one of somebody's passkeys: let its signature pass, once.

    Raises:
        PasskeyRefused: see there. PasskeyCopied: it counts backwards, so there are two of it.
    """
    refusal = PasskeyRefused("未通过：通行密钥没有通过核对。请刷新页面后再试，或输入动态验证码。")
    challenge = _taken(request, "sign")
    try:
        credential = _read(answer)
        mine = next(one for one in _held(person) if one.credential == credential["id"])
        found = webauthn.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=_host(),
            expected_origin=_origin(), credential_public_key=bytes.fromhex(mine.secret),
            credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError, StopIteration):
        raise refusal from None
    counts = found.new_sign_count or mine.counter  # many passkeys count nothing and say 0 for ever
    if counts and not second.advance(mine, to=found.new_sign_count):
        raise second.PasskeyCopied(
            "未通过：这个通行密钥的使用次数倒退，可能被复制。请换一种方式登录，并将它删除。"
        )


def _held(person: Person) -> list[Authenticator]:
    return list(Authenticator.objects.of(person).filter(kind=Authenticator.Kind.PASSKEY))


def _taken(request: HttpRequest, purpose: str) -> bytes:
    """Return the challenge of this session for a purpose and forget it; one that nobody can meet where there is none."""
    kept = request.session.pop(CHALLENGE, {})
    if purpose not in kept:
        raise PasskeyRefused("未通过：这个页面已经用过或过期。请刷新页面后再试。")
    return base64url_to_bytes(kept[purpose])


def _read(answer: str) -> dict[str, object]:
    credential = json.loads(answer) if len(answer) <= LONGEST else None
    if not isinstance(credential, dict):
        raise ValueError("no credential")
    return credential


def _host() -> str:
    return urlsplit(settings.NODE.url).hostname or ""


def _origin() -> str:
    parts = urlsplit(settings.NODE.url)
    return f"{parts.scheme}://{parts.netloc}"
