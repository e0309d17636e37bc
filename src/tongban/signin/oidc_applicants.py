"""
Applicants by OpenID Connect: how surely the provider knows them, and by which identity document.

The level (acr) is asked for by `claims`, since issuers name it only then, and compared with the node's own table.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tongban.accounts.models import Applicant
from tongban.configuration.providers import IdentityProviderConfig
from tongban.signin import gateway
from tongban.signin.oidc import Answer, OpenIDConnect, address
from tongban.signin.providers import AssuranceTooLow, Begun, Identity, IdentityWithheld


class OpenIDProvider:
    """A provider of applicants that speaks OpenID Connect."""

    def __init__(self, config: IdentityProviderConfig) -> None:
        self.config = config
        self._oidc = OpenIDConnect(config)

    def begin(
        self,
        *,
        back: str,
        next: str,  # noqa: A002
        at: datetime,
        anew: bool = False,
    ) -> tuple[str, Begun]:
        """See `providers.IdentityProvider`."""
        levels = self.config.asked_for()
        # Core §3.1.2.1: with `max_age` the answer has to say when it was.
        asks = {"prompt": "login", "max_age": "0"} if anew else {}
        if levels:
            acr = {"essential": True, "values": levels}
            wanted = {"id_token": {"acr": acr, "auth_time": {"essential": True}}}
            asks |= {"claims": json.dumps(wanted), "acr_values": " ".join(levels)}
        return self._oidc.begin(back=back, next=next, asks=asks, at=at)

    def complete(self, *, begun: Begun, answer: dict[str, str], at: datetime) -> Identity:
        """See `providers.IdentityProvider`."""
        found = self._oidc.complete(begun=begun, answer=answer, at=at)
        return self._identity(self._told(found), found.claims, at)

    def _told(self, answer: Answer) -> dict[str, Any]:
        """Return the claims with what only userinfo tells."""
        claims = answer.claims
        if claims.get(self.config.number_claim) or not answer.known.get("userinfo_endpoint"):
            return claims
        try:
            told = gateway.user(
                address(answer.known, "userinfo_endpoint"), str(answer.tokens.get("access_token", ""))
            )
        except gateway.Unreachable as error:
            raise self._oidc.away(error) from None
        # Core §5.3.2: userinfo of somebody else must not be believed.
        if told.get("sub") != claims["sub"]:
            raise self._oidc.faulty("sub")
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
