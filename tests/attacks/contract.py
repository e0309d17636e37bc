"""Requests drawn from the API's own contract, lawful and not: no 5xx, and no answer that the contract does not name."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

SEQUENCES = 20
PHASES = ("coverage", "fuzzing", "stateful")
# Whoever ends their session tries nothing more after it, so these come last.
ENDING = ["sign_out", "end_session", "end_other_sessions"]
# The contract names shapes: which lawful request a case's phase or its law refuses, it does not say. Who may do what is asked by
# tests/api/test_matrix.py, where no credential of ours is added to those that are made up.
NOT_ASKED = ("positive_data_acceptance", "ignored_auth")

type Load = Callable[[SchemathesisConfig], Any]


@dataclass
class Outcome:
    """What came of one attacker's requests: how many by phase and by status, and what should not have been."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many requests were made."""
        return self.cases.total()


def attack(
    load: Load, *, headers: Mapping[str, str], seed: int, examples: int, phases: tuple[str, ...] = PHASES
) -> Outcome:
    """
    Make requests of every operation as whoever `headers` say, sessions' ends last; return what came of them.

    `load` returns the contract under a configuration; `examples` are made of each operation, and `SEQUENCES` times as many
    sequences of requests in all.
    """
    outcome = Outcome()
    for phase in phases:
        settings = _settings(headers, seed, examples * (SEQUENCES if phase == "stateful" else 1), {phase})
        _listen(from_schema(load(settings).exclude(operation_id=ENDING)).execute(), outcome)
    settings = _settings(headers, seed, examples, {"fuzzing"})
    _listen(from_schema(load(settings).include(operation_id=ENDING)).execute(), outcome)
    return outcome


def _settings(headers: Mapping[str, str], seed: int, examples: int, phases: set[str]) -> SchemathesisConfig:
    every = ("examples", *PHASES)
    return SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "warnings": False,
            "suppress-health-check": ["all"],  # a busy machine is no finding
            "headers": dict(headers),
            "generation": {
                "max-examples": examples,
                "no-shrink": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {name: {"enabled": name in phases} for name in every},
            # A body that is too large is refused before anybody looks into it.
            "checks": {
                **{name: {"enabled": False} for name in NOT_ASKED},
                "negative_data_rejection": {"expected-statuses": ["4xx"]},
            },
        }
    )


def _listen(stream: Iterator[Any], outcome: Outcome) -> None:
    for event in stream:
        if isinstance(event, events.NonFatalError | events.FatalError):
            outcome.findings["error", type(event).__name__] = str(
                getattr(event, "value", None) or event.exception
            )
        if not isinstance(event, events.ScenarioFinished):
            continue
        told = event.recorder
        outcome.cases[event.phase.value] += len(told.interactions)
        outcome.statuses.update(
            one.response.status_code for one in told.interactions.values() if one.response is not None
        )
        for case, checks in told.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    where = (check.name, str(told.cases[case].value.operation.label))
                    outcome.findings.setdefault(where, _said(told, case, check.failure_info.failure))


def _said(told: Any, case: str, failure: Any) -> str:
    """Return a finding's words: what was wrong, what was asked (whoever asked), what was answered."""
    sent, answer = told.cases[case].value, told.interactions[case].response
    asked = f"{sent.method} {sent.formatted_path} {dict(sent.query or {})!r} {sent.media_type} {sent.body!r}"[
        :500
    ]
    answered = f"{answer.status_code} {answer.content[:300]!r}" if answer is not None else "no answer"
    return f"{failure.title}: {str(failure.message).strip()}\n    {asked}\n    → {answered}"
