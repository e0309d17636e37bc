"""
The rows that every procedure has: arrival, first look, claim, the watch, what is parked, what is destroyed. Pure data.

They are part of each procedure's table and frozen with it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tongban.procedures import standard_guards as guards
from tongban.procedures.rule import CALENDAR_DAY, DAY, DutyRule, Holder, Limit, Opens, Rule, given, value

_NODES = "节点互联约定"
_TRACED = "青政办秘〔2021〕22号（责任追溯）"
_KEPT = "档案法、个人信息保护法 第四十七条"


class Standard(StrEnum):
    """The acts that every procedure has."""

    ARRIVE = "arrive"
    LOOK = "look"
    CLAIM = "claim"
    SET_DUE = "set_due"
    ESCALATE = "escalate"
    SUPERVISE = "supervise"
    PARK = "park"
    RELEASE = "release"
    SETTLE = "settle"
    SUCCEED = "succeed"
    REDACT = "redact"
    ORDER_DESTRUCTION = "order_destruction"
    CONFIRM_DESTRUCTION = "confirm_destruction"


class Owed(StrEnum):
    """The duties that every procedure has."""

    DELIVER = "deliver"
    SUPERVISE = "supervise"
    RESOLVE = "resolve"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Powers:
    """What posts need for the standard acts: to look and claim, to supervise, to order content destroyed."""

    reads: str
    supervises: str
    destroys: str


def rules(
    *, founder: str, roles: Collection[str], terminal: frozenset[str], powers: Powers
) -> dict[str, Rule]:
    """Return the standard rows of a procedure: whose first role it is, its roles, the phases at which it ends, who may."""
    others = [role for role in roles if role != founder]
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
            title="认领", role=None, start=None, basis="岗位职责制度", permission=powers.reads,
            needs=(guards.own_duties,), given=("duties",), does="claim", annotates=True, allows=("staff",),
        ),
        Standard.SET_DUE: Rule(
            title="期限确定（日历已发布）", role=None, start=None, basis="国务院办公厅节假日安排",
            needs=(guards.own_dues_without_date,), given=("due",), does="due",
        ),
        Standard.ESCALATE: Rule(
            title="逾期督办", role=None, start=None, basis=_TRACED,
            opens=(Opens(Owed.SUPERVISE, Holder.WATCH),), needs=(guards.own_duty_overdue,), given=("about",),
            annotates=True,
        ),
        Standard.SUPERVISE: Rule(
            title="督办处置", role=None, start=None, permission=powers.supervises, basis=_TRACED,
            needs=(guards.duty_named,), given=("duty",), content=("note",), does="supervise", annotates=True,
        ),
        Standard.PARK: Rule(
            title="挂起待核", role=None, start=None, basis=_NODES, opens=(Opens(Owed.RESOLVE, Holder.CENTRE),),
            given=("reason", "event", "withhold"), needs=(guards.place_seen,),
            facts={"parked": given("reason")}, does="park", annotates=True,
        ),
        Standard.RELEASE: Rule(
            title="核处完毕", role=None, start=None, permission=powers.supervises, basis=_NODES,
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
        Standard.ORDER_DESTRUCTION: Rule(
            title="决定销毁材料内容", role=founder, start=terminal, permission=powers.destroys, basis=_KEPT,
            opens=(Opens(Owed.DESTROY), *(Opens(Owed.DESTROY, to=role) for role in others)), given=("under",),
            needs=(guards.not_ordered_before,), facts={"destruction": given("under")},
        ),
        Standard.CONFIRM_DESTRUCTION: Rule(
            title="确认已销毁", role=None, start=terminal, basis=_KEPT,
            needs=(guards.destruction_ordered,), closes=(Owed.DESTROY,), given=("under",),
            facts={"destroyed": DAY},
        ),
    }  # fmt: skip


def duties(terminal: frozenset[str]) -> Mapping[str, DutyRule]:
    """Return the standard duties of a procedure that ends in these phases."""
    # News must arrive in any phase, and what waits for a human also in one that only a newer neighbour knows: never void.
    return {
        Owed.DELIVER: DutyRule("送达对方节点", Limit(1, CALENDAR_DAY), _NODES, segment="transit"),
        Owed.SUPERVISE: DutyRule("督办", Limit(3), "通办协议（监督和责任追溯）", escalates=None, segment="supervise"),
        Owed.RESOLVE: DutyRule("人工核处", Limit(1), _NODES, segment="resolve"),
        Owed.DESTROY: DutyRule("销毁材料内容", Limit(10), "档案保管期限", terminal, segment="destroy"),
    }  # fmt: skip
