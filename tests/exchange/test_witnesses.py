"""What neighbours hold of a node shows what its own administrator took out, seals and all."""

from django.db import connection

from tests import stories
from tests.world import World
from tongban.exchange import audit_of_witnesses, trust
from tongban.exchange.models import Peer
from tongban.kernel import identity, memo
from tongban.kernel.journal import seals
from tongban.procedures.audit import journal_audit
from tongban.procedures.audit.discrepancies import Discrepancy, Report


def asked(world: World, node: str) -> tuple[list[Discrepancy], Report]:
    report = Report()
    with world.on(node):
        return list(audit_of_witnesses.check(report, world.at)), report


def test_an_honest_node_is_borne_out(world: World) -> None:
    stories.delivered(world)
    findings, report = asked(world, "qingyang")
    assert (findings, report.checked) == ([], {"peers asked": 1})


def test_a_case_taken_out_with_all_its_seals_is_found_by_who_holds_one(world: World) -> None:
    number = stories.delivered(world)
    with world.on("qingyang"), connection.cursor() as cursor:
        for table, column in (
            ("kernel_event", "subject"), ("kernel_duty", "subject"), ("kernel_statement", "subject"),
            ("kernel_outstanding", "subject"), ("kernel_content", "subject"), ("kernel_subjectkey", "subject"),
            ("kernel_sealedhead", "subject"), ("cases_case", "matter_id"),
            ("procedures_party", "matter_id"), ("procedures_trace", "matter_id"), ("procedures_bearer", "matter_id"),
            ("procedures_handled", "matter_id"), ("letters_letter", "subject"), ("procedures_matter", "number"),
        ):  # fmt: skip
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [number])
        cursor.execute("DELETE FROM kernel_sealnode")
        cursor.execute("DELETE FROM kernel_seal WHERE node = %s", [world["qingyang"].fingerprint])
        cursor.execute("UPDATE kernel_event SET leaf = NULL")
        memo.forget()
        seal_findings = [
            f for f in journal_audit.verify_journal().findings if f.table in ("Seal", "SealNode", "Event")
        ]
        assert seal_findings == []  # alone, it notices nothing of it
    findings, _ = asked(world, "qingyang")
    assert [finding.column for finding in findings] == ["root"]
    assert "被删去或改写" in findings[0].problem


def test_a_neighbour_that_is_away_is_counted_and_accuses_nobody(world: World) -> None:
    stories.delivered(world)
    world["jiashan"].reachable = False
    findings, report = asked(world, "qingyang")
    assert (findings, report.checked, report.unasked) == ([], {}, 1)


def test_two_faces_show_where_a_third_node_passes_on_what_it_holds(world: World) -> None:
    stories.delivered(world)
    with world.on("jiashan"):
        true = seals.latest(identity.fingerprint())
        assert true is not None
        other = identity.sign({**true, "root": "sm3:" + "0" * 64})
        later = identity.sign({**true, "root": "sm3:" + "0" * 64, "size": true["size"] + 1})
    with world.on("qingyang"):
        held = seals.latest(world["jiashan"].fingerprint)
        assert held == true
        forged = {**other, "at": "2026-03-01T00:00:00.000Z"}
        for harmless in (
            true,
            later,
            forged,
            {"node": world["jiashan"].fingerprint},
            [],
            {**other, "node": "x"},
        ):
            trust.compare([harmless], world.at)
            assert Peer.objects.get().state == Peer.State.ACTIVE
        trust.compare([true, other], world.at)
        peer = Peer.objects.get()
        assert (peer.state, "互相矛盾" in peer.trouble) == (Peer.State.QUESTIONED, True)
