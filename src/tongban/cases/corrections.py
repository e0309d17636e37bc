"""
Putting right what was asked to be put right (补正): exactly the fields that the notice names are open again, at home and at any window.

The form that was filed stays as it is; its successor is content of the answer, and both nodes show the old beside the new.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.cases import commands, papers
from tongban.cases.commands import FormFaulty
from tongban.cases.models import Case
from tongban.cases.words import Act, Phase, Role
from tongban.catalogue import forms
from tongban.kernel.db import write
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.journal import writer as journal
from tongban.kernel.journal.fold import State
from tongban.kernel.time.clock import official_day
from tongban.materials import filing
from tongban.materials import forms as filled
from tongban.materials import queries as materials

_FIELD, _MATERIAL = "form:", "material:"
ASKED_BY = {Phase.NOTICED: Role.INTAKE, Phase.CORRECTING: Role.HANDLING}


class NotAskedFor(InvalidInput):
    """What is to be changed or added was not asked for."""

    code = "not_asked_for"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that was put right: by its name, what stood there, what stands there now, and since when."""

    name: str
    before: Any
    after: Any
    at: datetime


def asked(case: Case) -> list[str]:
    """Return what the applicant is asked to put right now, by code; nothing where nothing is asked."""
    role = ASKED_BY.get(Phase(case.phase)) if case.phase in set(Phase) else None
    said = case.state["facts"].get(role, {}).get("asked", []) if role else []
    return [str(one) for one in said]


def materials_asked(case: Case) -> set[str]:
    """Return the materials that are asked for now, by code."""
    return {one.removeprefix(_MATERIAL) for one in asked(case) if one.startswith(_MATERIAL)}


def fields_asked(case: Case, schema: Mapping[str, Any]) -> list[str]:
    """Return the fields of the form that are open now, in its order: those asked for, and those that only they open."""
    named = {one.removeprefix(_FIELD) for one in asked(case) if one.startswith(_FIELD)}
    if not named:
        return []
    properties = schema.get("properties", {})
    order = [name for step in schema["x-ui"]["steps"] for name in step["fields"] if name in properties]
    return [
        name
        for name in order
        if name in named or set(properties[name].get("x-ui", {}).get("when", {})) & named
    ]


def answer(
    *, case: Case, act: Act, changes: Mapping[str, Any], by: Actor, at: datetime, given: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None, version: int | None = None,
) -> Case:  # fmt: skip
    """
    Answer what was asked (补齐、答复补正), with the fields that were put right; `changes` holds those that are open, as they are now.

    Raises:
        NotAskedFor: a field that is not open would change. FormFaulty: what stands there now does not fit.
        and what `commands.act` raises.
    """
    schema = papers.terms_of(State.from_dict(case.state)).guide["form"]
    before = latest_form(case.number)
    put_right = _put_right(case, schema, before, changes, at)
    if put_right is None:
        return commands.act(case=case, act=act, by=by, at=at, given=given, texts=texts, version=version)
    told = {**(texts or {}), "form": filled.encode(put_right).decode()}
    with write():
        done = commands.act(case=case, act=act, by=by, at=at, given=given, texts=told, version=version)
        filing.note_form(done.number, _last_form(done.number))
        return done


def history(number: str) -> list[Change]:
    """Return the fields that were put right in a case, the latest first; nothing where the forms cannot be read here."""
    found: list[Change] = []
    before: Mapping[str, Any] | None = None
    for event in journal.events_of(number):
        for piece in event.content:
            if piece["label"] != "form":
                continue
            try:
                form = materials.form_at(number, str(piece["digest"]))
            except DomainError:
                return found
            names = (
                []
                if before is None
                else [name for name in {**before, **form} if before.get(name) != form.get(name)]
            )
            found += [Change(name, (before or {}).get(name), form.get(name), event.at) for name in names]
            before = form
    return found[::-1]


def latest_form(number: str) -> dict[str, Any]:
    """Return the form as it was put right last; empty where none was filed. Raises ContentMissing, ContentDestroyed."""
    digest = _last_form(number)
    return materials.form_at(number, digest) if digest else {}


def _put_right(
    case: Case, schema: Mapping[str, Any], before: Mapping[str, Any], changes: Mapping[str, Any], at: datetime
) -> dict[str, Any] | None:
    """Return the form as it is put right; nothing where it stays as it was."""
    open_now = fields_asked(case, schema)
    closed = [name for name, value in changes.items() if name not in open_now and before.get(name) != value]
    if closed:
        titles = "、".join(forms.title_of(dict(schema), (name,)) for name in closed[:5])
        raise NotAskedFor(
            f"办件 {case.number} 没有要求改正“{titles}”，未提交。只能改告知书列明的栏目，其他栏目有误的请与办理地联系。"
        )
    if not changes:
        return None
    kept = {name: value for name, value in before.items() if name not in open_now}
    after = forms.cleaned(
        dict(schema), {**kept, **{name: changes[name] for name in open_now if name in changes}}
    )
    faults = [
        fault for fault in forms.judge(dict(schema), after, on=official_day(at)) if fault.path and fault.path[0] in open_now
    ]  # fmt: skip
    if faults:
        named = [(fault.pointer, fault.message) for fault in faults]
        raise FormFaulty(f"办件 {case.number} 的申请表有 {len(faults)} 处需要改正：{named[0][1]}", named)
    return None if after == dict(before) else after


def _last_form(number: str) -> str:
    for event in reversed(journal.events_of(number)):
        for piece in event.content:
            if piece["label"] == "form":
                return str(piece["digest"])
    return ""
