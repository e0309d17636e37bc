"""Who is refused is written down: who, what they were told, at what; never a path or a value."""

from typing import Any

import pytest

from tests import stories
from tests.api import front
from tests.forging import transfer
from tests.looked import refusals
from tests.web.browser import Browser
from tests.world import World
from tongban.accounts.models import Person
from tongban.exchange import commands, receiving, wire

pytestmark = pytest.mark.slow


def noted(world: World, node: str = "qingyang") -> list[tuple[Any, ...]]:
    with world.on(node):
        return list(refusals().values_list("who", "result", "doing", "count"))


def clerk(world: World) -> Browser:
    return Browser(world, "qingyang").sign_in("qy-window", who="staff")


def code_of(world: World, login: str) -> str:
    with world.on("qingyang"):
        return Person.objects.get(username=login).pseudonym


class TestPages:
    def test_a_page_of_another_post(self, counties: World) -> None:
        browser = clerk(counties)
        for _ in range(2):
            assert browser.fetch("/supervision/").status_code == 403
        assert noted(counties) == [(code_of(counties, "qy-window"), "not_permitted", "supervision", 1)] * 2

    def test_what_is_permitted_leaves_nothing(self, counties: World) -> None:
        browser = clerk(counties)
        assert browser.fetch("/counter/").status_code == 200
        assert browser.fetch("/counter/NO-SUCH-CASE/").status_code in (404, 422)
        assert not noted(counties)


class TestSigningIn:
    def test_with_a_wrong_password_or_as_nobody(self, counties: World) -> None:
        for login in ("qy-window", "13800001111"):
            browser = Browser(counties, "qingyang").open("/sign-in/")
            browser.send({"who": "staff", "name": login, "password": "not the password"})
        assert noted(counties) == [
            (code_of(counties, "qy-window"), "bad_credentials", "sign_in", 1),
            ("", "bad_credentials", "sign_in", 1),
        ]


class TestTheApi:
    def test_an_act_of_another_post_and_a_key_that_is_none(self, counties: World) -> None:
        caller = front.staff(counties, "qingyang", "window")
        assert caller.get("/peers").status_code == 403
        key = {"Authorization": f"Bearer tb_{'0' * 12}_{'0' * 64}"}
        assert front.Caller(counties, "qingyang", headers=key).get("/cases").status_code == 401

        of_a_post, of_a_stranger = noted(counties)
        assert (*of_a_post[:2], of_a_post[3]) == (code_of(counties, "qy-window"), "not_permitted", 1)
        assert (*of_a_stranger[:2], of_a_stranger[3]) == ("", "bad_api_key", 1)
        assert "/" not in of_a_post[2] + of_a_stranger[2]


class TestNodes:
    def test_a_removed_peer_and_a_message_that_nobody_signed(self, world: World) -> None:
        raw = transfer(world, stories.forwarded(world), [])
        with world.on("qingyang") as node:
            commands.remove(node=world["jiashan"].fingerprint, by=node.operator(), at=world.at)
            for _ in range(2):
                with pytest.raises(receiving.PeerNotActive):
                    receiving.receive(raw, world.at)
            with pytest.raises(wire.MessageRefused):
                receiving.receive(b"{}", world.at)
        assert noted(world) == [
            *[(world["jiashan"].fingerprint, "peer_not_active", "message", 1)] * 2,
            ("", "message_refused", "message", 1),
        ]
