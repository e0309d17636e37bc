"""A procedure's design: the words and sentences by which the desk shows it, as rows; and how a matter of it is opened there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.kernel.journal.fold import State
from tongban.procedures import register
from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import FILE, Rule
from tongban.procedures.words import Standard
from tongban.web.designs.fields import Field

WORDS = {"ground": _("销毁依据"), "note": _("处置说明")}  # what acts of every procedure carry
# What the desk does not offer: done by opening a page, by the system, on a page of all procedures, or elsewhere with a document of its own.
ELSEWHERE = frozenset(
    {
        Standard.LOOK,
        Standard.CLAIM,
        Standard.HAND_OVER,
        Standard.RELIEVE,
        Standard.PRESS,
        Standard.SUPERVISE,
        Standard.SETTLE,
        Standard.SUCCEED,
        Standard.REDACT,
    }
)


@dataclass(frozen=True, slots=True)
class Opening:
    """
    How a matter is opened at the desk: what to say before, the fields, and who may; the practice of its procedure does it.

    `of_node`: only for the node's own organisation, which answers for it. `anybody`: also for who has not signed in.
    """

    title: Any
    explains: Any
    fields: tuple[Field, ...]
    permission: str = ""
    applicant: bool = False
    of_node: bool = False
    anybody: bool = False

    def lets(self, actor: Actor) -> bool:
        """Return whether somebody may open one."""
        if actor.kind is ActorKind.APPLICANT:
            return self.applicant if actor.applicant else self.anybody
        there = not self.of_node or actor.organisation == settings.NODE.organisation
        return bool(self.permission) and actor.may(self.permission) and there

    def asked_of(self, actor: Actor) -> tuple[Field, ...]:
        """Return the fields that somebody is asked to fill in."""
        theirs = (one for one in self.fields if actor.kind is ActorKind.STAFF or not one.of_staff)
        return tuple(one.asked_of(actor) for one in theirs)


@dataclass(frozen=True, slots=True)
class ActDesign:
    """
    What to say of an act, ready phrases by field, and whether it weighs against somebody.

    `fields` are what it asks for where that is not what its row names: its practice works out the rest. `begins_with` is what its
    form holds to begin with, by the matter's state.
    """

    explains: Any = ""
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grave: bool = False
    fields: tuple[Field, ...] | None = None
    begins_with: Callable[[State], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Design:
    """The design of one procedure; what it leaves out the desk takes from the rule table."""

    procedure: str
    title: Any  # of the list: what people call these matters
    empty: Any  # what a list says that holds none
    acts: Mapping[str, ActDesign] = field(default_factory=dict)
    opening: Opening | None = None

    @property
    def of(self) -> Procedure:
        """The procedure as the engine knows it."""
        return register.of(self.procedure)

    def lets(self, actor: Actor) -> bool:
        """Return whether somebody has anything to do with such matters: by what the post may do, or as an applicant."""
        rules = self.of.present.rules.values()
        if actor.kind is ActorKind.APPLICANT:
            return any(rule.applicant for rule in rules)
        return actor.kind is ActorKind.STAFF and self.of.is_for(actor.permissions)

    def design_of(self, act: str) -> ActDesign:
        """Return what is said of an act."""
        return self.acts.get(act, ActDesign())


def fields_of(procedure: Procedure, act: str, rule: Rule) -> tuple[Field, ...]:
    """Return what an act asks for: the codes its procedure words, the texts it must carry, a remark where it must bring something."""
    names = [name for name in rule.given if name in procedure.choices]
    chosen = [
        Field(
            name, procedure.labels.get(name) or WORDS.get(name, name), "choice" if procedure.choices[name] else "line",
            choices=tuple(procedure.choices[name].items()), code=True,
        )
        for name in names
    ]  # fmt: skip
    labels = [*rule.content, *(["remark"] if rule.brings else [])]
    return (
        *chosen,
        *(_field(label, procedure.labels.get(label) or WORDS.get(label) or label) for label in labels),
    )


def _field(label: str, title: Any) -> Field:
    return (
        Field(label, title, "file", _("PDF、OFD 或图片，10 MB 以内"))
        if label.startswith(FILE)
        else Field(label, title)
    )
