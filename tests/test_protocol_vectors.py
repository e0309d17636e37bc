"""The vectors of docs/protocol/ hold for this implementation, as they must for any other."""

import base64
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tongban.kernel.crypto import canon, digest, keychain, signed, sm
from tongban.kernel.journal import bounds, events, fold, merkle, numbers
from tongban.procedures.dossier import verifier

V: dict[str, Any] = json.loads((Path(__file__).parents[1] / "docs/protocol/vectors.json").read_text("utf-8"))
CHAINS = {node: keychain.KeyChain.verify(records) for node, records in V["dossier"]["nodes"].items()}


@pytest.mark.parametrize("vector", V["canonical"]["valid"])
def test_a_value_has_one_canonical_form(vector: dict[str, Any]) -> None:
    assert canon.encode(vector["value"]).hex() == vector["utf8_hex"]
    assert canon.decode(bytes.fromhex(vector["utf8_hex"])) == vector["value"]


@pytest.mark.parametrize("text", V["canonical"]["invalid_utf8_hex"])
def test_other_bytes_are_refused(text: str) -> None:
    with pytest.raises(canon.CanonError):
        canon.decode(bytes.fromhex(text))


@pytest.mark.parametrize("vector", V["digests"])
def test_digests(vector: dict[str, Any]) -> None:
    assert digest.of(bytes.fromhex(vector["message_hex"])) == vector["digest"]


def test_genesis() -> None:
    genesis = V["genesis"]
    members = (genesis[name] for name in ("procedure", "subject", "role", "term"))
    assert events.genesis(*members) == genesis["prev"]


def test_key_chains() -> None:
    keys = V["keys"]
    chain = keychain.KeyChain.verify(keys["chain"])
    assert (chain.root, keychain.fingerprint_groups(chain.root)) == (keys["root"], keys["groups"])
    with pytest.raises(keychain.BrokenKeyChain):
        keychain.KeyChain.verify(keys["broken"])


def read(documents: list[dict[str, Any]]) -> list[events.Event]:
    return [events.from_documents(document) for document in documents]


def folded(story: list[events.Event]) -> dict[str, Any]:
    return fold.fold(story[0].procedure, story[0].subject, story).to_dict()


def test_events_fold_to_the_state() -> None:
    assert folded(read(V["dossier"]["events"])) == V["state"]


def test_every_event_has_its_body() -> None:
    bodies = V["dossier"]["bodies"]
    assert bodies.keys() == {document["body"] for document in V["dossier"]["events"]}
    for document in V["dossier"]["events"]:
        assert events.from_documents(document, bodies[document["body"]]).kind == document["kind"]


@pytest.mark.parametrize("seed", range(5))
def test_what_was_written_at_once_folds_alike_in_any_order(seed: int) -> None:
    story = read(V["at_once"]["events"])
    Random(seed).shuffle(story)
    state = fold.State(story[0].procedure, story[0].subject)
    ordered = fold.in_order(state, story)
    for place, event in enumerate(ordered):
        state = fold.apply(state, event, ordered[:place])
    assert state.to_dict() == V["at_once"]["state"]
    assert folded(story) == V["at_once"]["state"]


@pytest.mark.parametrize("vector", V["withheld"], ids=lambda vector: vector["of"])
def test_what_parks_withhold_does_nothing(vector: dict[str, Any]) -> None:
    assert folded(read(vector["events"])) == vector["state"]


@pytest.mark.parametrize("vector", V["out_of_bounds"], ids=lambda vector: vector["bound"])
def test_an_event_out_of_bounds_is_told_by_the_bound(vector: dict[str, Any]) -> None:
    (event,), before = read([vector["event"]]), read(vector["events"])
    view = fold.fold(event.procedure, event.subject, before)  # it has seen all of them
    assert bounds.fault(view, event, bounds.Known.of(before)) == vector["bound"]


def test_statements_and_seals_are_signed() -> None:
    for document in [*V["dossier"]["statements"], *V["seals"]["seals"]]:
        signed.check(document, CHAINS[document.get("signer") or document["node"]])


def raw(path: list[str]) -> list[bytes]:
    return [digest.raw(step) for step in path]


def test_seals_extend_and_include() -> None:
    seals = V["seals"]
    roots = {seal["size"]: digest.raw(seal["root"]) for seal in seals["seals"]}
    for proof in seals["consistency"]:
        old, new = proof["from"], proof["to"]
        assert merkle.verify_consistency(old, new, roots[old], roots[new], raw(proof["path"]))
    for proof, leaf in zip(seals["inclusion"], seals["leaves"], strict=True):
        hash_ = digest.raw(leaf["leaf_hash"])
        assert merkle.leaf_hash(digest.raw(leaf["event_hash"])) == hash_
        assert merkle.verify_inclusion(
            proof["leaf"], proof["size"], hash_, raw(proof["path"]), roots[proof["size"]]
        )


def test_each_seal_names_the_one_before() -> None:
    before = ""
    for seal in V["seals"]["seals"]:
        assert seal["previous"] == before
        before = digest.of(canon.encode(seal))


def test_content_is_opened_by_the_receiver_and_fits_its_digest() -> None:
    content = V["content"]
    receiver = sm.SoftwareKey.from_private(bytes.fromhex(content["receiver_private_hex"]))
    assert keychain.write_key(receiver.public) == content["receiver_public"]
    suite, wrapped = content["wrapped"].split(":")
    key = receiver.unwrap(bytes.fromhex(wrapped))
    assert (suite, key.hex()) == ("sm2", content["key_hex"])
    cipher, sealed = content["sealed"].split(":")
    stream = sm.sm4_open(key, base64.b64decode(sealed), content["aad"].encode())
    assert (cipher, stream.hex()) == ("sm4-gcm", content["salt_hex"] + content["data_hex"])
    assert digest.of(stream) == content["digest"]
    assert len(stream) - 16 == content["size"]


def test_numbers() -> None:
    vector = V["numbers"]
    assert numbers.issuer_tag(vector["node"], 1) == vector["issuer_tag"]
    assert numbers.issuer_tag(vector["node"], 2) == vector["issuer_tag_epoch_2"]
    assert str(numbers.parse(vector["typed"])) == vector["number"]
    assert numbers.parse(vector["number"]).display() == vector["display"]
    with pytest.raises(numbers.BadNumber):
        numbers.parse(vector["wrong"])
    assert numbers.was_issued_by(vector["number"], vector["node"], vector["epoch"])
    assert not numbers.was_issued_by(vector["of_another"], vector["node"], vector["epoch"])


def test_the_dossier_holds() -> None:
    verdict = verifier.verify(canon.encode(V["dossier"]), V["roots"])
    assert (verdict.code, verdict.findings) == (verifier.HOLDS, ())
