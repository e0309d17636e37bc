"""
Staff by OpenID Connect: which subject it is, how long ago it proved itself there, and by how many factors.

RP-initiated logout goes without `id_token_hint`: the token names somebody, and would stand in an address.
"""

import json
import math
from datetime import datetime
from typing import Any

from authlib.common.urls import add_params_to_uri

from tongban.configuration.staff_providers import StaffProviderConfig
from tongban.signin.oidc import LEEWAY, OpenIDConnect, address
from tongban.signin.providers import (
    Begun,
    ProvedTooLongAgo,
    ProviderAnswerFaulty,
    ProviderAway,
    StaffSubject,
    StillSignedInThere,
)


class StaffOpenIDProvider:
    """A provider of staff that speaks OpenID Connect."""

    def __init__(self, config: StaffProviderConfig) -> None:
        self.config = config
        self._oidc = OpenIDConnect(config)

    def begin(self, *, back: str, next: str, at: datetime) -> tuple[str, Begun]:  # noqa: A002
        """See `providers.IdentityProvider`."""
        levels = self.config.two_factors_acr
        wanted: dict[str, Any] = {"auth_time": {"essential": True}}
        asks = {"max_age": str(self.config.max_age)}
        if levels:
            # Not essential: who comes with less goes on to this node's own second step.
            wanted["acr"] = {"values": list(levels)}
            asks["acr_values"] = " ".join(levels)
        asks["claims"] = json.dumps({"id_token": wanted})
        return self._oidc.begin(back=back, next=next, asks=asks, at=at)

    def complete(self, *, begun: Begun, answer: dict[str, str], at: datetime) -> StaffSubject:
        """
        Return which of the provider's subjects has signed in, from the query of its answer.

        Raises:
            SignInNotBegun, ProviderRefused, ProviderAway, ProviderAnswerFaulty, ProvedTooLongAgo: as named.
        """
        found, config = self._oidc.complete(begun=begun, answer=answer, at=at), self.config
        subject = found.claims.get(config.subject_claim)
        if not isinstance(subject, str) or not subject.strip():
            raise self._oidc.faulty("subject")
        self._ask_fresh(found.claims.get("auth_time"), begun, at)
        return StaffSubject(
            provider=config.key, issuer=config.issuer, subject=subject,
            has_two_factors=config.are_two_factors(found.claims.get("acr"), found.claims.get("amr")),
            signs_out=bool(address(found.known, "end_session_endpoint")),
        )  # fmt: skip

    def leaving(self, *, back: str) -> str:
        """
        Return the provider's address at which somebody signs out there and comes back to `back`.

        Raises:
            StillSignedInThere: it does not answer, or has none.
        """
        try:
            end = address(self._oidc.metadata(), "end_session_endpoint")
        except (ProviderAway, ProviderAnswerFaulty):
            end = ""
        if not end:
            raise StillSignedInThere(
                f"已退出本系统，但没能退出“{self.config.name}”。请到其页面退出；在公用电脑上，请关闭浏览器。"
            )
        told = {"client_id": self.config.client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(end, list(told.items())))

    def _ask_fresh(self, proved_at: object, begun: Begun, at: datetime) -> None:
        if isinstance(proved_at, bool) or not isinstance(proved_at, int | float):
            raise self._oidc.faulty("auth_time")
        if not math.isfinite(proved_at) or proved_at > at.timestamp() + LEEWAY:
            raise self._oidc.faulty("auth_time")
        # Since the sign-in was begun: how long somebody reads the provider's pages is their own affair.
        if begun.at - proved_at > self.config.max_age + LEEWAY:
            raise ProvedTooLongAgo(
                f"未登录：您上次在“{self.config.name}”验证身份已是较早以前。请先从其页面退出，再回到登录页重新登录。"
            )
