"""A dossier for people: who did what and when, and who held which duty for how long. Pure; verify first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tongban.kernel.journal import fold
from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.kernel.time.calendar import WorkingCalendar, shipped_years
from tongban.kernel.time.clock import official_day
from tongban.kernel.time.standing import standing
from tongban.procedures import register
from tongban.procedures.dossier.checks_of_events import chains, official, story, who_held
from tongban.procedures.dossier.dossierfile import DossierFile, NotADossier, read
from tongban.procedures.words import Standard

OF_MACHINES = frozenset({Standard.ARRIVE, Standard.LOOK})
KINDS = {"applicant": "申请人", "system": "系统", "peer": "对方节点"}


def timeline(data: bytes) -> list[str]:
    """
    Return the lines that tell a dossier's story, in Chinese, in the order of the events.

    Raises:
        NotADossier: the bytes are no dossier, or its events do not fit together.
    """
    file = _fitting(data)
    names, states = _names(file), _states(file)
    lines = [
        f"{register.named(file.procedure, file.subject)}，{_phase(file)}，共 {len(file.events)} 条记录",
        "",
        "经过",
    ]
    lines += [_act_line(event, state, names) for event, state in states]
    lines += ["", "责任"]
    lines += [_duty_line(file.procedure, row, names, official(file.at)) for row in who_held(states)]
    return lines


@dataclass(frozen=True, slots=True)
class Told:
    """A dossier's story in parts: what people did, what only says that something came or was looked at, who owed what."""

    phase: str
    places: list[tuple[str, str]]  # role, organisation
    people: list[str]
    machines: list[str]
    duties: list[str]
    file: DossierFile  # as it was read and found to fit together


def told(data: bytes) -> Told:
    """Return a dossier's story in parts; raises as `timeline`."""
    file = _fitting(data)
    names, states = _names(file), _states(file)
    procedure = register.find(file.procedure)
    lines = [(event.kind in OF_MACHINES, _act_line(event, state, names)) for event, state in states]
    return Told(
        phase=_phase(file),
        places=[
            (procedure.role_name(role) if procedure else role, names.get(bound["org"], bound["org"]))
            for role, bound in file.state.roles.items()
        ],
        people=[line for machine, line in lines if not machine], machines=[line for machine, line in lines if machine],
        duties=[_duty_line(file.procedure, row, names, official(file.at)) for row in who_held(states)], file=file,
    )  # fmt: skip


def _fitting(data: bytes) -> DossierFile:
    file = read(data)
    faults = chains(file) or story(file)
    if faults:
        raise NotADossier(str(faults[0]))
    return file


def _phase(file: DossierFile) -> str:
    procedure = register.find(file.procedure)
    return procedure.phase_name(file.state.phase) if procedure else file.state.phase


def _states(file: DossierFile) -> list[tuple[Event, State]]:
    empty = State(file.procedure, file.subject)
    ordered = sorted(
        fold.in_order(empty, file.events), key=lambda event: (event.document["at"], event.role, event.seq)
    )
    try:
        return fold.states(file.procedure, file.subject, ordered)
    except fold.BrokenChain:  # a clock that stood elsewhere: as the chains order them
        return fold.states(file.procedure, file.subject, fold.in_order(empty, file.events))


def _names(file: DossierFile) -> dict[str, str]:
    """Return what organisations are called in the papers of the dossier."""
    named = {
        party["organisation"]: party["name"]
        for paper in file.document["papers"].values()
        for party in paper.get("parties", ())
    }
    return named | {
        paper["organisation"]["uscc"]: paper["organisation"]["name"]
        for paper in file.document["papers"].values()
        if "organisation" in paper
    }


def _act_line(event: Event, state: State, names: Mapping[str, str]) -> str:
    procedure = register.find(event.procedure)
    known = procedure is not None and event.kind in procedure.present.rules
    what = procedure.present.title_of_act(event.kind) if procedure and known else f"未知行为 {event.kind}"
    change = event.effects.get("phase")
    phase = procedure.phase_name(change[1]) if procedure and change else (change or ["", ""])[1]
    then = f" → {phase}" if change and change[0] != change[1] else ""
    actor = event.actor
    who = names.get(actor["org"], actor["org"]) or KINDS.get(actor["kind"], "")
    staff = f"（{actor['staff']}）" if actor["staff"] else ""
    role = procedure.role_name(event.role) if procedure else event.role
    side = role + (f"第 {event.term} 任" if event.term > 1 else "")
    return f"{official(event.document['at']):%Y-%m-%d %H:%M}  {side}  {who}{staff}：{what}{then}"


def _duty_line(procedure: str, row: Mapping[str, Any], names: Mapping[str, str], now: datetime) -> str:
    found = register.find(procedure)
    title = found.present.title_of_duty(row["kind"]) if found else row["kind"]
    since = official(row["since"])
    until = official(row["until"]) if row["until"] else None
    lasted = _length((until or now) - since)
    end = f"至 {until:%Y-%m-%d %H:%M}" if until else "仍未了结"
    due = f"，期限 {row['due']}" if row["due"] else ""
    late = _late(row["due"], until or now, since)
    holder = names.get(row["org"], row["org"]) or "申请人"
    return f"{title}：{holder}，{since:%Y-%m-%d %H:%M} 起，{end}，历时{lasted}{due}{late}"


def _late(due: str, end: datetime, since: datetime) -> str:
    """Return by how much a duty was late, by the calendar that comes with the program."""
    if not due:
        return ""
    calendar = WorkingCalendar(shipped_years())
    found = standing(date.fromisoformat(due), official_day(end), calendar, since=official_day(since))
    if not found.is_late:
        return ""
    return f"，逾期 {found.days} 个工作日" if found.days else "，逾期（日历未发布）"


def _length(span: timedelta) -> str:
    hours, minutes = span.seconds // 3600, span.seconds % 3600 // 60
    parts = [(span.days, "天"), (hours, "小时"), (minutes, "分")]
    return "".join(f" {number} {unit}" for number, unit in parts if number) or "不到 1 分"
