"""
The forger of these tests exports a dossier and has its own node's key: it computes every hash again, signs the
file and its own statements and seals anew. What it lacks is the other node's key.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.cases import dossiers
from tests.cases.dossiers import Node, Story
from tests.forging import after
from tongban.accounts.access.actor import SYSTEM
from tongban.cases.words import Act, Role
from tongban.kernel.crypto import canon, digest, keychain, signed, sm
from tongban.kernel.journal import events, merkle
from tongban.procedures.dossier import verifier
from tongban.procedures.dossier.verifier import CONTESTED, HOLDS, NO_ROOTS, TOO_NEW, WRONG, Verdict

Document = dict[str, Any]
FLIPS = 1000

STORY = dossiers.delivered()
OTHER = dossiers.delivered(
    dossiers.number_of("341723", STORY.intake.id, 2), dossiers.START + dossiers.timedelta(minutes=7)
)
ROOTS = {node.id for node in STORY.nodes}
# Every forgery is tried by either side, on its own half of the story and on the other's.
FORGERS = pytest.mark.parametrize("forger", STORY.nodes, ids=["intake forges", "handling forges"])
HALVES = pytest.mark.parametrize("half", ["intake/1", "handling/1"])


def opened(document: Document) -> list[Document]:
    """Return the events, each with its body beside it (`told`), so that a forger can change either."""
    return [{**event, "told": deepcopy(document["bodies"][event["body"]])} for event in document["events"]]


def rewritten(documents: list[Document]) -> tuple[list[Document], Document]:
    """Number and hash events and bodies again, so that chains, `prev` and `seen` fit each other as well as they can."""
    heads: dict[str, tuple[int, str]] = {}
    renamed: dict[str, list[Any]] = {}
    bodies: Document = {}
    for document in sorted(documents, key=lambda document: document["at"]):
        chain = f"{document['role']}/{document['term']}"
        genesis = events.genesis(
            document["procedure"], document["subject"], document["role"], document["term"]
        )
        seq, head = heads.get(chain, (0, genesis))
        old, told = document.pop("hash"), document.pop("told")
        document |= {"seq": seq + 1, "prev": head, "body": digest.tagged(events.BODY_FORMAT, told)}
        document["seen"] = {
            other: renamed.get(seen[1]) or list(heads.get(other, seen))
            for other, seen in document["seen"].items()
        }
        document["hash"] = digest.tagged(document["format"], document)
        heads[chain] = (seq + 1, document["hash"])
        renamed[old] = [seq + 1, document["hash"]]
        bodies[document["body"]] = told
    documents.sort(key=lambda event: (event["role"] != "intake", event["term"], event["seq"]))
    return documents, bodies


def sealed(document: Document, node: Node, seal: Document) -> tuple[Document, list[Document]]:
    """Return a seal over all events of a node that a file shows, and where it holds each."""
    own = [event for event in document["events"] if event["node"] == node.id]
    leaves = [merkle.leaf_hash(digest.raw(event["hash"])) for event in own]

    def get(level: int, index: int) -> bytes:
        return merkle.root(leaves[index << level : (index + 1) << level])

    inclusion = [
        {
            "chain": f"{event['role']}/{event['term']}", "seq": event["seq"], "leaf": leaf,
            "path": [digest.write(step) for step in merkle.inclusion_proof(leaf, len(leaves), get)],
        }
        for leaf, event in enumerate(own)
    ]  # fmt: skip
    root = digest.write(merkle.root(leaves))
    return node.sign({**signed.without_signatures(seal), "size": len(leaves), "root": root}), inclusion


def signed_again(document: Document, forger: Node) -> bytes:
    """Replace the forger's statements and seals by ones that fit, and sign the whole."""
    heads: Document = {}
    for event in document["events"]:
        heads[f"{event['role']}/{event['term']}"] = [event["seq"], event["hash"]]
    closing = {
        "format": "tongban-heads/2", "procedure": document["procedure"], "subject": document["subject"],
        "signer": forger.id, "at": document["at"], "heads": heads, "keys": dict.fromkeys(document["nodes"], 1),
    }  # fmt: skip
    others = [statement for statement in document["statements"] if statement["signer"] != forger.id]
    document["statements"] = [*others, forger.sign(closing)]
    part = document["seals"]
    seal, part["inclusion"] = sealed(document, forger, part["own"][-1])
    part["own"], part["proofs"] = [seal], []
    return canon.encode(forger.sign(signed.without_signatures(document)))


def forged(forger: Node, change: Callable[[list[Document]], list[Document]]) -> Verdict:
    """Return the verdict on a dossier whose events the forger has changed, everything else made to fit."""
    document = STORY.document(forger)
    document["events"], document["bodies"] = rewritten(change(opened(document)))
    return verifier.verify(signed_again(document, forger), ROOTS)


def places(documents: list[Document], half: str) -> list[int]:
    return [i for i, event in enumerate(documents) if f"{event['role']}/{event['term']}" == half]


def expect_wrong(verdict: Verdict, where: str = "", why: str = "") -> None:
    assert not verdict.ok
    assert verdict.code == WRONG
    assert where in verdict.findings[0].where, verdict.findings
    assert why in verdict.findings[0].problem, verdict.findings


class TestTrueDossiers:
    @pytest.mark.parametrize("exporter", STORY.nodes, ids=["by intake", "by handling"])
    @pytest.mark.parametrize("with_content", [False, True])
    def test_hold_with_trusted_roots(self, exporter: Node, with_content: bool) -> None:
        verdict = verifier.verify(STORY.export(exporter, with_content=with_content), ROOTS)
        assert (verdict.ok, verdict.code, verdict.findings, verdict.remarks) == (True, HOLDS, (), ())
        assert verdict.summary["phase_name"] == "已送达"

    def test_without_roots_show_the_fingerprints_to_compare(self) -> None:
        verdict = verifier.verify(STORY.export(STORY.intake), None)
        assert (verdict.ok, verdict.code) == (True, NO_ROOTS)
        assert verdict.fingerprints.keys() == ROOTS

    def test_roots_may_be_written_in_groups(self) -> None:
        roots = [keychain.fingerprint_groups(root).upper() for root in ROOTS]
        assert verifier.verify(STORY.export(STORY.intake), roots).code == HOLDS

    def test_a_node_nobody_vouches_for_is_named(self) -> None:
        verdict = verifier.verify(STORY.export(STORY.intake), [STORY.intake.id])
        expect_wrong(verdict, "节点", STORY.handling.id)

    def test_a_case_under_way_is_told_as_far_as_it_went(self) -> None:
        story = Story()
        story.file_and_forward()
        verdict = verifier.verify(story.export(story.handling), ROOTS)
        assert (verdict.code, verdict.summary["phase"]) == (HOLDS, "forwarded")

    def test_acts_of_two_sides_at_once_are_judged_by_what_each_had_seen(self) -> None:
        story = Story()
        story.file_and_forward()
        story.act(story.handling, Act.ACKNOWLEDGE, Role.HANDLING)
        story.act(story.intake, Act.REQUEST_WITHDRAWAL, Role.INTAKE)
        story.act(story.handling, Act.ACCEPT, Role.HANDLING)
        story.deliver(story.handling, story.intake)
        story.deliver(story.intake, story.handling)
        for exporter in story.nodes:
            assert verifier.verify(story.export(exporter), ROOTS).findings == ()

    def test_an_older_dossier_stays_true_as_far_as_it_goes(self) -> None:
        """What nobody else has seen yet can be left out: docs/protocol.md §17 says so openly."""
        story = Story()
        story.file_and_forward()
        older = story.export(story.intake)
        story.decide()
        assert verifier.verify(older, ROOTS).code == HOLDS

    def test_destroyed_content_leaves_the_proof(self) -> None:
        story = dossiers.delivered()
        dossiers.disposed(story, story.handling, Role.HANDLING)
        story.deliver(story.handling, story.intake)
        verdict = verifier.verify(story.export(story.intake), ROOTS)
        assert verdict.code == HOLDS
        assert verdict.summary["destroyed"] == {"handling": {"ground": "expired", "on": "2037-06-04"}}
        assert "销毁" in verdict.remarks[0]


@FORGERS
class TestForgeries:
    @HALVES
    def test_an_event_dropped(self, forger: Node, half: str) -> None:
        def drop(documents: list[Document]) -> list[Document]:
            del documents[places(documents, half)[3]]
            return documents

        expect_wrong(forged(forger, drop))

    @HALVES
    def test_two_events_exchanged(self, forger: Node, half: str) -> None:
        def exchange(documents: list[Document]) -> list[Document]:
            first, second = (documents[place] for place in places(documents, half)[2:4])
            first["at"], second["at"] = second["at"], first["at"]
            return documents

        expect_wrong(forged(forger, exchange))

    @HALVES
    def test_a_word_changed(self, forger: Node, half: str) -> None:
        def change(documents: list[Document]) -> list[Document]:
            documents[places(documents, half)[4]]["told"]["actor"]["staff"] = "9" * 26
            return documents

        expect_wrong(forged(forger, change), half, "签过的不同")

    @HALVES
    def test_an_event_spliced_in_from_another_case(self, forger: Node, half: str) -> None:
        def splice(documents: list[Document]) -> list[Document]:
            theirs = opened(OTHER.document(OTHER.intake))
            stranger = theirs[places(theirs, half)[3]] | {"subject": STORY.number}
            documents.insert(places(documents, half)[4], stranger)
            return documents

        expect_wrong(forged(forger, splice))

    @HALVES
    def test_the_tail_cut_off(self, forger: Node, half: str) -> None:
        def cut(documents: list[Document]) -> list[Document]:
            del documents[places(documents, half)[-1]]
            return documents

        # What handling wrote last says that intake's last news arrived: without it, it closes what is not there.
        where = {
            "intake/1": ("handling/1 第 8 条（arrive）", "B6"),
            "handling/1": ("handling/1", "链尾被截去"),
        }
        expect_wrong(forged(forger, cut), *where[half])

    def test_the_tail_cut_off_with_the_statements_that_tell(self, forger: Node) -> None:
        """What the other side wrote after having seen the tail still tells of it."""
        document = STORY.document(forger)
        gone = document["events"].pop(places(document["events"], "intake/1")[-1])
        document["statements"] = [
            s for s in document["statements"] if s["heads"].get("intake/1", [0])[0] < gone["seq"]
        ]  # fmt: skip
        expect_wrong(verifier.verify(signed_again(document, forger), ROOTS))

    def test_a_tail_grown_onto_the_other_half(self, forger: Node) -> None:
        other = next(node for node in STORY.nodes if node is not forger)

        def grow(documents: list[Document]) -> list[Document]:
            last = deepcopy([event for event in documents if event["node"] == other.id][-1])
            last |= {
                "kind": "urge", "at": "2026-03-02T23:30:00.000Z", "hash": f"sm3:{0:064}", "effects": {}, "content": [],
                "told": {**last["told"], "labels": []},
            }  # fmt: skip
            return [*documents, last]

        expect_wrong(forged(forger, grow), why="没有其节点的有效签名")

    @HALVES
    def test_another_case_s_half(self, forger: Node, half: str) -> None:
        def exchange(documents: list[Document]) -> list[Document]:
            theirs = opened(OTHER.document(OTHER.intake))
            mine = [event for place, event in enumerate(documents) if place not in places(documents, half)]
            return [*mine, *(theirs[place] | {"subject": STORY.number} for place in places(theirs, half))]

        verdict = forged(forger, exchange)
        own = {"intake/1": STORY.intake, "handling/1": STORY.handling}[half] is forger
        expect_wrong(verdict, half, "" if own else "签过的不同")

    def test_another_case_s_half_as_it_is(self, forger: Node) -> None:
        document = STORY.document(forger)
        theirs = OTHER.document(OTHER.intake)
        first = places(document["events"], "handling/1")[0]
        document["events"][first:] = theirs["events"][first:]
        document["bodies"] |= theirs["bodies"]
        expect_wrong(verifier.verify(signed_again(document, forger), ROOTS), "handling/1", "另一事项")

    def test_a_seal_that_does_not_extend(self, forger: Node) -> None:
        document = STORY.document(forger)
        own = document["seals"]["own"]
        own[0] = forger.sign({**signed.without_signatures(own[0]), "root": f"sm3:{0:064}"})
        expect_wrong(verifier.verify(canon.encode(forger.sign(document)), ROOTS), "封存声明", "延续")

    def test_a_seal_that_lacks_an_event(self, forger: Node) -> None:
        document = STORY.document(forger)
        document["seals"]["inclusion"][2]["leaf"] += 1
        expect_wrong(verifier.verify(canon.encode(forger.sign(document)), ROOTS), why="封存之中")

    def test_the_key_exchanged_and_all_signed_again(self, forger: Node) -> None:
        """The other node's key is replaced from the root: everything fits, but the fingerprint is another."""
        other = next(node for node in STORY.nodes if node is not forger)
        impostor = dossiers.delivered().nodes[STORY.nodes.index(other)]
        impostor.key = sm.SoftwareKey.generate()
        impostor.chain = keychain.first_record(impostor.key, impostor.wrap.public, dossiers.START)
        whole = STORY.document(forger)
        whole["events"] = opened(whole)
        text = canon.encode(whole).decode().replace(other.id, impostor.id)
        if other is STORY.intake:  # the number commits to who founds: another founder, another number
            text = text.replace(STORY.number, dossiers.number_of("341723", impostor.id))
        # Another id may sort elsewhere, so the text need not be canonical until it is written again.
        document = resigned_papers(json.loads(text), forger, impostor)
        document |= {"nodes": {node.id: node.chain.documents() for node in (forger, impostor)}}
        document["events"], document["bodies"] = rewritten(document["events"])
        seal, inclusion = sealed(document, impostor, document["seals"]["peers"][-1]["seal"])
        document["seals"]["peers"] = [{"seal": seal, "inclusion": inclusion}]
        document["statements"] = []
        document = canon.decode(signed_again(document, forger))  # type: ignore[assignment]
        heads = document["statements"][-1]
        document["statements"] = [
            heads,
            impostor.sign({**signed.without_signatures(heads), "signer": impostor.id}),
        ]
        raw = canon.encode(forger.sign(signed.without_signatures(document)))
        assert verifier.verify(raw, None).code == NO_ROOTS, verifier.verify(raw, None).findings
        assert impostor.id in verifier.verify(raw, None).fingerprints
        expect_wrong(verifier.verify(raw, ROOTS), "节点", impostor.id)

    def test_a_next_key_that_the_old_one_did_not_sign(self, forger: Node) -> None:
        document = STORY.document(forger)
        other = next(node for node in STORY.nodes if node is not forger)
        rogue = sm.SoftwareKey.generate()
        longer = keychain.next_record(
            other.chain, other.key, rogue, sm.SoftwareKey.generate().public, STORY.at
        )
        records = longer.documents()
        message = digest.tagged_bytes(keychain.FORMAT, longer.current.content())
        records[1]["signature"] = f"sm2:{rogue.sign(message).hex()}"
        document["nodes"][other.id] = records
        expect_wrong(verifier.verify(canon.encode(forger.sign(document)), ROOTS), "节点", "前一密钥的签名")


def resigned_papers(document: Document, forger: Node, impostor: Node) -> Document:
    """Make guide and agreement fit a new key of the other node, with new digests wherever they are named."""
    papers: Document = {}
    text = json.dumps({name: value for name, value in document.items() if name != "papers"})
    for name, paper in document["papers"].items():
        if paper["format"] == "tongban-guide/2":
            author = impostor if paper["node"] == impostor.id else forger
            again = author.sign(signed.without_signatures(paper))
            new = digest.tagged("tongban-guide/2", signed.without_signatures(again))
        else:
            again = {**paper, "signatures": {}}
            for node in (forger, impostor):
                again = dossiers.agreements.sign_for(again, node.id, node.sign)
            new = dossiers.agreements.digest_of(again)
        text, papers[new] = text.replace(name, new), again
    return json.loads(text) | {"papers": papers}


class TestAltered:
    @pytest.mark.prove("every bit of a dossier")
    def test_any_single_bit_flipped_is_found(self) -> None:
        raw, chance = STORY.export(STORY.intake, with_content=True), random.Random(20260302)
        for _ in range(FLIPS):
            place, bit = chance.randrange(len(raw)), chance.randrange(8)
            altered = bytearray(raw)
            altered[place] ^= 1 << bit
            verdict = verifier.verify(bytes(altered), ROOTS)
            assert verdict.code == WRONG, (place, bit)
            assert verdict.findings

    def test_a_changed_event_is_named(self) -> None:
        document = STORY.document(STORY.intake)
        place = places(document["events"], "handling/1")[1]
        document["events"][place]["epoch"] = 2
        verdict = verifier.verify(canon.encode(STORY.intake.sign(document)), ROOTS)
        expect_wrong(verdict, "handling/1 第 2 条（acknowledge）", "hash")

    def test_a_changed_body_is_named(self) -> None:
        document = STORY.document(STORY.intake)
        event = document["events"][places(document["events"], "handling/1")[1]]
        document["bodies"][event["body"]]["actor"]["staff"] = "9" * 26
        verdict = verifier.verify(canon.encode(STORY.intake.sign(document)), ROOTS)
        expect_wrong(verdict, "handling/1 第 2 条（acknowledge）", "body")

    def test_a_body_left_out_that_nobody_redacted_is_named(self) -> None:
        document = STORY.document(STORY.intake)
        event = document["events"][places(document["events"], "handling/1")[1]]
        del document["bodies"][event["body"]]
        verdict = verifier.verify(canon.encode(STORY.intake.sign(document)), ROOTS)
        expect_wrong(verdict, "handling/1 第 2 条（acknowledge）", "附文缺失")

    def test_a_body_too_many_is_named(self) -> None:
        document = STORY.document(STORY.intake)
        document["bodies"][f"sm3:{0:064}"] = next(iter(document["bodies"].values()))
        expect_wrong(verifier.verify(canon.encode(STORY.intake.sign(document)), ROOTS), "附文")

    def test_changed_content_is_named(self) -> None:
        document = STORY.document(STORY.intake, with_content=True)
        name = next(iter(document["content"]))
        document["content"][name] = "AAAA" + document["content"][name][4:]
        expect_wrong(verifier.verify(canon.encode(STORY.intake.sign(document)), ROOTS), why="加盐摘要")

    @pytest.mark.parametrize("name", sorted(dossiers.dossierfile.MEMBERS))
    def test_a_part_of_another_shape_is_refused_without_a_crash(self, name: str) -> None:
        for value in (None, 1, "x", [], {}, [[]], {"x": []}, [{"heads": 1}]):
            document = STORY.document(STORY.intake) | {name: value}
            raw = (
                canon.encode(document) if name == "signatures" else canon.encode(STORY.intake.sign(document))
            )
            if name == "content" and not value and value != []:
                continue
            if name == "epochs" and value == []:
                continue
            if name == "tables" and value == {}:
                continue  # the verifier has its own of what the events name
            assert verifier.verify(raw, ROOTS).code == WRONG, value

    @pytest.mark.parametrize(
        "data", [b"", b"{}", b"[]", b"\xff", b'{"format":"tongban-dossier/2"}', b"1" * 5000]
    )
    def test_what_is_no_dossier_is_said_to_be_none(self, data: bytes) -> None:
        expect_wrong(verifier.verify(data, None), "文件")


class TestRubbish:
    @pytest.mark.parametrize(
        "error", [KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError]
    )
    def test_in_any_place_is_a_finding_and_no_crash(
        self, error: type[Exception], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stage(file: Any) -> list[Any]:
            raise error

        monkeypatch.setattr(verifier, "STAGES", (stage,))
        expect_wrong(verifier.verify(STORY.export(STORY.intake), ROOTS), "文件", f"stage：{error.__name__}")


class TestLaw:
    def unlawful(self, *, parked: bool) -> Story:
        """The handling side decides at once, with real signatures, what it had no right to decide yet."""
        story = Story()
        story.file_and_forward()
        node = story.handling
        last = node.held[-1]
        actor = {**last.actor, "kind": "staff", "org": node.org, "staff": node.staff.staff}
        node.held.append(
            after(
                last, actor=actor, kind="decide", given={"outcome": "denied"}, at=events.format_time(story.at),
                effects={"phase": ["forwarded", "decided"], "facts": {"outcome": "denied"}},
                content=[story._put(Act.DECIDE, "decision")],
            )
        )  # fmt: skip
        decided = node.held[-1]
        story.deliver(node, story.intake)
        if parked:
            named = {"chain": decided.chain, "seq": decided.seq, "hash": decided.hash}
            given = {"reason": "not_allowed", "event": decided.hash, "withhold": named}
            story.act(story.intake, Act.PARK, Role.INTAKE, by=SYSTEM, **given)
            story.deliver(story.intake, node)
        return story

    def test_an_unlawful_act_is_found_though_all_signatures_are_right(self) -> None:
        story = self.unlawful(parked=False)
        for exporter in story.nodes:
            verdict = verifier.verify(story.export(exporter), ROOTS)
            assert (verdict.ok, verdict.code, verdict.findings) == (False, CONTESTED, ())
            assert "handling/1 第 2 条（decide）" in verdict.contested[0]
            assert "不允许" in verdict.contested[0]
            assert (verdict.summary["phase"], verdict.summary["outcome"]) == ("forwarded", "")

    def test_an_unlawful_act_that_the_other_side_parked_is_told(self) -> None:
        story = self.unlawful(parked=True)
        for exporter in story.nodes:
            verdict = verifier.verify(story.export(exporter), ROOTS)
            assert (verdict.ok, verdict.code, verdict.findings) == (False, CONTESTED, ())
            assert any("暂停待核实" in sentence for sentence in verdict.contested)
            assert verdict.summary["phase"] == "forwarded"

    def test_what_both_let_stand_as_struck_contests_nothing(self) -> None:
        story = self.unlawful(parked=True)
        park = story.intake.state(story.number).withheld
        ((name, (_, seq, *_)),) = park.items()
        story.act(story.intake, Act.RELEASE, Role.INTAKE, release={"park": name, "struck": seq})
        story.deliver(story.intake, story.handling)
        story.deliver(story.handling, story.intake)
        for exporter in story.nodes:
            verdict = verifier.verify(story.export(exporter), ROOTS)
            assert (verdict.code, verdict.contested) == (HOLDS, ()), verdict
            assert any("其效果不计" in remark for remark in verdict.remarks)
            assert verdict.summary["phase"] == "forwarded"

    def test_what_is_unlawful_stays_so_though_somebody_let_it_in(self) -> None:
        story = self.unlawful(parked=True)
        (name,) = story.intake.state(story.number).withheld
        story.act(story.intake, Act.RELEASE, Role.INTAKE, release={"park": name, "struck": None})
        story.deliver(story.intake, story.handling)
        verdict = verifier.verify(story.export(story.handling), ROOTS)
        assert verdict.code == CONTESTED
        assert verdict.summary["phase"] == "forwarded"

    def test_what_the_other_side_never_saw_moves_nothing(self) -> None:
        story = Story()
        story.file_and_forward()
        story.act(story.handling, Act.ACKNOWLEDGE, Role.HANDLING)
        verdict = verifier.verify(story.export(story.handling), ROOTS)
        assert (verdict.code, verdict.summary["phase"]) == (HOLDS, "forwarded")
        assert any("对方尚未签收" in remark for remark in verdict.remarks)

    def test_newer_rules_are_left_to_a_newer_program(self) -> None:
        story = Story()
        story.file_and_forward()
        node = story.handling
        newer = {"version": 99, "digest": f"sm3:{9:064}"}
        node.held.append(after(node.held[-1], kind="teleport", rules=newer))
        story.deliver(node, story.intake)
        verdict = verifier.verify(story.export(node), ROOTS)
        assert (verdict.ok, verdict.code) == (False, TOO_NEW)
        assert "新版程序" in verdict.findings[0].problem

    def test_out_of_bounds_is_wrong_whatever_the_law(self) -> None:
        story = Story()
        story.file_and_forward()
        node = story.handling
        (mine,) = (name for name in node.state(story.number).duties if name.startswith("handling/"))
        intake = node.state(story.number).heads["intake/1"]
        theirs = f"intake/1.{intake[0]}.0"
        assert mine
        node.held.append(after(node.held[-1], kind="look", effects={"close": [theirs]}))
        story.deliver(node, story.intake)
        verdict = verifier.verify(story.export(node), ROOTS)
        expect_wrong(verdict, "handling/1 第 2 条（look）", "B6")

    def test_a_node_that_was_not_bound_cannot_write(self) -> None:
        def exchange(documents: list[Document]) -> list[Document]:
            for event in documents:
                if event["role"] == "handling":
                    event["node"] = STORY.intake.id
            return documents

        expect_wrong(forged(STORY.intake, exchange), "handling/1", "节点")

    def test_an_agreement_without_the_other_s_signature_is_none(self) -> None:
        document = STORY.document(STORY.intake)
        (agreement,) = (p for p in document["papers"].values() if p["format"] == "tongban-agreement/2")
        del agreement["signatures"][STORY.handling.id]
        expect_wrong(verifier.verify(canon.encode(STORY.intake.sign(document)), ROOTS), "通办协议", "缺少")

    def test_a_table_that_is_not_what_it_is_called_is_none(self) -> None:
        document = STORY.document(STORY.intake)
        (table,) = document["tables"].values()
        table["limits"]["hops"] += 1
        expect_wrong(verifier.verify(canon.encode(STORY.intake.sign(document)), ROOTS), "规则表", "摘要")


@FORGERS
class TestLeavingOut:
    """What was signed and sealed must be shown; who leaves it out is told that the file is incomplete."""

    def verdict(self, forger: Node, change: Callable[[Document], object]) -> Verdict:
        document = STORY.document(forger)
        change(document)
        return verifier.verify(canon.encode(forger.sign(document)), ROOTS)

    def test_one_s_own_seals(self, forger: Node) -> None:
        def leave_out(document: Document) -> None:
            document["seals"] |= {"own": [], "proofs": [], "inclusion": []}

        expect_wrong(self.verdict(forger, leave_out), "封存声明", "不完整")

    def test_where_one_s_seal_holds_an_event(self, forger: Node) -> None:
        expect_wrong(
            self.verdict(forger, lambda document: document["seals"]["inclusion"].pop(1)), "第 2 条", "不完整"
        )

    def test_the_other_s_seal(self, forger: Node) -> None:
        expect_wrong(self.verdict(forger, lambda document: document["seals"]["peers"].clear()), why="不完整")

    def test_the_other_s_statements(self, forger: Node) -> None:
        def leave_out(document: Document) -> None:
            kept = [one for one in document["statements"] if one["signer"] == forger.id]
            document["statements"] = kept

        expect_wrong(self.verdict(forger, leave_out), why="没有其节点的有效签名")

    def test_a_key_record_that_somebody_knew_of(self, forger: Node) -> None:
        other = next(node for node in STORY.nodes if node is not forger)

        def leave_out(document: Document) -> None:
            last = next(one for one in document["statements"] if one["signer"] == forger.id)
            last["keys"] = {**last["keys"], other.id: 2}

        expect_wrong(self.verdict(forger, leave_out), "节点", "缺少第 2 条密钥记录")

    def test_a_statement_of_a_stranger_has_no_place_here(self, forger: Node) -> None:
        stranger = Node("丙县", "11500152000000004D", "11500152000000004D", 3)

        def add(document: Document) -> None:
            statement = signed.without_signatures(document["statements"][-1])
            keys = {**statement["keys"], stranger.id: 1}
            document["statements"].append(stranger.sign({**statement, "signer": stranger.id, "keys": keys}))
            document["nodes"][stranger.id] = stranger.chain.documents()

        expect_wrong(self.verdict(forger, add), why="不是这一事项的一方")


class TestRevokedKeys:
    def story(self, since_hours: int) -> Story:
        story = dossiers.delivered()
        node = story.handling
        new, wrap = sm.SoftwareKey.generate(), sm.SoftwareKey.generate()
        since = dossiers.START + dossiers.timedelta(hours=since_hours)
        node.chain = keychain.next_record(node.chain, node.key, new, wrap.public, story.at, [(1, since)])
        return story

    def test_what_peers_witnessed_before_the_revocation_counts(self) -> None:
        story = self.story(since_hours=1000)
        assert verifier.verify(story.export(story.intake), ROOTS).findings == ()

    def test_a_signature_made_after_it_does_not(self) -> None:
        story = self.story(since_hours=1)
        expect_wrong(verifier.verify(story.export(story.intake), ROOTS), "handling/1", "没有其节点的有效签名")

    def test_a_revoked_key_exports_nothing(self) -> None:
        story = self.story(since_hours=1)
        document = story.document(story.handling)
        raw = canon.encode(signed.sign(document, story.handling.key, 1))
        expect_wrong(verifier.verify(raw, ROOTS), "案卷签名", "吊销")


def test_the_verifier_can_be_shipped_without_django() -> None:
    program = (
        "import sys\n"
        "class Nothing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('django', 'jsonschema_rs', 'httpx', 'psycopg'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Nothing())\n"
        "from tongban.cases import timeline, verifier\n"
        "raise SystemExit(verifier.verify(b'{}', None).code)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == WRONG
