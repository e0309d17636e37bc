from dataclasses import replace

import pytest

from tests import stories
from tests.world import World
from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.kernel import vault
from tongban.kernel.crypto import canon
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.procedures.dossier import exporting, verifier
from tongban.procedures.models import DossierExport


def roots(world: World) -> list[str]:
    return [node.fingerprint for node in world.nodes.values()]


class TestExport:
    @pytest.mark.slow
    def test_either_side_proves_the_whole_case(self, world: World) -> None:
        number = stories.delivered(world)
        for key in world.nodes:
            with world.on(key) as node:
                data = exporting.export(number, by=node.operator(), at=world.at)
                assert DossierExport.objects.get(number=number).with_content is False
            verdict = verifier.verify(data, roots(world))
            assert (verdict.code, verdict.findings, verdict.remarks) == (verifier.HOLDS, (), ())
            assert canon.decode(data)["content"] is None  # type: ignore[index, call-overload]

    def test_a_case_under_way_is_proved_too(self, world: World) -> None:
        number = stories.reviewed(world)
        with world.on("qingyang") as node:
            data = exporting.export(number, by=node.operator(), at=world.at)
        assert verifier.verify(data, roots(world)).findings == ()

    def test_content_leaves_only_for_a_person_and_a_reason(self, world: World) -> None:
        number = stories.reviewed(world)
        with world.on("qingyang") as node:
            with pytest.raises(exporting.ContentNeedsReason):
                exporting.export(number, by=node.operator(), at=world.at, content_for=("王某", " "))
            assert not DossierExport.objects.exists()

            data = exporting.export(number, by=node.operator(), at=world.at, content_for=("王某", "行政复议"))
            kept = DossierExport.objects.get()
            assert canon.decode(vault.get(number, kept.reason)) == {"person": "王某", "reason": "行政复议"}
        assert "王某" not in data.decode()
        assert canon.decode(data)["content"]  # type: ignore[index, call-overload]
        assert verifier.verify(data, roots(world)).findings == ()

    def test_who_may_not_see_the_case_is_not_told_of_it(self, world: World) -> None:
        number = stories.filed(world)
        stranger = Actor(kind=ActorKind.STAFF, channel=Channel.DESK, organisation="91110000000000000X")
        with world.on("qingyang"), pytest.raises(NotFound):
            exporting.export(number, by=stranger, at=world.at)

    def test_content_needs_the_post_for_it(self, world: World) -> None:
        number = stories.filed(world)
        with world.on("qingyang") as node:
            clerk = replace(node.operator(), permissions=frozenset({Permission.CASE_FILE}))
            with pytest.raises(NotPermitted):
                exporting.export(number, by=clerk, at=world.at, content_for=("王某", "行政复议"))


class TestTimeline:
    def test_tells_who_did_what_and_who_held_which_duty(self, world: World) -> None:
        number = stories.accepted(world)
        with world.on("jiashan") as node:
            lines = exporting.timeline(exporting.export(number, by=node.operator(), at=world.at))
        told = "\n".join(lines)
        assert "：推送办理地 → 已推送" in told
        assert "：受理 → 已受理" in told
        assert any(line.startswith("审查：") and "仍未了结" in line for line in lines)
