"""
OpenID Connect, as far as it is the same whoever signs in: authorization code with PKCE (S256), state and nonce.

OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9700. What an answer is worth is for `oidc_applicants` and `oidc_staff` to
judge, by the token alone: what the redirect says is never believed.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from authlib.common.security import generate_token
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from tongban.configuration.providers import Issuer
from tongban.signin import gateway
from tongban.signin.providers import (
    Begun,
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider has answered, once all of it is verified that any answer must hold."""

    known: Mapping[str, Any]  # what the provider says of itself
    tokens: Mapping[str, Any]
    claims: dict[str, Any]  # of the ID token


class OpenIDConnect:
    """A provider that speaks OpenID Connect."""

    def __init__(self, config: Issuer) -> None:
        self._config = config

    def begin(
        self,
        *,
        back: str,
        next: str,  # noqa: A002
        asks: Mapping[str, str],
        at: datetime,
    ) -> tuple[str, Begun]:
        """
        Return the provider's address to go to, and what to remember until it answers to `back`.

        `asks` is what is asked besides.

        Raises:
            ProviderAway: it cannot be asked where its pages are.
        """
        known = self.metadata()
        begun = Begun(
            provider=self._config.key, state=generate_token(43), nonce=generate_token(43),
            verifier=generate_token(64), back=back, next=next, at=int(at.timestamp()),
        )  # fmt: skip
        asked = {
            "response_type": "code", "client_id": self._config.client_id, "redirect_uri": back,
            "scope": self._config.scope, "state": begun.state, "nonce": begun.nonce,
            "code_challenge": create_s256_code_challenge(begun.verifier), "code_challenge_method": "S256",
            **asks,
        }  # fmt: skip
        return add_params_to_uri(address(known, "authorization_endpoint"), list(asked.items())), begun

    def complete(self, *, begun: Begun, answer: dict[str, str], at: datetime) -> Answer:
        """
        Return what the provider says of who has signed in, verified, from the query of its answer.

        Raises:
            SignInNotBegun, ProviderRefused, ProviderAway, ProviderAnswerFaulty: as named.
        """
        name = self._config.name
        if answer.get("error"):
            raise ProviderRefused(f"未登录：您没有在“{name}”完成认证，或被其拒绝。请重新登录，或换一种方式。")
        if not answer.get("code"):
            raise SignInNotBegun(f"未登录：“{name}”的答复不完整。请回到登录页重新登录。")
        # RFC 9207: an answer that names its issuer must name this one.
        if answer.get("iss", self._config.issuer).rstrip("/") != self._config.issuer:
            raise self.faulty("iss")
        known = self.metadata()
        tokens = self._exchange(known, begun, answer["code"])
        return Answer(known, tokens, self._verified(known, tokens, begun, at))

    def metadata(self) -> dict[str, Any]:
        """Return what the provider says of itself; raises ProviderAway, ProviderAnswerFaulty."""
        try:
            known = gateway.metadata(self._config.issuer)
        except gateway.Unreachable as error:
            raise self.away(error) from None
        # Discovery §4.3: else one issuer could answer for another.
        if str(known.get("issuer", "")).rstrip("/") != self._config.issuer:
            raise self.faulty("issuer")
        return known

    def _exchange(self, known: Mapping[str, Any], begun: Begun, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": begun.back,
            "code_verifier": begun.verifier,
        }  # fmt: skip
        methods = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        try:
            secret = self._config.secret_file.read_text(encoding="utf-8").strip()
            return gateway.token(
                address(known, "token_endpoint"), form, client=self._config.client_id, secret=secret, method=method
            )  # fmt: skip
        except OSError:
            raise self.away("secret_file") from None
        except gateway.Unreachable as error:
            raise self.away(error) from None
        except gateway.Refused as refused:
            log.warning("identity provider %s refuses a code: %s", self._config.key, refused)
            raise SignInNotBegun(
                f"未登录：“{self._config.name}”不承认这次认证，可能已经用过或过期。请回到登录页重新登录。"
            ) from None

    def _verified(
        self, known: Mapping[str, Any], tokens: Mapping[str, Any], begun: Begun, at: datetime
    ) -> dict[str, Any]:
        offered = set(known.get("id_token_signing_alg_values_supported") or ["RS256"]) & ALGORITHMS
        try:
            keys = KeySet.import_key_set(gateway.keys(address(known, "jwks_uri")))  # type: ignore[arg-type]
            registry = JWSRegistry(algorithms=sorted(offered), strict_check_header=False)
            signed = jwt.decode(str(tokens.get("id_token", "")), key=keys, registry=registry)
            claims = CodeIDToken(
                signed.claims, signed.header,
                {
                    "iss": {"essential": True, "value": known["issuer"]},
                    "sub": {"essential": True, "validate": lambda _claims, sub: isinstance(sub, str)},
                    "aud": {"essential": True, "value": self._config.client_id},
                },
                {
                    "nonce": begun.nonce, "client_id": self._config.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )  # fmt: skip
            claims.validate(now=int(at.timestamp()), leeway=LEEWAY)
        except gateway.Unreachable as error:
            raise self.away(error) from None
        except (JoseError, ValueError, TypeError, KeyError) as error:
            # The kind of error only: a message may repeat what the token says.
            raise self.faulty(type(error).__name__) from None
        return dict(claims)

    def away(self, why: object) -> ProviderAway:
        """Return the refusal of a provider that does not answer; the log says `why`."""
        log.warning("identity provider %s is away: %s", self._config.key, why)
        return ProviderAway(f"未登录：“{self._config.name}”暂时没有应答。请稍后再试，或换一种方式登录。")

    def faulty(self, what: str) -> ProviderAnswerFaulty:
        """Return the refusal of an answer that does not verify; the log says `what` of it."""
        log.warning("identity provider %s: faulty answer (%s)", self._config.key, what)
        return ProviderAnswerFaulty(
            f"未登录：“{self._config.name}”的答复没有通过核对。请回到登录页重新登录；仍不行请联系本节点管理员。"
        )


def address(known: Mapping[str, Any], name: str) -> str:
    """Return an address that a provider names in what it says of itself; nothing where it names none."""
    return str(known.get(name) or "")
