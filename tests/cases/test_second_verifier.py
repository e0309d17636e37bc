"""
Two verifiers, written apart, say the same of every dossier: the product's, and the one of docs/examples that rests on
docs/protocol.md alone. Where they differ, one of them is wrong or the page is silent.

What is changed is the same every time; TONGBAN_CHANGES asks for that many changes of each story.
"""

import functools
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.cases import dossiers, hostile
from tests.kernel.wandering import Wandering
from tongban.cases.procedure import CASE
from tongban.kernel.crypto import canon, sm
from tongban.procedures.dossier import verifier

PROGRAM = Path(__file__).parents[2] / "docs/examples/verify_dossier.py"
CHANGES = int(os.environ.get("TONGBAN_CHANGES", "12"))  # of each story
TABLES = {CASE.present.digest: CASE.present.document}


def loaded() -> Any:
    spec = importlib.util.spec_from_file_location("verify_dossier", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SECOND = loaded()
PURE = SECOND.sm2_verify
SECOND.sm2_verify = functools.cache(
    PURE
)  # each signature of a story once, however often the story is asked about


def quick(key: str, message: bytes, signature: str) -> bool:
    """Signatures by OpenSSL, to have time for more changes; that both say the same of one is tested apart."""
    try:
        spelt = bytes.fromhex(signature.removeprefix("sm2:"))
        return signature == f"sm2:{spelt.hex()}" and sm.verify(bytes.fromhex(key[4:]), message, spelt)
    except ValueError:
        return False


def codes(data: bytes, roots: set[str] | None, trusted: Mapping[str, Any] = TABLES) -> tuple[int, int]:
    return verifier.verify(data, roots).code, SECOND.examine(data, roots, dict(trusted))[0]


@pytest.mark.parametrize("name", hostile.STORIES)
class TestOfOneStory:
    def test_both_say_what_is_so(self, name: str) -> None:
        code, make = hostile.STORIES[name]
        _, node, document = make()
        data, roots = hostile.raw(document, node), set(document["nodes"])
        without_roots = 4 if code == 0 else code
        assert codes(data, roots) == (code, code), SECOND.examine(data, roots, TABLES)
        assert codes(data, None) == (without_roots, without_roots)
        assert codes(data, roots - {node.id}) == (1, 1)

    @pytest.mark.parametrize(
        "number", [3, pytest.param(CHANGES, marks=pytest.mark.prove("many changes of every story"))]
    )
    def test_both_say_the_same_of_whatever_is_changed(
        self, name: str, number: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(SECOND, "sm2_verify", quick)
        story, node, document = hostile.STORIES[name][1]()
        chance, roots = Random(name), set(document["nodes"])
        changes = hostile.changes(document, chance)
        for _ in range(number):
            path, value = next(changes)
            altered = hostile.put(document, path, value)
            signer = chance.choice(
                ["nobody", *["exporter"] * 3, *["exporter, its events too"] * 3, *["all"] * 6]
            )
            if signer in ("all", "exporter, its events too"):
                nodes = story.nodes if signer == "all" else [node]
                altered = hostile.Forgers(nodes, node).again(altered)
            data = hostile.raw(altered, None if signer == "nobody" else node)
            first, second = codes(data, roots)
            assert first == second, (
                path,
                value,
                signer,
                verifier.verify(data, roots),
                SECOND.examine(data, roots, TABLES),
            )


def test_signatures_are_checked_alike() -> None:
    key = dossiers.delivered().intake.key
    point, message, good = f"sm2:{key.public.hex()}", b"message", f"sm2:{key.sign(b'message').hex()}"
    other, chance = key.sign(b"other").hex(), Random(3)
    places = [chance.randrange(4, len(good)) for _ in range(20)]
    wrong = [good[:n] + ("0" if good[n] != "0" else "1") + good[n + 1 :] for n in places]
    wrong += [
        f"sm2:{other}",
        good.upper(),
        good + "00",
        good[:-2],
        "sm2:",
        "sm2:3006020100020100",
        f"{good}\n",
    ]
    assert PURE(point, message, good)
    assert quick(point, message, good)
    assert [PURE(point, message, one) for one in wrong] == [False] * len(wrong)
    assert [quick(point, message, one) for one in wrong] == [False] * len(wrong)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b"1" * 5000, b'{"a":1.0}'])
def test_what_is_no_dossier_is_none_to_both(data: bytes) -> None:
    assert codes(data, None) == (1, 1)


def test_it_knows_the_present_rules() -> None:
    assert {CASE.present.digest} == SECOND.KNOWN_TABLES
    story = dossiers.delivered()
    data = story.export(story.intake)
    assert codes(data, {node.id for node in story.nodes}, {}) == (0, 0)


def test_the_command(tmp_path: Path) -> None:
    """It needs nothing but Python: no module of ours can be found."""
    story = dossiers.delivered()
    file, roots, table = (tmp_path / name for name in ("dossier.json", "roots.txt", "table.json"))
    file.write_bytes(story.export(story.intake))
    roots.write_text("".join(f"{node.id}  # {node.name}\n" for node in story.nodes), "utf-8")
    table.write_bytes(canon.encode(CASE.present.document))
    command = [sys.executable, "-I", "-S", PROGRAM, file]
    done = subprocess.run([*command, roots, "--table", table], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert story.number in done.stdout
    assert subprocess.run(command, capture_output=True, check=False).returncode == 4
    document = json.loads(file.read_bytes()) | {"at": "2026-01-01T00:00:00.000Z"}
    file.write_bytes(canon.encode(document))
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("seed", range(40))
def test_both_fold_what_is_within_bounds_to_one_state(seed: int) -> None:
    chance = Random(seed)
    matter = Wandering(chance).go_on(chance.randint(10, 40))
    documents = sorted(
        (event.document for event in matter.written), key=lambda one: (one["role"], one["term"], one["seq"])
    )
    theirs = SECOND.Matter(documents)
    state = theirs.fold(theirs.order)
    expected = matter.state.to_dict()
    assert {name: state[name] for name in expected.keys() & state.keys()} == {
        name: value for name, value in expected.items() if name not in ("procedure", "subject")
    }
