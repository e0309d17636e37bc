"""
The rules of a complaint, version 1. Pure data and guards; released, never edited.

Limits: the centre's own 10 working days are of practice (平潭), the hotline's 5 and 5 more of a city's regulation (安阳市政务服务条例
第五十条); both are examples, no national rule. Those of petitions are of the 信访工作条例.
"""

from datetime import date
from typing import Any

from tongban.complaints.words import Act, Clock, Duty, Phase, Role, Track
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.rule import (
    CALENDAR_DAY,
    DAY,
    ClockRule,
    DutyRule,
    Limit,
    Opens,
    Rule,
    Starts,
    append,
    given,
    more,
    value,
)
from tongban.procedures.standard_guards import matters_named, oneself
from tongban.procedures.words import Owed

TAKE, HANDLE, APPROVE, READ = "complaint.take", "complaint.handle", "complaint.approve", "complaint.read"
_CENTRE, _HOTLINE = "政务服务中心投诉办理规定", "12345 热线办理规定"
_PETITION_23, _PETITION_34 = "信访工作条例 第二十三条", "信访工作条例 第三十四条"
_RECUSAL, _LAWFUL = "信访工作条例 第二十八条（回避）", "信访工作条例 第三十一条（导入法定程序）"
_R, _H = Role.RECEIVING, Role.HANDLING


def is_petition(c: Circumstances) -> bool:
    """The complaint is a petition (信访)."""
    return bool(c.fact(_R, "mode") == Track.PETITION)


def is_no_petition(c: Circumstances) -> bool:
    """The complaint is no petition."""
    return not is_petition(c)


def by_centre(c: Circumstances) -> bool:
    """The complaint is dealt with by the rules of the centre."""
    return bool(c.fact(_R, "mode") == Track.CENTRE)


def by_hotline(c: Circumstances) -> bool:
    """The complaint is dealt with by the rules of the hotline."""
    return bool(c.fact(_R, "mode") == Track.HOTLINE)


def says_who(c: Circumstances) -> str | None:
    """It says who is complained of, and by which track it goes."""
    target, mode = c.given.get("target"), c.given.get("mode")
    right = isinstance(target, dict) and all(
        isinstance(target.get(name), str) for name in ("node", "org", "office")
    )
    return (
        None
        if right and mode in [str(track) for track in Track]
        else "没有写明投诉谁，或办理渠道。请补齐后重新提出。"
    )


def in_time(c: Circumstances) -> str | None:
    """A limit that has passed is not made longer."""
    clock = c.state.clocks.get(c.fact(_R, "mode")) or {}
    if not clock.get("due") or date.fromisoformat(clock["due"]) >= c.day:
        return None
    return "的期限已过，不能再延长。请尽快答复，并说明逾期理由。"


def next_term(c: Circumstances) -> str | None:
    """The binding names the next term of the handling role."""
    if c.given["bind"].get("term") == c.state.term_of(_H) + 1:
        return None
    return "的承办任期不连续。请刷新后重新转办。"


def not_by_itself(c: Circumstances) -> str | None:
    """Nobody takes or looks into a complaint about themselves (回避)."""
    target = c.given.get("target") or c.fact(_R, "target") or {}
    if target.get("org") not in (c.given["bind"].get("org"), c.given["bind"].get("office")):
        return None
    return "投诉的就是承办机构，不能由它自己办理。请告知投诉人向其上级机关或 12345 反映。"


def not_returned_before(c: Circumstances) -> str | None:
    """What came back once and was assigned again may not come back (指定承办后不得退回)."""
    return "已经退回过一次，指定承办后不得再退回。请核查后答复。" if c.fact(_H, "returned") else None


def not_recused(c: Circumstances) -> str | None:
    """Whoever has stepped aside does nothing more."""
    return (
        "您已回避，不能再办理。请由其他人员办理。"
        if c.staff and c.staff in (c.fact(c.role, "recused") or [])
        else None
    )


def not_rated_before(c: Circumstances) -> str | None:
    """A complaint is rated once."""
    return "已经评价过。评价只作一次，不能更改。" if c.fact(_R, "rating") else None


def not_extended_before(c: Circumstances) -> str | None:
    """The limit is extended once at most."""
    return "已经延长过一次期限，不得再次延长。请在期限内答复。" if c.fact(_H, "extended") else None


def _accept(title: str, track: Track, starts: Starts, basis: str) -> Rule:
    return Rule(
        title=title, role=_R, start=frozenset({Phase.FILED}), end=Phase.ASSIGNED, permission=TAKE, basis=basis,
        modes=frozenset({track}), closes=(Duty.DETERMINE, Duty.REGISTER), opens=(Opens(Duty.TAKE_OVER, to=_H),), binds=_H,
        pen=_H, starts=starts, stops=(Clock.RECEIVED,), needs=(next_term, not_by_itself, not_recused), given=("bind",),
        facts={"accepted_on": DAY},
    )  # fmt: skip


def _extend(title: str, track: Track, clock: Clock, basis: str) -> Rule:
    return Rule(
        title=title, role=_H, start=frozenset({Phase.LOOKED_INTO}), end=Phase.LOOKED_INTO, permission=APPROVE, basis=basis,
        modes=frozenset({track}), extends=clock, needs=(not_extended_before, in_time, not_recused), content=("reason",),
        facts={"extended": value(True)},
    )  # fmt: skip


def _rate(title: str, **who: Any) -> Rule:
    return Rule(
        title=title, role=_R, start=frozenset({Phase.CLOSED}), basis="政务服务“好差评”（回访）", opens=(Opens(None, to=_H),),
        needs=(not_rated_before,), given=("rating",), facts={"rating": given("rating")}, **who,
    )  # fmt: skip


def _withdraw(title: str, **who: Any) -> Rule:
    return Rule(
        title=title, role=_R, start=frozenset({Phase.FILED}), end=Phase.WITHDRAWN, basis="投诉人自愿撤回",
        closes=(Duty.DETERMINE, Duty.REGISTER), stops=tuple(Clock), **who,
    )  # fmt: skip


_LOOKED_INTO = frozenset({Phase.LOOKED_INTO})
_ANSWERS = (Duty.ANSWER_CENTRE, Duty.ANSWER_HOTLINE, Duty.ANSWER_PETITION)

ACTS: dict[Act, Rule] = {
    Act.FILE: Rule(
        title="提出投诉", role=_R, start=frozenset({Phase.NONE}), end=Phase.FILED, permission=TAKE, applicant=True, founds=True,
        basis=_CENTRE, starts=Starts(Clock.RECEIVED),
        opens=(Opens(Duty.DETERMINE, when=is_no_petition), Opens(Duty.REGISTER, when=is_petition)),
        given=("bind", "mode", "channel", "against", "target", "matters", "applicant"), content=("complaint",),
        needs=(says_who, matters_named, not_by_itself),
        facts={"mode": given("mode"), "channel": given("channel"), "against": given("against"), "target": given("target"),
               "about": given("matters"), "applicant": given("applicant"), "opened_on": DAY},
    ),
    Act.DECLINE: Rule(
        title="不予受理并告知途径", role=_R, start=frozenset({Phase.FILED}), end=Phase.DECLINED, permission=TAKE, basis=_LAWFUL,
        closes=(Duty.DETERMINE, Duty.REGISTER), stops=tuple(Clock), needs=(not_recused,), given=("way",),
        content=("reason",), facts={"way": given("way")},
    ),
    Act.ACCEPT_CENTRE: _accept("受理并转承办（中心投诉）", Track.CENTRE, Starts(Clock.CENTRE, since=Clock.RECEIVED), _CENTRE),
    Act.ACCEPT_HOTLINE: _accept("受理并转承办（12345）", Track.HOTLINE, Starts(Clock.HOTLINE), _HOTLINE),
    Act.ACCEPT_PETITION: _accept("受理并转承办（信访）", Track.PETITION, Starts(Clock.PETITION), _PETITION_23),
    Act.TAKE_OVER: Rule(
        title="承接", role=_H, start=frozenset({Phase.ASSIGNED}), end=Phase.LOOKED_INTO, permission=HANDLE, basis=_CENTRE,
        closes=(Duty.TAKE_OVER,), needs=(not_recused,),
        opens=(
            Opens(Duty.ANSWER_CENTRE, when=by_centre), Opens(Duty.ANSWER_HOTLINE, when=by_hotline),
            Opens(Duty.ANSWER_PETITION, when=is_petition),
        ),
    ),
    Act.RETURN: Rule(
        title="退回（不属本机关）", role=_H, start=frozenset({Phase.ASSIGNED}), end=Phase.FILED, permission=HANDLE,
        basis="信访工作条例 第二十三条（五个工作日内提出异议）", pen=_R, closes=(Duty.TAKE_OVER,),
        opens=(
            Opens(Duty.DETERMINE, to=_R, when=is_no_petition), Opens(Duty.REGISTER, to=_R, when=is_petition),
            Opens(Owed.DROP),
        ),
        needs=(not_returned_before, not_recused), content=("objection",), facts={"returned": more(1)},
    ),
    Act.RECUSE: Rule(
        title="回避", role=None, start=frozenset({Phase.FILED, Phase.ASSIGNED, Phase.LOOKED_INTO, Phase.REPLIED}), permission=READ,
        basis=_RECUSAL, needs=(oneself, not_recused), given=("staff",), content=("recusal",), facts={"recused": append("staff")},
    ),
    Act.NOTE: Rule(
        title="记录核查情况", role=_H, start=_LOOKED_INTO, permission=HANDLE, basis=_CENTRE, needs=(not_recused,),
        content=("record",),
    ),
    Act.EXTEND_HOTLINE: _extend("延长期限（12345）", Track.HOTLINE, Clock.HOTLINE, _HOTLINE),
    Act.EXTEND_PETITION: _extend("延长期限（信访）", Track.PETITION, Clock.PETITION, _PETITION_34),
    Act.REPLY: Rule(
        title="作出答复", role=_H, start=_LOOKED_INTO, end=Phase.REPLIED, permission=HANDLE, basis=_CENTRE, pen=_R,
        closes=_ANSWERS, opens=(Opens(Duty.TELL, to=_R),), stops=(Clock.CENTRE, Clock.HOTLINE, Clock.PETITION),
        needs=(not_recused,), given=("outcome",), content=("reply",), facts={"outcome": given("outcome"), "replied_on": DAY},
    ),
    Act.TELL: Rule(
        title="答复投诉人", role=_R, start=frozenset({Phase.REPLIED}), end=Phase.CLOSED, permission=TAKE, basis=_CENTRE,
        closes=(Duty.TELL,), opens=(Opens(None, to=_H),), needs=(not_recused,), facts={"told_on": DAY},
    ),
    Act.RATE: _rate("评价", applicant=True),
    Act.RATE_FOR: _rate("代记评价（回访）", permission=TAKE, content=("callback",)),
    Act.WITHDRAW: _withdraw("撤回投诉", applicant=True),
    Act.WITHDRAW_FOR: _withdraw("代记撤回", permission=TAKE, content=("request",)),
}  # fmt: skip

_FILED = frozenset({Phase.FILED})
DUTIES: dict[Duty, DutyRule] = {
    Duty.DETERMINE: DutyRule("判断是否受理", Limit(1), _CENTRE, _FILED),
    Duty.REGISTER: DutyRule("登记并告知信访人", Limit(15, CALENDAR_DAY), _PETITION_23, _FILED),
    Duty.TAKE_OVER: DutyRule("承接", Limit(1), _CENTRE, frozenset({Phase.ASSIGNED})),
    Duty.ANSWER_CENTRE: DutyRule("核查并答复", None, _CENTRE, _LOOKED_INTO, clock=Clock.CENTRE),
    Duty.ANSWER_HOTLINE: DutyRule("核查并答复（12345）", None, _HOTLINE, _LOOKED_INTO, clock=Clock.HOTLINE),
    Duty.ANSWER_PETITION: DutyRule(
        "核查并答复（信访）", None, _PETITION_34, _LOOKED_INTO, clock=Clock.PETITION
    ),
    Duty.TELL: DutyRule("答复投诉人", Limit(1), _CENTRE, frozenset({Phase.REPLIED})),
}
CLOCKS: dict[Clock, ClockRule] = {
    Clock.RECEIVED: ClockRule("登记期限", Limit(15, CALENDAR_DAY), _PETITION_23),
    Clock.CENTRE: ClockRule("答复期限", Limit(10), _CENTRE),
    Clock.HOTLINE: ClockRule("答复期限（12345）", Limit(5), _HOTLINE, extension=5),
    Clock.PETITION: ClockRule("答复期限（信访）", Limit(60, CALENDAR_DAY), _PETITION_34, extension=30),
}
