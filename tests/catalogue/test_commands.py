"""Publishing, importing and withdrawing."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.catalogue import county
from tongban.accounts.access.actor import Actor, ActorKind, Channel, Permission
from tongban.catalogue import commands, guides, queries, seed
from tongban.catalogue.models import Guide, Item, Offering, PublishedGuideIsFixed
from tongban.kernel import identity
from tongban.kernel.crypto import keychain, signed, sm
from tongban.kernel.errors import NotFound, NotPermitted

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = sm.SoftwareKey.generate()
CHAIN = keychain.first_record(KEY, sm.SoftwareKey.generate().public, MONDAY)
OTHER_KEY = sm.SoftwareKey.generate()
OTHER_CHAIN = keychain.first_record(OTHER_KEY, sm.SoftwareKey.generate().public, MONDAY)
COUNTY = {**county.COUNTY, "node": CHAIN.root}

pytestmark = pytest.mark.django_db


def sign(document: dict[str, Any]) -> dict[str, Any]:
    return signed.sign(document, KEY, 1)


def document(**changes: Any) -> dict[str, Any]:
    (found,) = [d for d in seed.documents_for(COUNTY) if d["name"] == "学历公证"]
    return {**found, **changes}


def publisher(document: dict[str, Any]) -> Actor:
    return Actor(
        kind=ActorKind.STAFF,
        channel=Channel.DESK,
        organisation=document["organisation"]["uscc"],
        permissions=frozenset({Permission.CATALOGUE_PUBLISH}),
    )


def published(**changes: Any) -> Guide:
    content = document(**changes)
    return commands.publish_guide(document=content, by=publisher(content), at=MONDAY, sign=sign)


class TestPublishGuide:
    def test_makes_the_first_version_and_its_offering(self) -> None:
        guide = published()

        assert guide.version == 1
        assert guide.offering.node == CHAIN.root
        assert guide.digest == guides.digest(guide.body)
        assert queries.current_guide(guide.offering.code) == guide

    def test_signature_holds_over_the_stored_content(self) -> None:
        signed.check(Guide.objects.get(pk=published().pk).signed, CHAIN)

    def test_makes_a_next_version_and_keeps_the_first(self) -> None:
        identity.create(MONDAY)  # what is remembered of documents is remembered for this node
        first = published()
        second = published(pitfalls=["请先核对证书编号"])

        assert (second.version, second.offering) == (2, first.offering)
        assert second.body["form"]["$id"].endswith(":2")
        assert queries.current_guide(first.offering.code) == second
        assert queries.guide_by_digest(first.digest) == first
        assert queries.document_by_digest(first.digest) == first.body

    def test_refuses_a_version_that_says_nothing_new(self) -> None:
        published()
        with pytest.raises(commands.GuideUnchanged):
            published()

    def test_refuses_someone_of_another_organisation(self) -> None:
        stranger = replace(publisher(document()), organisation=county.code(77))
        with pytest.raises(NotPermitted):
            commands.publish_guide(document=document(), by=stranger, at=MONDAY, sign=sign)

    def test_refuses_a_post_without_the_permission(self) -> None:
        clerk = replace(publisher(document()), permissions=frozenset())
        with pytest.raises(NotPermitted):
            commands.publish_guide(document=document(), by=clerk, at=MONDAY, sign=sign)

    def test_refuses_an_unlawful_guide_and_stores_nothing(self) -> None:
        limits = {**document()["limits"], "statutory": {"n": 5, "unit": "working_day"}}
        with pytest.raises(guides.GuideInvalid, match="只能缩短"):
            published(limits=limits)
        assert not Offering.objects.exists()

    def test_names_the_national_item_where_it_is_known(self) -> None:
        commands.load_items(seed.ITEMS_FILE)
        assert published().offering.item == Item.objects.get(key="K001")


class TestPublishedGuide:
    def test_cannot_be_saved_again(self) -> None:
        guide = published()
        guide.document = "{}"
        with pytest.raises(PublishedGuideIsFixed):
            guide.save()

    def test_cannot_be_updated(self) -> None:
        published()
        with pytest.raises(PublishedGuideIsFixed):
            Guide.objects.update(document="{}")

    def test_is_guarded_by_the_database_too(self) -> None:
        published()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE catalogue_guide SET document = '{}'")


class TestImportGuide:
    def test_adopts_what_the_other_node_signed_bytes_unchanged(self) -> None:
        theirs = sign(document())
        guide = commands.import_guide(signed_document=json.loads(json.dumps(theirs)), chain=CHAIN, at=MONDAY)

        assert guide.signed == theirs
        assert guide.offering.name == "学历公证"

    def test_twice_is_once(self) -> None:
        theirs = sign(document())
        first = commands.import_guide(signed_document=theirs, chain=CHAIN, at=MONDAY)
        assert commands.import_guide(signed_document=theirs, chain=CHAIN, at=MONDAY) == first

    def test_an_older_version_that_comes_late_changes_no_name(self) -> None:
        second = guides.numbered(document(name="学历公证（新）"), 2)
        commands.import_guide(signed_document=sign(second), chain=CHAIN, at=MONDAY)
        late = commands.import_guide(signed_document=sign(document()), chain=CHAIN, at=MONDAY)

        assert late.offering.name == "学历公证（新）"
        assert queries.current_guide(late.offering.code).version == 2

    def test_refuses_what_was_altered(self) -> None:
        altered = {**sign(document()), "name": "学位公证"}
        with pytest.raises(commands.GuideNotAuthentic):
            commands.import_guide(signed_document=altered, chain=CHAIN, at=MONDAY)

    def test_refuses_a_guide_of_a_third_node(self) -> None:
        forged = signed.sign(document(), OTHER_KEY, 1)
        with pytest.raises(commands.OfferingOfAnotherNode):
            commands.import_guide(signed_document=forged, chain=OTHER_CHAIN, at=MONDAY)

    def test_refuses_a_node_that_takes_over_an_offering(self) -> None:
        published()
        claimed = signed.sign(document(node=OTHER_CHAIN.root), OTHER_KEY, 1)
        with pytest.raises(commands.OfferingOfAnotherNode):
            commands.import_guide(signed_document=claimed, chain=OTHER_CHAIN, at=MONDAY)

    def test_keeps_it_as_a_paper_of_cases_without_letting_it_count(self) -> None:
        own = published()
        claimed = signed.sign(document(node=OTHER_CHAIN.root, name="别处的名称"), OTHER_KEY, 1)
        held = commands.import_guide(signed_document=claimed, chain=OTHER_CHAIN, at=MONDAY, as_paper=True)

        assert queries.guide_by_digest(held.digest).signed == claimed
        own.offering.refresh_from_db()
        assert (own.offering.node, own.offering.name) == (CHAIN.root, "学历公证")
        assert queries.current_guide(own.offering.code) == own

    def test_counts_once_its_node_has_taken_the_place_of_the_other(self) -> None:
        own = published()
        published(pitfalls=["第二版"])
        assert commands.pass_on(node=CHAIN.root, successor=OTHER_CHAIN.root) == 1
        with pytest.raises(NotFound):
            queries.current_guide(own.offering.code)
        new = signed.sign(document(node=OTHER_CHAIN.root, name="新的名称"), OTHER_KEY, 1)
        taken = commands.import_guide(signed_document=new, chain=OTHER_CHAIN, at=MONDAY)

        assert (taken.version, taken.offering.name) == (1, "新的名称")
        assert queries.current_guide(own.offering.code) == taken
        late = sign(guides.numbered(document(pitfalls=["第三版"]), 3))
        with pytest.raises(commands.OfferingOfAnotherNode):
            commands.import_guide(signed_document=late, chain=CHAIN, at=MONDAY)

    def test_refuses_another_document_under_a_known_version(self) -> None:
        published()
        other = sign(document(pitfalls=["另一份第1版"]))
        with pytest.raises(commands.GuideMovedMeanwhile):
            commands.import_guide(signed_document=other, chain=CHAIN, at=MONDAY)


class TestWithdrawOffering:
    def test_takes_it_from_the_public_but_not_from_its_owner_or_from_cases(self) -> None:
        guide = published()
        owner = publisher(document())
        commands.withdraw_offering(code=guide.offering.code, by=owner, at=MONDAY)

        assert not queries.offerings_visible_to(Actor(ActorKind.APPLICANT, Channel.WEB)).exists()
        assert queries.offerings_visible_to(owner).exists()
        assert queries.guide_by_digest(guide.digest) == guide

    def test_refuses_someone_of_another_organisation(self) -> None:
        stranger = replace(publisher(document()), organisation=county.code(77))
        with pytest.raises(NotPermitted):
            commands.withdraw_offering(code=published().offering.code, by=stranger, at=MONDAY)

    def test_refuses_an_unknown_code(self) -> None:
        with pytest.raises(NotFound):
            commands.withdraw_offering(code="unknown", by=publisher(document()), at=MONDAY)


class TestLoadItems:
    def test_loads_all_with_their_marks_and_may_be_repeated(self) -> None:
        assert commands.load_items(seed.ITEMS_FILE) == commands.load_items(seed.ITEMS_FILE) == 109
        assert Item.objects.filter(verified=True).count() == 44
        assert Item.objects.exclude(lead_certainty=Item.Certainty.RECALL).count() == 0
        for item in Item.objects.all():
            item.full_clean()


class TestSeed:
    def test_publishes_all_once(self) -> None:
        assert len(seed.publish(COUNTY, at=MONDAY, sign=sign)) == 16
        assert seed.publish(COUNTY, at=MONDAY, sign=sign) == []


class TestQueries:
    def test_search_finds_everyday_names_in_one_place(self) -> None:
        seed.publish(COUNTY, at=MONDAY, sign=sign)

        assert [o.name for o in queries.search("上户口", division="341723")] == ["新生儿入户"]
        assert [o.name for o in queries.search("社保 转移")] == ["企业职工基本养老保险关系跨省转移接续"]
        assert not queries.search("上户口", division="510722")

    def test_unknown_offering_or_version_is_said_so(self) -> None:
        for ask in (queries.offering, queries.current_guide, queries.guide_by_digest):
            with pytest.raises(NotFound):
                ask("unknown")
