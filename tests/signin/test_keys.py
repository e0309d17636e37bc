"""Machines that sign in with a key, and the middleware."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from tests.accounts import county
from tests.accounts.county import MONDAY
from tests.signin.test_sessions import a_request
from tongban.accounts import commands
from tongban.accounts.access.actor import SYSTEM, Channel
from tongban.accounts.models import ApiKey, Organisation
from tongban.kernel.errors import NotPermitted
from tongban.signin import keys
from tongban.signin.actor import ActorMiddleware, actor_of

pytestmark = pytest.mark.django_db


def issue() -> tuple[ApiKey, str]:
    return commands.issue_api_key(post=county.settle().post, label="排队叫号", by=SYSTEM, at=MONDAY)


class TestApiKey:
    def test_acts_as_its_post(self) -> None:
        key, token = issue()
        actor = keys.actor_for_token(token, at=MONDAY)

        assert actor.permissions == key.post.powers()
        assert (actor.staff, actor.channel) == (key.prefix, Channel.API)

    def test_the_secret_is_not_in_the_database(self) -> None:
        _, token = issue()
        secret = token.rsplit("_", 1)[1]
        assert secret not in str(ApiKey.objects.values().get())

    def test_refuses_a_wrong_secret(self) -> None:
        _, token = issue()
        for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), token[:-1], "tb_", "", "tb_" + token):
            with pytest.raises(keys.BadApiKey):
                keys.actor_for_token(wrong, at=MONDAY)

    def test_refuses_a_revoked_key(self) -> None:
        key, token = issue()
        commands.revoke_api_key(key=key, by=SYSTEM, at=MONDAY)
        with pytest.raises(keys.BadApiKey):
            keys.actor_for_token(token, at=MONDAY)

    def test_refuses_a_key_of_a_closed_organisation(self) -> None:
        _, token = issue()
        Organisation.objects.update(is_active=False)
        with pytest.raises(keys.BadApiKey):
            keys.actor_for_token(token, at=MONDAY)

    def test_notes_when_it_was_used(self) -> None:
        _, token = issue()
        keys.actor_for_token(token, at=MONDAY)
        assert ApiKey.objects.get().last_used_at == MONDAY

    def test_only_account_managers_issue_and_see_keys(self) -> None:
        place = county.settle()
        with pytest.raises(NotPermitted):
            commands.issue_api_key(post=place.post, label="自动化", by=place.actor, at=MONDAY)
        assert not ApiKey.objects.visible_to(place.actor).exists()


class TestMiddleware:
    def through(self, request: HttpRequest) -> HttpRequest:
        ActorMiddleware(lambda request: HttpResponse())(request)
        return request

    def test_nobody_is_nobody(self) -> None:
        request = self.through(a_request())
        assert request.actor is None
        assert request.refusal is None

    def test_a_bad_key_is_no_crash_but_a_refusal(self) -> None:
        request = RequestFactory().get("/", headers={"Authorization": "Bearer tb_nonsense"})
        assert self.through(request).refusal.code == "bad_api_key"
        with pytest.raises(keys.BadApiKey):
            actor_of(request, at=MONDAY)

    def test_a_good_key_makes_an_actor(self) -> None:
        _, token = issue()
        request = self.through(RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"}))
        assert request.actor.post == "officer"
