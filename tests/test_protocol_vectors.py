"""The vectors of docs/protocol/ hold for this implementation, as they must for any other."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tongban.cases import verifier
from tongban.kernel import canon, digest, events, fold, keychain, merkle, numbers, signed, sm

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
    assert digest.sm3_hex(bytes.fromhex(vector["message_hex"])) == vector["sm3"]


def test_genesis() -> None:
    genesis = V["genesis"]
    assert events.genesis(genesis["case"], genesis["role"], genesis["term"]) == genesis["prev"]


def test_key_chains() -> None:
    keys = V["keys"]
    chain = keychain.KeyChain.verify(keys["chain"])
    assert (chain.root, keychain.fingerprint_groups(chain.root)) == (keys["root"], keys["groups"])
    with pytest.raises(keychain.BrokenKeyChain):
        keychain.KeyChain.verify(keys["broken"])


def test_events_fold_to_the_state() -> None:
    story = [events.from_document(document) for document in V["dossier"]["events"]]
    assert fold.fold(V["dossier"]["case"], story).to_dict() == V["state"]


@pytest.mark.parametrize("seed", range(5))
def test_what_was_written_at_once_folds_alike_in_any_order(seed: int) -> None:
    story = [events.from_document(document) for document in V["at_once"]["events"]]
    Random(seed).shuffle(story)
    ordered = fold.in_order(fold.State(story[0].case), story)
    state = fold.State(story[0].case)
    for event in ordered:
        state = fold.apply(state, event)
    assert state.to_dict() == V["at_once"]["state"]


def test_statements_and_seals_are_signed() -> None:
    for document in [*V["dossier"]["statements"], *V["seals"]["seals"]]:
        signed.check(document, CHAINS[document.get("signer") or document["node"]])


def test_seals_extend_and_include() -> None:
    seals = V["seals"]
    roots = {seal["size"]: bytes.fromhex(seal["root"]) for seal in seals["seals"]}
    for proof in seals["consistency"]:
        old, new = proof["from"], proof["to"]
        assert merkle.verify_consistency(
            old, new, roots[old], roots[new], [bytes.fromhex(s) for s in proof["path"]]
        )
    for proof, leaf in zip(seals["inclusion"], seals["leaves"], strict=True):
        assert merkle.leaf_hash(bytes.fromhex(leaf["event_hash"])).hex() == leaf["leaf_hash"]
        path = [bytes.fromhex(step) for step in proof["path"]]
        hash_ = bytes.fromhex(leaf["leaf_hash"])
        assert merkle.verify_inclusion(proof["leaf"], proof["size"], hash_, path, roots[proof["size"]])


def test_content_is_opened_by_the_receiver_and_fits_its_digest() -> None:
    content = V["content"]
    receiver = sm.SoftwareKey.from_private(bytes.fromhex(content["receiver_private_hex"]))
    assert receiver.public.hex() == content["receiver_public_hex"]
    key = receiver.unwrap(bytes.fromhex(content["wrapped_hex"]))
    assert key.hex() == content["key_hex"]
    stream = sm.sm4_open(key, bytes.fromhex(content["sealed_hex"]), content["aad"].encode())
    assert stream.hex() == content["salt_hex"] + content["data_hex"]
    assert digest.sm3_hex(stream) == content["digest"]
    assert len(stream) - 16 == content["size"]


def test_numbers() -> None:
    vector = V["numbers"]
    assert numbers.issuer_tag(vector["node"], 1) == vector["issuer_tag"]
    assert numbers.issuer_tag(vector["node"], 2) == vector["issuer_tag_epoch_2"]
    assert str(numbers.parse(vector["typed"])) == vector["number"]
    assert numbers.parse(vector["number"]).display() == vector["display"]
    with pytest.raises(numbers.BadNumber):
        numbers.parse(vector["wrong"])


def test_the_dossier_holds() -> None:
    verdict = verifier.verify(canon.encode(V["dossier"]), V["roots"])
    assert (verdict.code, verdict.findings) == (verifier.HOLDS, ())
