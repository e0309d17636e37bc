"""Two nodes agree, and one of them ends it."""

from datetime import date

import pytest

from tests.agreements.sides import MONDAY, OURS, STRANGER, THEIRS, a_document, signer, sit_at
from tongban.accounts.access.actor import SYSTEM, Permission
from tongban.agreements import commands, documents, queries
from tongban.agreements.commands import AgreementContradicts
from tongban.agreements.documents import AgreementInvalid, AgreementNotAuthentic
from tongban.agreements.models import Agreement
from tongban.kernel.errors import NotPermitted

pytestmark = pytest.mark.django_db
State = Agreement.State


@pytest.fixture(autouse=True)
def our_desk(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sit_at(OURS, monkeypatch)


def proposed() -> Agreement:
    return commands.propose(by=signer(), at=MONDAY, other=THEIRS.party, powers=["receive"])


class TestPropose:
    def test_waits_for_the_other_side(self) -> None:
        row = proposed()

        assert row.state == State.PROPOSED
        assert row.valid_from == date(2026, 3, 2)
        documents.check(row.document, {OURS.node: OURS.chain}, signers={OURS.node})

    def test_continues_an_agreement_with_the_next_version(self) -> None:
        first = proposed()
        second = commands.propose(
            by=signer(), at=MONDAY, other=THEIRS.party, powers=[], agreement_id=first.agreement_id
        )
        assert second.version == 2

    def test_refuses_the_number_of_an_agreement_with_others(self) -> None:
        first = proposed()
        with pytest.raises(AgreementContradicts):
            commands.propose(
                by=signer(), at=MONDAY, other=STRANGER.party, powers=[], agreement_id=first.agreement_id
            )

    @pytest.mark.parametrize("by", [signer(Permission.CASE_FILE), signer(organisation="11341723MB0000009X")])
    def test_refuses_who_may_not_sign_for_the_node(self, by: object) -> None:
        with pytest.raises(NotPermitted):
            commands.propose(by=by, at=MONDAY, other=THEIRS.party, powers=[])  # type: ignore[arg-type]
        assert not Agreement.objects.exists()


class TestCountersign:
    def test_is_in_force_on_both_sides(self, monkeypatch: pytest.MonkeyPatch) -> None:
        proposal = proposed()

        sit_at(THEIRS, monkeypatch)
        Agreement.objects.all().delete()
        theirs = commands.countersign(by=signer(), at=MONDAY, document=proposal.document)
        assert theirs.state == State.IN_FORCE

        sit_at(OURS, monkeypatch)
        Agreement.objects.all().delete()
        proposal.save(force_insert=True)
        ours = commands.import_signed(document=theirs.document)
        assert (ours.pk, ours.state, ours.digest) == (proposal.pk, State.IN_FORCE, theirs.digest)
        assert ours.raw == theirs.raw

    def test_refuses_what_the_proposer_has_not_signed(self) -> None:
        with pytest.raises(AgreementNotAuthentic):
            commands.countersign(by=signer(), at=MONDAY, document=a_document())

    def test_refuses_an_agreement_of_others(self) -> None:
        document = a_document(THEIRS, parties=(THEIRS.party, THEIRS.party))
        with pytest.raises(AgreementInvalid, match="不是协议一方"):
            commands.countersign(by=signer(), at=MONDAY, document=document)

    def test_of_two_texts_for_one_version_only_one_is_agreed(self) -> None:
        commands.countersign(by=signer(), at=MONDAY, document=a_document(THEIRS))
        other = a_document(THEIRS, powers=["decide"])

        with pytest.raises(AgreementContradicts):
            commands.countersign(by=signer(), at=MONDAY, document=other)


class TestImport:
    def test_twice_is_once(self) -> None:
        document = a_document(OURS, THEIRS)
        assert commands.import_signed(document=document) == commands.import_signed(document=document)

    def test_refuses_what_one_side_has_not_signed(self) -> None:
        with pytest.raises(AgreementNotAuthentic):
            commands.import_signed(document=a_document(THEIRS))
        assert not Agreement.objects.exists()


class TestEnd:
    def test_keeps_the_agreement_for_cases_that_pinned_it(self) -> None:
        row = commands.import_signed(document=a_document(OURS, THEIRS))

        ended = commands.end(by=signer(), at=MONDAY, digest=row.digest)

        assert (ended.state, ended.ended_on) == (State.ENDED, date(2026, 3, 2))
        assert queries.agreement_by_digest(row.digest) == ended

    def test_refuses_to_end_twice(self) -> None:
        row = commands.import_signed(document=a_document(OURS, THEIRS))
        commands.end(by=signer(), at=MONDAY, digest=row.digest)
        with pytest.raises(AgreementContradicts):
            commands.end(by=signer(), at=MONDAY, digest=row.digest)

    def test_refuses_a_day_that_has_passed(self) -> None:
        row = commands.import_signed(document=a_document(OURS, THEIRS))
        with pytest.raises(AgreementInvalid, match="不得早于今天"):
            commands.end(by=signer(), at=MONDAY, digest=row.digest, last_day=date(2026, 3, 1))

    def test_is_heard_from_the_other_side(self) -> None:
        row = commands.import_signed(document=a_document(OURS, THEIRS))
        notice = THEIRS.sign(documents.end_notice(row.document, THEIRS.node, date(2026, 4, 1)))

        assert commands.import_end(notice=notice).ended_on == date(2026, 4, 1)
        assert commands.import_end(notice=notice).state == State.ENDED

    def test_is_not_heard_from_anybody_else(self) -> None:
        row = commands.import_signed(document=a_document(OURS, THEIRS))
        notice = STRANGER.sign(documents.end_notice(row.document, THEIRS.node, date(2026, 4, 1)))
        with pytest.raises(AgreementNotAuthentic):
            commands.import_end(notice=notice)


class TestAgreeWithSelf:
    def test_gives_all_powers_for_all_items_once(self) -> None:
        row = commands.agree_with_self(MONDAY)

        assert set(row.document["powers"]) == set(documents.POWERS)
        assert row.state == State.IN_FORCE
        assert commands.agree_with_self(MONDAY) == row
        documents.check(row.document, {OURS.node: OURS.chain})
        assert list(queries.visible_to(SYSTEM)) == [row]
