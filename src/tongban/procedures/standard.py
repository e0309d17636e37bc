"""
The rows that every procedure has: arrival, first look, claim, the watch, what is parked, what is destroyed. Pure data.

They are part of each procedure's table and frozen with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tongban.accounts.access.actor import Permission
from tongban.procedures import disposal
from tongban.procedures import standard_guards as guards
from tongban.procedures.rule import CALENDAR_DAY, DutyRule, Holder, Limit, Opens, Rule, append, given, value
from tongban.procedures.words import Owed, Standard

_NODES = "节点互联约定"
_POSTS = "岗位职责制度"
_TRACED = "青政办秘〔2021〕22号（责任追溯）"


@dataclass(frozen=True, slots=True)
class Powers:
    """What posts need for the standard acts: to look and claim, to supervise, to propose that content be destroyed, to approve it."""

    reads: str
    supervises: str
    destroys: str = Permission.ARCHIVE_DESTROY
    approves: str = Permission.ARCHIVE_APPROVE


def rules(*, terminal: frozenset[str], powers: Powers) -> dict[str, Rule]:
    """Return the standard rows of a procedure: the phases at which it ends, who may."""
    return {
        Standard.ARRIVE: Rule(
            title="到达", role=None, start=None, basis=_NODES, needs=(guards.addressed_here,), given=("duties",),
            does="arrive", annotates=True,
        ),
        Standard.LOOK: Rule(
            title="首次查看", role=None, start=None, basis="青政办秘〔2021〕22号（无人查看）", permission=powers.reads,
            needs=(guards.own_duties,), given=("duties",), does="look", annotates=True,
        ),
        Standard.CLAIM: Rule(
            title="认领", role=None, start=None, basis=_POSTS, permission=powers.reads,
            needs=(guards.own_duties, guards.claimed_by_nobody_else, guards.oneself), given=("duties", "staff"),
            does="claim", annotates=True,
        ),
        Standard.HAND_OVER: Rule(
            title="转交经办人", role=None, start=None, basis=_POSTS, permission=powers.reads,
            needs=(guards.own_duties, guards.claimed_by_oneself), given=("duties", "colleague"), does="hand_over",
            annotates=True,
        ),
        Standard.RELIEVE: Rule(
            title="解除认领（人员缺岗）", role=None, start=None, basis=_POSTS, permission=powers.supervises, overseers=True,
            needs=(guards.claimed_by_somebody,), given=("duties",), content=("note",), does="relieve", annotates=True,
        ),
        Standard.SET_DUE: Rule(
            title="期限确定（日历已发布）", role=None, start=None, basis="国务院办公厅节假日安排",
            needs=(guards.own_dues_without_date,), given=("due",), does="due",
        ),
        Standard.ESCALATE: Rule(
            title="逾期督办", role=None, start=None, basis=_TRACED,
            opens=(Opens(Owed.SUPERVISE, Holder.WATCH),), needs=(guards.own_duty_overdue, guards.promise_passed),
            given=("about",), annotates=True,
        ),
        Standard.PRESS: Rule(
            title="发出督办单", role=None, start=None, permission=powers.supervises, overseers=True, basis=_TRACED,
            opens=(Opens(Owed.SUPERVISE, Holder.WATCH),), needs=(guards.own_duty_watched,), given=("about",),
            content=("note",), annotates=True,
        ),
        Standard.SUPERVISE: Rule(
            title="答复督办", role=None, start=None, permission=powers.reads, basis=_TRACED,
            needs=(guards.supervision_of_own, guards.day_promised), given=("duty", "promise"), content=("note",),
            facts={"promised": append("promise")}, does="supervise", annotates=True,
        ),
        Standard.PARK: Rule(
            title="暂停待核实", role=None, start=None, basis=_NODES, opens=(Opens(Owed.RESOLVE, Holder.CENTRE),),
            given=("reason", "event", "withhold"), needs=(guards.place_seen,),
            facts={"parked": given("reason")}, does="park", annotates=True,
        ),
        Standard.RELEASE: Rule(
            title="核处完毕", role=None, start=None, permission=powers.supervises, overseers=True, basis=_NODES,
            closes=(Owed.RESOLVE,), content=("note",), given=("release",), needs=(guards.park_open,),
            facts={"parked": value("")}, does="release", annotates=True,
        ),
        Standard.SETTLE: Rule(
            title="分叉核处完毕", role=None, start=None, permission=powers.supervises, basis=_NODES,
            closes=(Owed.RESOLVE,), given=("release", "settlement"), needs=(guards.park_open,),
            facts={"parked": value(""), "settlement": given("settlement")}, does="settle", annotates=True,
        ),
        Standard.SUCCEED: Rule(
            title="节点接替", role=None, start=None, permission=powers.supervises, basis=_NODES,
            given=("succeed", "under"), needs=(guards.other_side_named,), does="succeed", annotates=True,
        ),
        Standard.REDACT: Rule(
            title="删除记录中的个人信息", role=None, start=None, permission=powers.destroys,
            basis="个人信息保护法 第四十七条", given=("events", "under"), needs=(guards.own_events,),
            does="redact", annotates=True,
        ),
        **disposal.rules(terminal, destroys=powers.destroys, approves=powers.approves),
    }  # fmt: skip


def duties(terminal: frozenset[str]) -> Mapping[str, DutyRule]:
    """Return the standard duties of a procedure that ends in these phases."""
    # News must arrive in any phase, and what waits for a human also in one that only a newer neighbour knows: never void.
    return {
        Owed.DELIVER: DutyRule("送达对方", Limit(1, CALENDAR_DAY), _NODES, segment="transit"),
        Owed.SUPERVISE: DutyRule("答复督办", Limit(3), "通办协议（监督和责任追溯）", escalates=None, segment="supervise"),
        # Whoever supervises sees to it: put to nobody again, the county office's list shows it.
        Owed.RESOLVE: DutyRule("人工核处", Limit(1), _NODES, escalates=None, segment="resolve"),
        **disposal.duties(terminal),
    }  # fmt: skip
