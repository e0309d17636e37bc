"""The liar must be right where it means to be: its crypto against published vectors, its books against themselves."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.hostile import deception as deceiving
from tests.hostile import deceptions, deceptions_forks, deceptions_worker
from tests.hostile import liar_sm as sm
from tests.hostile.fake_scene import FakeScene
from tests.hostile.liar import DROP, hashed
from tests.hostile.liar_canonical import Pairs, Raw, canonical, read
from tests.hostile.liar_crypto import (
    Keys,
    check_character,
    check_document,
    issue_number,
    issuer_tag,
    plain,
    spelled,
    tagged_digest,
    valid_chain,
    valid_number,
)  # fmt: skip
from tests.hostile.liar_tree import Tree, extends, included

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8  # of GB/T 32918.5-2017
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21


def test_sm3_of_the_standard() -> None:
    assert sm.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_signature_of_the_standard() -> None:
    point = sm.public(PRIVATE)
    assert (
        sm.point_bytes(point)
        .hex()
        .startswith("0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020")
    )
    r, s = sm.sign(PRIVATE, b"message digest", k=K)
    assert f"{r:064x}" == "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    assert f"{s:064x}" == "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    assert sm.verify(point, b"message digest", (r, s))
    assert not sm.verify(point, b"message digesT", (r, s))
    assert not sm.verify(point, b"message digest", (r, s + 1))
    assert not sm.verify(point, b"message digest", (r, s), signer=b"ALICE")


def test_encryption_of_the_standard() -> None:
    wrapped = sm.wrap(sm.public(PRIVATE), b"encryption standard", k=K)
    parts = sm.Wrapped.read(wrapped)
    assert f"{parts.x:064x}" == "04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    assert parts.hash.hex() == "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
    assert parts.text.hex() == "21886ca989ca9c7d58087307ca93092d651efa"
    assert sm.unwrap(PRIVATE, wrapped) == b"encryption standard"
    with pytest.raises(ValueError):
        sm.unwrap(PRIVATE + 1, wrapped)


def test_sm4_gcm_of_rfc_8998() -> None:
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    plain = b"".join(bytes([one]) * 8 for one in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    extra = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = sm.sm4_seal(key, plain, extra, bytes.fromhex("00001234567800000000abcd"))
    assert sealed[12:28].hex() == "17f399f08c67d5ee19d0dc9969c4bb7d"
    assert sealed[-16:].hex() == "83de3541e4c2b58177e065a9bf7b62ec"
    assert sm.sm4_open(key, sealed, extra) == plain


def test_keys_of_openssl_are_read(tmp_path: Path) -> None:
    path = tmp_path / "sign-1.pem"
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "SM2", "-out", path], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no openssl with SM2")
    private = sm.read_pem(path.read_text())
    (tmp_path / "message").write_bytes(b"hello")
    (tmp_path / "signature").write_bytes(sm.signature_der(sm.sign(private, b"hello")))
    subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", tmp_path / "pub"], check=True)
    checked = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin", "-inkey", tmp_path / "pub", "-in",
         tmp_path / "message", "-sigfile", tmp_path / "signature", "-pkeyopt", "distid:1234567812345678"],
        capture_output=True, check=False)  # fmt: skip
    assert checked.returncode == 0, checked.stderr
    assert sm.read_pem(sm.write_pem(private)) == private


def test_only_one_spelling_of_a_signature() -> None:
    der = sm.signature_der((2**255, 5))
    assert sm.read_signature(der) == (2**255, 5)
    for wrong in (der + b"\0", der[:-1], b"", sm.der(0x30, sm.der(2, b"\0\0\5") + sm.der_int(5))):
        with pytest.raises(ValueError):
            sm.read_signature(wrong)


@pytest.mark.parametrize(
    "value, text",
    [
        ({"b": 1, "a": [True, None, 'é\n"\\/']}, '{"a":[true,null,"é\\n\\"\\\\/"],"b":1}'),
        ({"\u20ac": 1, "\r": 2, "1": 3}, '{"\\r":2,"1":3,"€":1}'),
        ("\x1f\x7f", '"\\u001f\x7f"'),
        (-5, "-5"),
    ],
)
def test_canonical_form(value: object, text: str) -> None:
    assert canonical(value) == text.encode()
    assert read(text.encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        '{"b":1,"a":1}',
        '{"a":1,"a":1}',
        "1.0",
        "1e2",
        "NaN",
        '"\\u000A"',
        '"\\/"',
        str(2**53),
        '"\\ud800"',
    ],
)
def test_what_is_not_canonical_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):
        read(text.encode())


def test_the_forbidden_can_be_written() -> None:
    assert canonical(Pairs((("b", 1), ("b", Raw("1.0"))))) == b'{"b":1,"b":1.0}'
    assert canonical("\ud800") == b'"\\ud800"'


def test_key_chain_with_rotation_and_revocation() -> None:
    keys = Keys.made(NOW)
    keys.rotate(NOW + timedelta(days=1), [{"number": 1, "from": "2026-03-02T02:00:00Z"}])
    assert valid_chain(keys.records)
    assert check_document(keys.sign({"format": "x/2"}), keys.records)
    assert not check_document(keys.sign({"format": "x/2"}, tag="y/2"), keys.records)
    assert not valid_chain([*keys.records, {**keys.records[1], "number": 3}])
    assert not valid_chain([{**keys.records[0], "node": "sm3:" + "00" * 32}])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13, 20])
def test_proofs(size: int) -> None:
    tree = Tree([sm.sm3(b"%d" % number) for number in range(size)])
    root = tree.root()
    for leaf in range(size):
        path = tree.inclusion(leaf, size)
        assert included(tree.leaves[leaf], leaf, size, path, root)
        assert not included(tree.leaves[leaf], leaf, size, [*path, root], root)
        assert not included(sm.sm3(b"x"), leaf, size, path, root)
    for old in range(1, size + 1):
        path = tree.consistency(old, size)
        assert extends(old, size, path, tree.root(old), root)
        assert not extends(old, size, path, sm.sm3(b"x"), root)
    assert not extends(0, size, [], tree.root(0), root)


def test_root_of_nothing_and_of_two() -> None:
    assert Tree().root() == sm.sm3(b"")
    left, right = (sm.sm3(b"\0" + data) for data in (b"a", b"b"))
    assert Tree([b"a", b"b"]).root() == sm.sm3(b"\1" + left + right)


def test_numbers() -> None:
    assert check_character("341723AY8J2026030284G7ZWYR") == "T"
    assert valid_number("341723AY8J2026030284G7ZWYRT")
    assert not valid_number("341723AY8J2026030284G7ZWYR0")
    node = spelled(sm.sm3(b"x"))
    number = issue_number("341723", node, 1, NOW)
    assert valid_number(number)
    assert number[6:10] == issuer_tag(node, 1) != issuer_tag(node, 2)


@pytest.fixture
def scene() -> Iterator[FakeScene]:
    with FakeScene(believes=True) as made:
        yield made


def test_events_hold_together(scene: FakeScene) -> None:
    matter = scene.matter("done")
    for event in matter.events:
        assert event == hashed({name: value for name, value in event.items() if name != "hash"})
    for piece in matter.pieces:
        assert piece["event"]["body"] == tagged_digest("tongban-body/2", piece["body"])
    state = matter.state()
    assert (state["phase"], state["pen"]) == ("delivered", "intake")
    assert "seq" not in scene.party.mint(matter, seq=DROP)["event"]


def test_a_park_withholds_until_it_is_released(scene: FakeScene) -> None:
    matter = scene.matter("pushed").copy()
    lie = scene.party.mint(matter, effects={"phase": ["forwarded", "concluded"]})
    matter.add([lie])
    assert matter.state()["phase"] == "concluded"
    matter.role = "intake"
    park = deceptions_forks.park_of(scene.victim_self, matter, lie["event"])
    matter.add([park])
    assert matter.state()["phase"] == "forwarded"
    assert matter.state()["withheld"] == {park["event"]["hash"]: ["handling/1", 1, None, "intake"]}
    released = {"release": {"park": park["event"]["hash"], "struck": None}}
    matter.add([scene.victim_self.mint(matter, effects=released)])
    assert matter.state()["phase"] == "concluded"


def test_a_right_transfer_proves_itself(scene: FakeScene) -> None:
    """Statement, seal, consistency and inclusion hold, the second time from the seal that is held by then."""
    liar, matter = scene.party, scene.matter("pushed").copy()
    for number in range(3):
        liar.tree.add(sm.sm3(b"%d" % number))
    old = liar.seal()
    liar.held = (1, 3)
    for _ in range(2):
        piece = liar.mint(matter)
        matter.add([piece])
        message = liar.transfer(matter, [piece])
        seal, (one,) = message["seal"], message["inclusion"]
        assert check_document(message, liar.keys.records)
        assert check_document(seal, liar.keys.records)
        assert check_document(message["statements"][0], liar.keys.records)
        assert message["statements"][0]["heads"]["handling/1"] == [
            piece["event"]["seq"],
            piece["event"]["hash"],
        ]
        root, path = plain(seal["root"]), [plain(step) for step in one["path"]]
        assert included(plain(piece["event"]["hash"]), one["leaf"], seal["size"], path, root)
        proof = message["proof"]
        assert proof["from"] == old["size"]
        assert extends(
            old["size"], seal["size"], [plain(step) for step in proof["path"]], plain(old["root"]), root
        )
        old, liar.held = seal, (1, seal["size"])


def test_catalogue() -> None:
    assert len(deceptions.CATALOGUE) >= 120
    names = [(one.klass, one.name) for one in deceptions.CATALOGUE]
    assert len(set(names)) == len(names)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deceptions_worker, "HEARD_IN", 0.4)
    monkeypatch.setattr(deceiving, "PARK_IN", 0.0)
    monkeypatch.setattr(deceptions_forks.time, "sleep", lambda _: None)
    monkeypatch.setattr(deceiving, "wait_until", lambda holds, seconds: holds())


@pytest.mark.prove("every lie, played")
@pytest.mark.slow
def test_every_deception_can_be_played(hurried: None) -> None:
    """Each says in a word what came of it."""
    with FakeScene(believes=True) as scene:
        for one in deceptions.CATALOGUE:
            outcome = one.play(scene.party if one.who == "party" else scene.stranger, scene)
            assert isinstance(outcome, str), one.name
            assert outcome, one.name
    assert json.dumps(deceptions.by_class())
