"""What is a statement of heads at all: its members, whose it says to be, and whose key signed it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tongban.kernel.crypto import keychain, signed, sm
from tongban.kernel.journal import statements

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY, OTHER = sm.SoftwareKey.generate(), sm.SoftwareKey.generate()
CHAIN = keychain.first_record(KEY, sm.SoftwareKey.generate().public, AT)
OTHERS = keychain.first_record(OTHER, sm.SoftwareKey.generate().public, AT)


def document(**changes: Any) -> dict[str, Any]:
    heads = {
        "format": "tongban-heads/2", "procedure": "case", "subject": "341723QYAB20260302ABCDEFGH1", "signer": CHAIN.root,
        "at": "2026-03-02T01:00:00.000Z", "heads": {"intake/1": [1, f"sm3:{1:064}"]}, "keys": {CHAIN.root: 1},
    }  # fmt: skip
    return signed.sign({**heads, **changes}, KEY, 1)


def test_holds_as_its_signer_made_it() -> None:
    statements.check(document(), CHAIN, AT)


@pytest.mark.parametrize(
    "changes",
    [
        {"signer": OTHERS.root}, {"format": "tongban-heads/1"}, {"note": "x"}, {"heads": {}}, {"heads": {"intake/1": [0]}},
        {"at": "2026-03-02"}, {"keys": []},
    ],
)  # fmt: skip
def test_of_another_form_or_signer_is_none_though_the_key_signed_it(changes: dict[str, Any]) -> None:
    with pytest.raises(signed.BadSignature, match="not a statement of heads by this node"):
        statements.check(document(**changes), CHAIN, AT)


def test_by_another_key_is_none() -> None:
    with pytest.raises(signed.BadSignature):
        statements.check(document(signer=OTHERS.root), OTHERS, AT)


@pytest.mark.django_db
def test_are_kept_each_for_its_own_matter() -> None:
    first, second = document(), document(subject="341723QYAB20260302ABCDEFGH2")
    for one in (second, first, second):
        statements.keep(one)
    assert statements.kept(first["subject"]) == [first]
    assert statements.kept(second["subject"]) == [second]
