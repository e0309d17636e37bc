"""Which agreement counts on a day, and who may see it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.agreements.sides import MONDAY, OURS, STRANGER, THEIRS, a_document, signer, sit_at
from tongban.accounts.access.actor import Actor, ActorKind, Channel
from tongban.agreements import commands, queries
from tongban.agreements.models import Agreement
from tongban.agreements.queries import NoAgreement
from tongban.kernel.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def our_desk(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sit_at(OURS, monkeypatch)


def agreed(**changes: Any) -> Agreement:
    return commands.import_signed(document=a_document(OURS, THEIRS, **changes))


def found(on: date, *, item: str = "i", other: str = THEIRS.node) -> Agreement:
    return queries.in_force(node=OURS.node, other_node=other, item=item, offering="o", on=on)


class TestInForce:
    def test_counts_from_the_first_to_the_last_day(self) -> None:
        row = agreed(valid_to=date(2026, 12, 31))

        assert found(date(2026, 1, 1)) == found(date(2026, 12, 31)) == row
        for day in (date(2025, 12, 31), date(2027, 1, 1)):
            with pytest.raises(NoAgreement, match="没有有效的"):
                found(day)

    def test_is_the_highest_version_begun(self) -> None:
        first = agreed()
        second = agreed(version=2, powers=[], valid_from=date(2026, 6, 1))

        assert found(date(2026, 5, 31)) == first
        assert found(date(2026, 6, 1)) == second

    def test_an_older_version_brings_nothing_back(self) -> None:
        agreed()
        agreed(version=2, items=["other"], valid_from=date(2026, 6, 1), valid_to=date(2026, 7, 1))

        for day in (date(2026, 6, 2), date(2026, 8, 1)):
            with pytest.raises(NoAgreement):
                found(day)

    def test_is_over_after_its_end(self) -> None:
        row = agreed()
        commands.end(by=signer(), at=MONDAY, digest=row.digest)

        assert found(date(2026, 3, 2)) == row
        with pytest.raises(NoAgreement):
            found(date(2026, 3, 3))

    def test_a_proposal_is_not(self) -> None:
        commands.propose(by=signer(), at=MONDAY, other=THEIRS.party, powers=["receive"])
        with pytest.raises(NoAgreement):
            found(date(2026, 4, 1))

    def test_with_itself_is_another_agreement_than_with_others(self) -> None:
        agreed()
        own = commands.agree_with_self(MONDAY)

        assert found(date(2026, 4, 1), other=OURS.node) == own
        assert found(date(2026, 4, 1)) != own


class TestByDigest:
    def test_says_what_to_do_when_it_is_not_here(self) -> None:
        with pytest.raises(NotFound, match="导入"):
            queries.agreement_by_digest("00" * 32)


class TestVisibleTo:
    def test_a_peer_sees_its_own(self) -> None:
        row = agreed()
        peer = Actor(kind=ActorKind.PEER, channel=Channel.API, node=THEIRS.node)

        assert list(queries.visible_to(peer)) == [row]
        assert not queries.visible_to(replace(peer, node=STRANGER.node)).exists()

    def test_an_applicant_sees_none(self) -> None:
        agreed()
        applicant = Actor(kind=ActorKind.APPLICANT, channel=Channel.WEB, applicant="a1")
        assert not queries.visible_to(applicant).exists()
