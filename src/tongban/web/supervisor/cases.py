"""A case as an accountable story: who held it when, which segment overran; what a supervisor may do about it."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongban.accounts.access.actor import Actor, Permission
from tongban.cases import commands, queries, reading
from tongban.cases.models import Case
from tongban.cases.procedure import NAME
from tongban.cases.words import Act, Duty
from tongban.exchange import queries as exchange
from tongban.kernel import identity, limits
from tongban.kernel.crypto.keychain import fingerprint_groups
from tongban.kernel.errors import DomainError
from tongban.kernel.time import clock
from tongban.letters import dossiers as readable
from tongban.procedures import consulting, parked, possible, viewing, watched
from tongban.procedures import queries as matters
from tongban.procedures.dossier import exporting as dossiers
from tongban.procedures.readable import is_handed_in
from tongban.procedures.words import OF_SYSTEM
from tongban.signin.actor import SignedInRequest
from tongban.supervision import accounts_for
from tongban.supervision import queries as supervising
from tongban.supervision.accounts_for import Segment
from tongban.web import charts, consulted
from tongban.web.access import signed_in
from tongban.web.english import told
from tongban.web.files import download
from tongban.web.officer.cases import heading
from tongban.web.staff import named, names_of
from tongban.web.supervisor.words import PARKED
from tongban.web.twice import done_already, version_to_act_on
from tongban.web.typed import whole
from tongban.web.unfinished import taken_up

# What was asked and what was answered, by supervisors and offices.
SAID: Final = frozenset(
    {Act.ESCALATE, Act.PRESS, Act.SUPERVISE, Act.URGE, Act.REPLY_URGING, Act.RELIEVE, Act.RELEASE}
)
LET_IN: Final = "no"  # what is struck where all is let in


@require_safe
@signed_in(Permission.CASE_SUPERVISE)
def case(request: SignedInRequest, number: str) -> HttpResponse:
    """The story of a case, without its content. A matter of another procedure is read at its own desk."""
    matter = matters.matter(number, request.actor)
    if matter.procedure != NAME:
        return redirect("web:desk-matter", matter.procedure, matter.number)
    found, kept = queries.case(number, request.actor), taken_up(request)
    if kept is None:
        return _page(request, found)
    typed = {"press-note" if "about" in kept.data else "release-note": kept.data.get("note", "")}
    return _page(request, found, typed=typed, struck=kept.data.get("struck", ""), notice=kept.notice)


@require_POST
@signed_in(Permission.CASE_SUPERVISE)
def release(request: SignedInRequest, number: str) -> HttpResponse:
    """Say that a parked case has been looked into (核处完毕), and let in or strike what was held back."""
    return _answer(request, number, Act.RELEASE, {}, "release-note")


@require_POST
@signed_in(Permission.CASE_SUPERVISE)
def press(request: SignedInRequest, number: str) -> HttpResponse:
    """Put a duty to whoever owes it (督办单)."""
    about = request.POST.get("about", "")[: limits.DUTY]
    return _answer(request, number, Act.PRESS, {"about": about}, "press-note")


@require_POST
@signed_in(Permission.CASE_SUPERVISE)
def dossier(request: SignedInRequest, number: str) -> HttpResponse:
    """Hand out the dossier without content, to be read or, signed, to be verified; that it was taken out is written down."""
    found = queries.case(number, request.actor)
    data = dossiers.export(found.number, by=request.actor, at=clock.now())
    if request.POST.get("form") != "json":
        roots = [identity.fingerprint(), *exchange.roots()]
        return download(f"{found.number}.pdf", "application/pdf", readable.readable(data, roots))
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.dossier.json"'
    return response


def _answer(
    request: SignedInRequest, number: str, act: Act, given: dict[str, str], field: str
) -> HttpResponse:
    found, note = queries.case(number, request.actor), request.POST.get("note", "").strip()
    version, struck = request.POST.get("version", ""), request.POST.get("struck", "")
    asks = (
        _("要求：请写明要求什么、何时答复。")
        if act == Act.PRESS
        else _("处置说明：请写明查明了什么、怎样处理。")
    )
    faults, status = [] if note else [(field, asks)], 422
    if act == Act.RELEASE and not struck and parked.held_back(found, request.actor):
        faults.append(("release-struck", _("待核实的对方记录：请选择是否准予计入。")))
    if not faults:
        try:
            more = parked.release(found, request.actor, _place(struck)) if act == Act.RELEASE else {}
            commands.act(
                case=found, act=act, by=request.actor, at=clock.now(), given={**given, **more}, texts={"note": note},
                version=version_to_act_on(found, version),
            )  # fmt: skip
            return redirect(f"{reverse('web:supervised-case', args=[found.number])}?done={act}")
        except DomainError as refusal:
            faults, status = [(field, told(refusal))], refusal.status
    found = queries.case(number, request.actor)
    if done_already(found, act, request.actor, version, {"note": note}):
        return redirect(f"{reverse('web:supervised-case', args=[found.number])}?done={act}")
    return _page(request, found, faults=faults, status=status, typed={field: note}, struck=struck)


def _place(typed: str) -> int | None:
    """Return up to which place the other side's record is to be struck; nothing where it is let in, 0 for nonsense."""
    if typed in ("", LET_IN):
        return None
    return whole(typed, digits=10) or 0


def _ways(found: Case, actor: Actor, chosen: str) -> list[tuple[str, Any, bool]]:
    """Return the ways to deal with what is held back: let all in, strike what was parked, or that and all behind it."""
    held = parked.held_back(found, actor)
    if held is None or not held.events:
        return []
    first, last = held.events[0], held.events[-1]
    let_in = _("准予计入：对方的记录无误，照常生效")
    if named := first.effects.get("succeed"):
        let_in = _(
            "准予计入：本节点确已由节点 %(node)s 接替（对方所写依据：%(under)s），本办件转由其续办，本节点不再办理"
        ) % {"node": fingerprint_groups(named["node"])[:19], "under": first.given.get("under", "")}
    ways: list[tuple[str, Any]] = [
        (LET_IN, let_in),
        (str(first.seq), _("不予计入：“%(act)s”这一条不生效") % {"act": _(found.title_of_act(first.kind))}),
    ]
    if last is not first:
        more = _("不予计入：“%(act)s”和它后面已收到的 %(n)s 条都不生效")
        ways.append(
            (str(last.seq), more % {"act": _(found.title_of_act(first.kind)), "n": len(held.events) - 1})
        )
    return [(value, said, value == chosen) for value, said in ways]


def _page(
    request: SignedInRequest, found: Case, *, faults: list[tuple[str, str]] | None = None, status: int = 200,
    typed: dict[str, str] | None = None, struck: str = "", notice: str = "",
) -> HttpResponse:  # fmt: skip
    actor, at = request.actor, clock.now()
    head, able = heading(found, actor), {act for act, _ in possible.possible_acts(found, actor, at)}
    texts = reading.read(found, actor).texts
    for piece in matters.contents(found, actor):
        # Form and files are on no page but that of a consultation.
        if not is_handed_in(piece.label):
            viewing.note_once(found, piece.digest, by=actor, at=at)
    held = accounts_for.segments(found, at)
    done, typed = request.GET.get("done", ""), typed or {}
    asked = {"release-note"} if Act.RELEASE in able else set()
    asked |= {"press-note"} if Act.PRESS in able else set()
    entries = [(one, texts.get((one.act, one.at), [])) for one in named(matters.timeline(found, actor))]
    context = {
        **head, "today": clock.official_day(at), "segments": held, "faults": faults or [],
        "chart": _chart(held, at),
        "deadlines": [(one, head["names"].get(one.holder, "")) for one in matters.deadlines(found)],
        "entries": entries, "said": [row for row in entries if row[0].act in SAID],
        "waiting": [(one, head["names"].get(found.state["duties"][one.duty]["holder"]["org"], "")) for one in watched.open_in(found)],
        "may_relieve": Act.RELIEVE in able,
        "staff": names_of(who for one in held for who in (one.claimed_by, one.opened_by)),
        "parkings": [(role, PARKED.get(reason, reason)) for role, reason in supervising.parkings(found)],
        "consultation": consulting.open_to(found, actor, at), "consultations": consulted.lines(consulting.of(found, actor)),
        "may_release": Act.RELEASE in able, "press_note": typed.get("press-note", ""),
        "pressable": _pressable(found, head["names"]) if Act.PRESS in able else [],
        # What was typed into a form that somebody else has meanwhile made needless.
        "kept": [(field, text) for field, text in typed.items() if field not in asked],
        "release_note": typed.get("release-note", ""),
        "ways": _ways(found, actor, struck) if Act.RELEASE in able else [],
        "notice": notice or (_("已记录：") + _(found.title_of_act(done)) if done in set(Act) else ""),
        "notice_kind": "warn" if notice else "ok",
    }  # fmt: skip
    return render(request, "supervisor/case.html", context, status=status)


def _pressable(found: Case, names: dict[str, str]) -> list[tuple[str, str]]:
    """Return the open duties of offices here that nobody has been asked about, by name, with what they are called."""
    duties, here = found.state["duties"], identity.fingerprint()
    asked = {duty["about"] for duty in duties.values()}
    return [
        (name, f"{_(found.title_of_duty(duty['kind']))} · {names.get(duty['holder']['org'], duty['holder']['org'])}")
        for name, duty in duties.items()
        if duty["holder"]["node"] == here and duty["holder"]["org"] and name not in asked
        and duty["kind"] not in OF_SYSTEM and duty["kind"] not in (Duty.SUPERVISE, Duty.RESOLVE)
    ]  # fmt: skip


def _chart(held: list[Segment], at: datetime) -> str:
    """Draw how long each segment took; nothing while all is a matter of hours."""
    rows = [
        # Two places' clocks differ a little, so what followed at once may seem to have come before.
        (f"{_(one.title)} {one.holder}", max(((one.until or at) - one.since).days, 0), one.overrun or 0)
        for one in held
    ]
    if not any(days or late for name, days, late in rows):
        return ""
    return charts.bars(rows, title=_("各环节历时（天）"), part=_("逾期工作日"))
