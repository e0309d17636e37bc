"""A hostile administrator changes the database by hand; the node's own chain gives it away."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests import stories
from tests.databases import undone
from tests.world import World, build
from tongban.accounts import commands as accounts
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.models import Appointment, Organisation, Person, Post
from tongban.cases.models import Case
from tongban.exchange import commands as exchange
from tongban.exchange import trust
from tongban.kernel import attempts, identity
from tongban.kernel.journal import keychanges, nodechain
from tongban.kernel.models import Event
from tongban.procedures import viewing
from tongban.procedures.audit import journal_audit
from tongban.procedures.audit.discrepancies import Report
from tongban.procedures.dossier import exporting

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Give a node with people, exports, readings, refusals and a case that another node handles; tests undo what they change."""
    with django_db_blocker.unblock():
        world = build()
        number = stories.delivered(world)
        with world.on("qingyang"):
            staff_of(world)
            case = Case.objects.get(number=number)
            clerk = world["qingyang"].staff("window")
            exporting.export(number, by=SYSTEM, at=world.at)
            exporting.export(number, by=SYSTEM, at=world.at, content_for=("李四", "复议"))
            for place in range(3):
                viewing.note(case, "sm3:" + f"{place}" * 64, by=clerk, at=world.at)
                attempts.note(code="not_permitted", doing="queue", who=f"CLERK{place}", at=world.at)
        world.at += timedelta(hours=3)
        world.watch()
        world.settle()
        yield world
        world.close()


def staff_of(world: World) -> None:
    """Add two people on two posts, change a password, end an appointment, issue a key."""
    node, at = world["qingyang"], world.at
    centre = Organisation.objects.create(
        uscc=node.centre, name="中心", short_name="中心", division_code=node.config.division,
        kind=Organisation.Kind.SERVICE_CENTRE,
    )  # fmt: skip
    posts = [
        accounts.add_post(
            organisation=centre, code=code, title=code, permissions=frozenset(), by=SYSTEM, at=at
        )
        for code in ("first", "second")
    ]
    for name in ("wang", "li"):
        person = accounts.add_person(
            username=name, password="a long enough one", name=name, post=posts[0], by=SYSTEM, at=at
        )
    ended = accounts.appoint(person=person, post=posts[1], by=SYSTEM, at=at)
    accounts.end_appointment(appointment=ended, by=SYSTEM, at=at)
    accounts.reset_password(person=person, new="another long one", by=SYSTEM, at=at)
    accounts.issue_api_key(post=posts[0], label="test", by=SYSTEM, at=at)


def audited() -> Report:
    return journal_audit.verify_journal()


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        assert cursor.rowcount, "the deed must change something"


# What the reviewer did (A2–A8), and its neighbours: SQL, and which table the audit must name.
DEEDS: dict[str, tuple[str, str]] = {
    "A2 nothing is to be sent": ("DELETE FROM kernel_outstanding", "Outstanding"),
    "A3 another epoch": ("UPDATE kernel_selfnode SET epoch = 7", "SelfNode"),
    "A3 always recovering": ("UPDATE kernel_selfnode SET recovering = NOT recovering", "SelfNode"),
    "A4 the peer's seal is gone": (
        "DELETE FROM kernel_seal WHERE node <> (SELECT fingerprint FROM kernel_selfnode)", "Seal",
    ),
    "A4 and where it came from": (
        "DELETE FROM kernel_sealedhead; "
        "DELETE FROM kernel_seal WHERE node <> (SELECT fingerprint FROM kernel_selfnode)", "Seal",
    ),
    "A5 another pseudonym": (
        "UPDATE accounts_person SET pseudonym = 'SOMEBODYELSE' WHERE username = 'li'", "Person"
    ),
    "A5 another name": (
        "UPDATE accounts_person SET name_sealed = (SELECT name_sealed FROM accounts_person WHERE username = 'li')"
        " WHERE username = 'wang'", "Person",
    ),
    "a password of one's own": (
        "UPDATE accounts_person SET password = 'md5$x$y' WHERE username = 'wang'", "Person"
    ),
    "a power for a post": ("UPDATE accounts_post SET permissions = '[\"case.decide\"]' WHERE code = 'first'", "Post"),
    "a post taken back up": ("UPDATE accounts_appointment SET ends_at = NULL WHERE ends_at IS NOT NULL", "Appointment"),
    "a key revoked for nobody": ("UPDATE accounts_apikey SET label = 'other'", "ApiKey"),
    "A6 no exports": ("DELETE FROM procedures_dossierexport", "DossierExport"),
    "A6 one export fewer": ("DELETE FROM procedures_dossierexport WHERE with_content", "DossierExport"),
    "A6 an export by another": ("UPDATE procedures_dossierexport SET staff = 'X'", "DossierExport"),
    "A6 no readings": ("DELETE FROM kernel_access WHERE content <> ''", "Access"),
    "A6 one reading fewer": (
        "DELETE FROM kernel_access WHERE id = (SELECT min(id) + 1 FROM kernel_access)", "Access"
    ),
    "A6 a reading by another": ("UPDATE kernel_access SET who = 'X' WHERE content <> ''", "Access"),
    "a reading from elsewhere": ("UPDATE kernel_access SET session = 'X' WHERE content <> ''", "Access"),
    "no attempts": ("DELETE FROM kernel_access WHERE result <> 'ok'", "Access"),
    "fewer attempts": ("UPDATE kernel_access SET count = count + 1 WHERE result <> 'ok'", "Access"),
    "a refusal that was none": ("UPDATE kernel_access SET result = 'ok' WHERE result <> 'ok'", "Access"),
    "A7 an empty year": ("UPDATE kernel_calendaryear SET data = '{}' WHERE year = 2026", "CalendarYear"),
    "A7 a year less": ("DELETE FROM kernel_calendaryear WHERE year = 2026", "CalendarYear"),
    "A8 a peer paused": ("UPDATE exchange_peer SET state = 'paused'", "Peer"),
    "A8 a peer elsewhere": ("UPDATE exchange_peer SET url = 'http://evil.test'", "Peer"),
    "A8 no peer": ("DELETE FROM exchange_peer", "Peer"),
    "an agreement ended": (
        "UPDATE agreements_agreement SET state = 'ended', ended_on = '2026-03-01'", "Agreement"
    ),
    "the chain's last entry": (
        "DELETE FROM kernel_event WHERE procedure = 'node' AND seq = "
        "(SELECT max(seq) FROM kernel_event WHERE procedure = 'node')", "Event",
    ),
    "an entry from the middle": ("DELETE FROM kernel_event WHERE procedure = 'node' AND seq = 5", "Event"),
    "the whole chain": ("DELETE FROM kernel_event WHERE procedure = 'node'", "Event"),
    "another chain": ("UPDATE kernel_selfnode SET journal = ''", "Event"),
    "an entry without its body": ("UPDATE kernel_event SET body = '' WHERE procedure = 'node' AND seq = 3", "Event"),
    "an entry of another kind": (
        "UPDATE kernel_event SET kind = 'peer_removed' WHERE procedure = 'node' AND seq = 3", "Event"
    ),
    "an entry of a case": ("UPDATE kernel_event SET procedure = 'case' WHERE procedure = 'node' AND seq = 3", "Event"),
    "an entry of another matter": ("UPDATE kernel_event SET subject = 'X' WHERE procedure = 'node' AND seq = 3", "Event"),
    "an entry not sealed": ("UPDATE kernel_event SET leaf = NULL WHERE procedure = 'node' AND seq = 3", "Event"),
}  # fmt: skip


class TestHostileAdministrator:
    def test_an_untouched_node_audits_clean(self, story: World) -> None:
        for node in story.nodes:
            with story.on(node):
                assert not [str(finding) for finding in audited().findings]
        with story.on("qingyang"):
            checked = audited().checked
        assert {
            "Person",
            "Post",
            "Appointment",
            "ApiKey",
            "DossierExport",
            "Access",
        } <= checked.keys()

    @pytest.mark.parametrize("deed", DEEDS)
    def test_is_found_out(self, story: World, deed: str) -> None:
        sql, table = DEEDS[deed]
        with story.on("qingyang"), undone():
            for one in sql.split(";"):
                execute(one)
            found = audited().findings
        assert table in {finding.table for finding in found}, [str(finding) for finding in found]

    def test_a_row_added_by_hand_is_found(self, story: World) -> None:
        with story.on("qingyang"), undone():
            person, post = Person.objects.get(username="wang"), Post.objects.get(code="second")
            row = Appointment.objects.create(person=person, post=post, starts_at=story.at)
            found = audited().findings
        assert ("Appointment", str(row.pk)) in {(finding.table, finding.key) for finding in found}

    def test_a_reading_put_between_is_found(self, story: World) -> None:
        with story.on("qingyang"), undone():
            execute("UPDATE kernel_access SET id = id + 1000 WHERE id = (SELECT max(id) FROM kernel_access)")
            assert "Access" in {finding.table for finding in audited().findings}

    def test_an_entry_written_anew_is_found_by_the_seal(self, story: World) -> None:
        with story.on("qingyang"), undone():
            row = Event.objects.filter(procedure="node").order_by("-seq").first()
            assert row is not None
            entry = nodechain.entry_of(row)
            leaf = row.leaf
            row.delete()
            written = nodechain.write(entry.kind, given=entry.given, at=entry.at)
            assert written is not None
            Event.objects.filter(pk=written.pk).update(leaf=leaf)
            found = audited().findings
        assert "SealNode" in {finding.table for finding in found}


class TestLawfulChanges:
    """What the program itself does leaves nothing to find."""

    @pytest.mark.parametrize(
        "deed",
        [
            lambda world, node: exchange.pause(node=node, by=world["qingyang"].operator(), at=world.at),
            lambda world, node: exchange.remove(node=node, by=world["qingyang"].operator(), at=world.at),
            lambda world, node: trust.question(node, "because", world.at),
            lambda world, node: keychanges.rotate(world.at),
            lambda world, node: accounts.deactivate_person(
                person=Person.objects.get(username="li"), by=SYSTEM, at=world.at
            ),
        ],
        ids=["pause", "remove", "question", "rotate", "deactivate"],
    )
    def test_audit_clean(self, story: World, deed: Callable[[World, str], object]) -> None:
        with story.on("qingyang"), undone():
            deed(story, story["jiashan"].fingerprint)
            found = audited().findings
        assert not [str(finding) for finding in found]


class TestRestore:
    def test_a_restored_node_audits_clean(self, world: World) -> None:
        from tongban.exchange import epochs

        stories.forwarded(world)
        with world.on("qingyang"):
            me = identity.row()
            me.epoch, me.recovering, me.restored_at = 2, True, world.at
            me.save()
            nodechain.write("epoch_begun", given={"epoch": 2}, at=world.at)
            assert not [str(finding) for finding in audited().findings]
            while not epochs.recover(world.at):
                world.at += timedelta(seconds=1)
                world.round("jiashan")
        world.settle()
        with world.on("qingyang"):
            assert not [str(finding) for finding in audited().findings]
            assert [entry.given["epoch"] for entry in nodechain.entries(kind="epoch_declared")] == [2]
