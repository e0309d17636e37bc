"""
Signing in by OpenID Connect: authorization code with PKCE (S256), state and nonce; the level is judged here.

OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9700. The level (acr) is asked for by `claims`, since issuers name it
only then, and compared with the node's own table: what the redirect says is never believed.
"""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from authlib.common.security import generate_token
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from tongban.accounts.models import Applicant
from tongban.configuration.providers import IdentityProviderConfig
from tongban.signin import gateway
from tongban.signin.providers import (
    AssuranceTooLow,
    Begun,
    Identity,
    IdentityWithheld,
    ProviderAnswerFaulty,
    ProviderAway,
    ProviderRefused,
    SignInNotBegun,
)

log = logging.getLogger(__name__)

# Signatures by a key of the issuer's alone: with a shared secret (HS256) we could have written the token ourselves.
ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
)
LEEWAY: Final = 60  # seconds between two clocks


class OpenIDProvider:
    """A provider that speaks OpenID Connect."""

    def __init__(self, config: IdentityProviderConfig) -> None:
        self.config = config

    def begin(self, *, back: str, next: str, at: datetime) -> tuple[str, Begun]:  # noqa: A002
        """See `providers.IdentityProvider`."""
        known = self._metadata()
        begun = Begun(
            provider=self.config.key, state=generate_token(43), nonce=generate_token(43),
            verifier=generate_token(64), back=back, next=next, at=int(at.timestamp()),
        )  # fmt: skip
        asked = {
            "response_type": "code", "client_id": self.config.client_id, "redirect_uri": back,
            "scope": self.config.scope, "state": begun.state, "nonce": begun.nonce,
            "code_challenge": create_s256_code_challenge(begun.verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        levels = self.config.asked_for()
        if levels:
            acr = {"essential": True, "values": levels}
            wanted = {"id_token": {"acr": acr, "auth_time": {"essential": True}}}
            asked |= {"claims": json.dumps(wanted), "acr_values": " ".join(levels)}
        return add_params_to_uri(_address(known, "authorization_endpoint"), list(asked.items())), begun

    def complete(self, *, begun: Begun, answer: dict[str, str], at: datetime) -> Identity:
        """See `providers.IdentityProvider`."""
        name = self.config.name
        if answer.get("error"):
            raise ProviderRefused(f"未登录：您没有在“{name}”完成认证，或被其拒绝。请重新登录，或换一种方式。")
        if not answer.get("code"):
            raise SignInNotBegun(f"未登录：“{name}”的答复不完整。请回到登录页重新登录。")
        # RFC 9207: an answer that names its issuer must name this one.
        if answer.get("iss", self.config.issuer).rstrip("/") != self.config.issuer:
            raise self._faulty("iss")
        known = self._metadata()
        tokens = self._exchange(known, begun, answer["code"])
        claims = self._verified(known, tokens, begun, at)
        return self._identity(self._completed(known, tokens, claims), claims, at)

    def _metadata(self) -> dict[str, Any]:
        try:
            known = gateway.metadata(self.config.issuer)
        except gateway.Unreachable as error:
            raise self._away(error) from None
        # Discovery §4.3: else one issuer could answer for another.
        if str(known.get("issuer", "")).rstrip("/") != self.config.issuer:
            raise self._faulty("issuer")
        return known

    def _exchange(self, known: Mapping[str, Any], begun: Begun, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": begun.back,
            "code_verifier": begun.verifier,
        }  # fmt: skip
        methods = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        try:
            secret = self.config.secret_file.read_text(encoding="utf-8").strip()
            return gateway.token(
                _address(known, "token_endpoint"), form, client=self.config.client_id, secret=secret, method=method
            )  # fmt: skip
        except OSError:
            raise self._away("secret_file") from None
        except gateway.Unreachable as error:
            raise self._away(error) from None
        except gateway.Refused as refused:
            log.warning("identity provider %s refuses a code: %s", self.config.key, refused)
            raise SignInNotBegun(
                f"未登录：“{self.config.name}”不承认这次认证，可能已经用过或过期。请回到登录页重新登录。"
            ) from None

    def _verified(
        self, known: Mapping[str, Any], tokens: Mapping[str, Any], begun: Begun, at: datetime
    ) -> dict[str, Any]:
        offered = set(known.get("id_token_signing_alg_values_supported") or ["RS256"]) & ALGORITHMS
        try:
            keys = KeySet.import_key_set(gateway.keys(_address(known, "jwks_uri")))  # type: ignore[arg-type]
            registry = JWSRegistry(algorithms=sorted(offered), strict_check_header=False)
            signed = jwt.decode(str(tokens.get("id_token", "")), key=keys, registry=registry)
            claims = CodeIDToken(
                signed.claims, signed.header,
                {
                    "iss": {"essential": True, "value": known["issuer"]},
                    "sub": {"essential": True, "validate": lambda _claims, sub: isinstance(sub, str)},
                    "aud": {"essential": True, "value": self.config.client_id},
                },
                {
                    "nonce": begun.nonce, "client_id": self.config.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )  # fmt: skip
            claims.validate(now=int(at.timestamp()), leeway=LEEWAY)
        except gateway.Unreachable as error:
            raise self._away(error) from None
        except (JoseError, ValueError, TypeError, KeyError) as error:
            # The kind of error only: a message may repeat what the token says.
            raise self._faulty(type(error).__name__) from None
        return dict(claims)

    def _completed(
        self, known: Mapping[str, Any], tokens: Mapping[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the claims with what only userinfo tells."""
        if claims.get(self.config.number_claim) or not known.get("userinfo_endpoint"):
            return claims
        try:
            told = gateway.user(_address(known, "userinfo_endpoint"), str(tokens.get("access_token", "")))
        except gateway.Unreachable as error:
            raise self._away(error) from None
        # Core §5.3.2: userinfo of somebody else must not be believed.
        if told.get("sub") != claims["sub"]:
            raise self._faulty("sub")
        return {**told, **claims}

    def _identity(self, told: Mapping[str, Any], claims: Mapping[str, Any], at: datetime) -> Identity:
        config = self.config
        assurance = config.assurance_of(str(claims.get("acr", "")))
        if assurance < config.lowest:
            raise AssuranceTooLow(
                f"未登录：“{config.name}”这次认证的等级不够。请回到登录页重新登录，并按提示完成实名或人脸认证。"
            )
        kind = config.types.get(str(told.get(config.type_claim, "")), None if config.types else "person")
        if config.types and config.type_claim not in told:
            kind = "person"
        number = str(told.get(config.number_claim) or "").strip()
        if assurance >= Applicant.Assurance.VERIFIED and (kind is None or not number):
            raise IdentityWithheld(
                f"未登录：“{config.name}”没有提供本系统能核对的证件（居民身份证或统一社会信用代码）。请到窗口办理。"
            )
        moment = claims.get("auth_time") or 0  # not told: long ago, so that no face counts as just seen
        return Identity(
            issuer=config.issuer, subject=str(claims["sub"]), kind=Applicant.Kind(kind or "person"),
            name=str(told.get(config.name_claim) or ""),
            number=number if assurance >= Applicant.Assurance.VERIFIED else "", assurance=assurance,
            auth_time=datetime.fromtimestamp(max(0, min(moment, at.timestamp())), UTC),
        )  # fmt: skip

    def _away(self, why: object) -> ProviderAway:
        log.warning("identity provider %s is away: %s", self.config.key, why)
        return ProviderAway(f"未登录：“{self.config.name}”暂时没有应答。请稍后再试，或换一种方式登录。")

    def _faulty(self, what: str) -> ProviderAnswerFaulty:
        log.warning("identity provider %s: faulty answer (%s)", self.config.key, what)
        return ProviderAnswerFaulty(
            f"未登录：“{self.config.name}”的答复没有通过核对。请回到登录页重新登录；仍不行请联系本节点管理员。"
        )


def _address(known: Mapping[str, Any], name: str) -> str:
    return str(known.get(name) or "")
