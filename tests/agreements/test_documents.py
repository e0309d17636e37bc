"""What an agreement must say, and whose signatures it must carry."""

from datetime import date
from typing import Any

import pytest

from tests.agreements.sides import CHAINS, OURS, STRANGER, THEIRS, a_document
from tongban.agreements import documents
from tongban.agreements.documents import AgreementInvalid, AgreementNotAuthentic
from tongban.cases.procedure import DUTIES
from tongban.cases.words import Power


class TestWords:
    def test_powers_are_those_the_rules_ask_for(self) -> None:
        assert set(documents.POWERS) == set(Power)

    def test_segments_are_those_the_rules_measure(self) -> None:
        measured = {rule.segment for rule in DUTIES.values() if rule.segment}
        assert documents.SEGMENTS.keys() - measured <= {"post", "decision"}
        assert len(set(documents.SEGMENTS.values())) == len(documents.SEGMENTS)


class TestBuild:
    def test_gives_the_same_content_one_digest(self) -> None:
        one = a_document(powers=["verify", "receive"], items=["b", "a"])
        other = a_document(powers=["receive", "verify", "receive"], items=["a", "b"])

        assert documents.digest_of(one) == documents.digest_of(other)

    def test_leaves_signatures_out_of_the_digest(self) -> None:
        assert documents.digest_of(a_document()) == documents.digest_of(a_document(OURS, THEIRS))

    @pytest.mark.parametrize(
        "changes, fault",
        [
            ({"powers": ["rule_the_world"]}, "授权只能是"),
            ({"limits": {"push": 0}}, "时限只能为"),
            ({"limits": {"notice": 3}}, "时限只能为"),
            ({"limits": {"push": True}}, "时限只能为"),
            ({"items": []}, "事项应为"),
            ({"items": "all"}, "事项应为"),
            ({"version": 0}, "版本号"),
            ({"agreement_id": "a b"}, "协议编号"),
            ({"valid_to": date(2025, 12, 31)}, "有效期"),
            ({"parties": (OURS.party, {**THEIRS.party, "node": "x"})}, "双方"),
            ({"parties": (OURS.party, {**OURS.party, "name": "另一名称"})}, "双方"),
        ],
    )
    def test_names_what_is_wrong(self, changes: dict[str, Any], fault: str) -> None:
        with pytest.raises(AgreementInvalid, match=fault):
            a_document(**changes)

    @pytest.mark.parametrize("value", [None, [], {}, {"format": "tongban-agreement/2"}])
    def test_anything_else_is_no_agreement(self, value: Any) -> None:
        assert documents.validate(value)


class TestCheck:
    def test_passes_what_both_have_signed(self) -> None:
        documents.check(a_document(OURS, THEIRS), CHAINS)

    def test_passes_the_agreement_of_a_node_with_itself(self) -> None:
        documents.check(a_document(OURS, parties=(OURS.party, OURS.party)), CHAINS)

    def test_misses_a_signature(self) -> None:
        with pytest.raises(AgreementNotAuthentic, match="缺少"):
            documents.check(a_document(OURS), CHAINS)

    def test_finds_changed_content(self) -> None:
        document = {**a_document(OURS, THEIRS), "powers": ["decide"]}
        with pytest.raises(AgreementNotAuthentic):
            documents.check(document, CHAINS)

    def test_finds_a_signature_by_another_key(self) -> None:
        forged = documents.sign_for(a_document(OURS), THEIRS.node, STRANGER.sign)
        with pytest.raises(AgreementNotAuthentic, match="签名与文件内容不符"):
            documents.check(forged, CHAINS)

    def test_finds_a_wrong_signature_that_nobody_asked_for(self) -> None:
        forged = documents.sign_for(a_document(OURS), THEIRS.node, STRANGER.sign)
        with pytest.raises(AgreementNotAuthentic):
            documents.check(forged, CHAINS, signers={OURS.node})

    def test_finds_one_party_s_signature_shown_as_the_other_s(self) -> None:
        document = a_document(OURS)
        document["signatures"][THEIRS.node] = document["signatures"][OURS.node]
        with pytest.raises(AgreementNotAuthentic, match="别的内容"):
            documents.check(document, CHAINS)

    def test_refuses_signatures_of_others(self) -> None:
        document = a_document(OURS, THEIRS)
        document["signatures"][STRANGER.node] = document["signatures"][OURS.node]
        with pytest.raises(AgreementInvalid, match="双方以外"):
            documents.check(document, CHAINS)

    def test_a_stranger_cannot_sign(self) -> None:
        with pytest.raises(AgreementInvalid, match="不是协议一方"):
            a_document(STRANGER)


class TestCovers:
    def test_all_items(self) -> None:
        assert documents.covers(a_document(), item="i", offering="o")

    @pytest.mark.parametrize("named, expected", [(["i"], True), (["o"], True), (["x"], False)])
    def test_an_item_or_an_offering(self, named: list[str], expected: bool) -> None:
        assert documents.covers(a_document(items=named), item="i", offering="o") is expected
