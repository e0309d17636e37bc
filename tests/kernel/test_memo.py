"""What nearly never changes is remembered for a moment, each node for itself."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as present

from tongban.kernel import memo


@pytest.fixture
def asked(settings: Any) -> list[str]:
    settings.MEMO_SECONDS = 60.0
    memo.forget()
    return []


def test_is_asked_once_and_anew_when_forgotten(asked: list[str]) -> None:
    @memo.for_a_moment
    def name(of: str) -> str:
        asked.append(of)
        return of.upper()

    assert [name("a"), name("a"), name("b")] == ["A", "A", "B"]
    assert asked == ["a", "b"]
    memo.forget()
    name("a")
    assert asked == ["a", "b", "a"]


def test_of_one_node_is_not_that_of_another(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    @memo.for_a_moment
    def home() -> Path:
        asked.append("x")
        return present.NODE.home

    here = home()
    monkeypatch.setattr(present, "NODE", dataclasses.replace(present.NODE, home=Path("/elsewhere")))
    assert home() != here


def test_a_refusal_is_not_remembered(asked: list[str]) -> None:
    @memo.for_a_moment
    def fails() -> None:
        asked.append("x")
        raise ValueError

    for _ in range(2):
        with pytest.raises(ValueError):
            fails()
    assert len(asked) == 2


def test_lasts_a_moment_only(asked: list[str], settings: Any) -> None:
    @memo.for_a_moment
    def now() -> None:
        asked.append("x")

    now()
    settings.MEMO_SECONDS = 0.0
    now()
    assert len(asked) == 2
