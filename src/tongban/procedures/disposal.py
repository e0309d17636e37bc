"""
Disposal (鉴定销毁): the standard rows by which a side destroys the content it kept, their duties and conditions. Pure.

Each side disposes of its own file and of no other: an archivist proposes once the time for keeping is over, somebody else
approves, and the system destroys after a waiting time in which either may take it back. What a side got and no longer has to
do with, the system deletes of itself once nobody can object any more (个人信息保护法 第十九条、第四十七条).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.rule import CALENDAR_DAY, DAY, DutyRule, Limit, Opens, Rule, append, given, value
from tongban.procedures.standard_guards import oneself
from tongban.procedures.tables import APPEAL, WAIT
from tongban.procedures.words import Owed, Standard

_ARCHIVES = "档案法（鉴定、销毁）"
_DELETION = "个人信息保护法 第十九条、第四十七条"
# On what ground content may be destroyed, by code: all else is kept (档案法：禁止擅自销毁档案).
GROUNDS: Final[Mapping[str, str]] = {
    "expired": "保管期限届满，经鉴定无继续保存价值",
    "transferred": "保管期限届满，已移交国家综合档案馆",
}
DROPPED: Final = "不再承办，申诉期已满"
# All of China keeps one official time.
_OFFICIAL: Final = timedelta(hours=8)


def kept_until(state: State, years: int) -> date:
    """
    Return the last day on which content is kept: `years` full calendar years after that in which the matter ended.

    So archives count (保管期限自次年一月一日起算); that the law says it nowhere is said in docs/security-review.md.
    """
    return date(ended_on(state).year + years, 12, 31)


def ended_on(state: State) -> date:
    """Return the official day on which a matter came to the phase it is in."""
    return (datetime.fromisoformat(state.moved) + _OFFICIAL).date()


def retention_over(c: Circumstances) -> str | None:
    """The time for which the papers, or this table, have content kept has passed since the matter ended."""
    last = kept_until(c.state, c.table.years_kept(c.state.phase, c.terms))
    return None if c.day > last else f"的材料内容须保管到 {last:%Y-%m-%d}，未到期不得销毁。请期满后再鉴定。"


def ground_listed(c: Circumstances) -> str | None:
    """The ground of a destruction is one that is listed."""
    return None if c.given["ground"] in GROUNDS else "的销毁依据不在目录内。请从目录中选择依据。"


def not_appraised(c: Circumstances) -> str | None:
    """Nobody has proposed the destruction of this side's content, and it is there."""
    if c.fact(c.role, "destroyed"):
        return "的材料内容本方已销毁，无需重复。请查看办件记录。"
    return "已提出销毁，无需重复。请等待批准，或先撤回。" if c.fact(c.role, "appraised") else None


def not_the_appraiser(c: Circumstances) -> str | None:
    """Whoever proposed a destruction does not approve it too."""
    return "不得由提出销毁的人批准。请由另一人批准。" if c.staff == c.fact(c.role, "appraised_by") else None


def waited(c: Circumstances) -> str | None:
    """The destruction is approved, on the ground named, and the waiting time is over."""
    approved = c.fact(c.role, "approved_on")
    if not approved or c.given["ground"] != c.fact(c.role, "appraised"):
        return "没有经批准的销毁，不能销毁材料内容。请先由档案管理员提出、另一人批准。"
    first = date.fromisoformat(approved) + timedelta(days=WAIT)
    return (
        None if c.day > first else f"的销毁在等待期内，到 {first:%Y-%m-%d} 为止可以撤回。期满后由系统销毁。"
    )


def nobody_objects(c: Circumstances) -> str | None:
    """The copy named is of the very term that acts, and the time in which anybody could object is over."""
    duty = c.state.duties.get(c.given["duty"])
    if duty is None or duty["kind"] != Owed.DROP or not c.given["duty"].startswith(f"{c.role}/{c.term}."):
        return "没有应删除的这份内容。请刷新后查看。"
    last = date.fromisoformat(duty["from"]) + timedelta(days=APPEAL)
    return None if c.day > last else f"的内容在申诉期内，{last:%Y-%m-%d} 以后由系统删除。"


def is_all_gone(state: State) -> bool:
    """Return whether no side keeps content of a matter any more."""
    return not any(_keeps(state, role, bound) for role, bound in state.roles.items())


def _keeps(state: State, role: str, bound: Mapping[str, Any]) -> bool:
    dropped = state.fact(role, "dropped", [])
    return not state.fact(role, "destroyed") and not any(
        name.startswith(f"{role}/{bound['term']}.") for name in dropped
    )


def is_needed(state: State, node: str) -> bool:
    """Return whether a node still has content of a matter to keep: in a role of its own, or until what it owes to delete is due."""
    owed = any(duty["kind"] == Owed.DROP and duty["holder"]["node"] == node for duty in state.duties.values())
    return owed or any(
        bound["node"] == node and _keeps(state, role, bound) for role, bound in state.roles.items()
    )


# The acts after which a side keeps no content any more, and what the vault says of why.
ENDS_KEEPING: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    Standard.CONFIRM_DESTRUCTION: lambda given: GROUNDS[given["ground"]],
    Standard.DROP: lambda given: DROPPED,
}


def rules(terminal: frozenset[str], *, destroys: str, approves: str) -> dict[str, Rule]:
    """Return the rows of disposal for a procedure that ends in these phases."""
    undone = {"appraised": value(""), "approved_on": value("")}
    both = (Owed.APPROVE_DESTRUCTION, Owed.DESTROY)
    return {
        Standard.APPRAISE: Rule(
            title="鉴定并提出销毁", role=None, start=terminal, permission=destroys, basis=_ARCHIVES,
            needs=(not_appraised, retention_over, ground_listed, oneself), given=("ground", "staff"),
            opens=(Opens(Owed.APPROVE_DESTRUCTION),),
            facts={"appraised": given("ground"), "appraised_by": given("staff")},
        ),
        Standard.APPROVE_DESTRUCTION: Rule(
            title="批准销毁", role=None, start=terminal, permission=approves, basis=_ARCHIVES,
            closes=(Owed.APPROVE_DESTRUCTION,), opens=(Opens(Owed.DESTROY),), given=("staff",),
            needs=(oneself, not_the_appraiser), facts={"approved_on": DAY, "approved_by": given("staff")},
        ),
        Standard.DECLINE_DESTRUCTION: Rule(
            title="不同意销毁", role=None, start=terminal, permission=approves, basis=_ARCHIVES, closes=both,
            content=("note",), facts=undone,
        ),
        Standard.RETRACT_DESTRUCTION: Rule(
            title="撤回销毁", role=None, start=terminal, permission=destroys, basis=_ARCHIVES, closes=both, facts=undone,
        ),
        Standard.CONFIRM_DESTRUCTION: Rule(
            title="确认已销毁", role=None, start=terminal, basis=_ARCHIVES, needs=(waited,), closes=(Owed.DESTROY,),
            given=("ground",), facts={"destroyed": DAY},
        ),
        Standard.DROP: Rule(
            title="删除不再承办的内容", role=None, start=None, basis=_DELETION, needs=(nobody_objects,), given=("duty",),
            facts={"dropped": append("duty")}, does="drop",
        ),
    }  # fmt: skip


def duties(terminal: frozenset[str]) -> dict[str, DutyRule]:
    """Return the duties of disposal for a procedure that ends in these phases."""
    return {
        Owed.APPROVE_DESTRUCTION: DutyRule("批准销毁", Limit(10), _ARCHIVES, terminal),
        Owed.DESTROY: DutyRule("销毁材料内容", Limit(WAIT + 10, CALENDAR_DAY), _ARCHIVES, terminal),
        # Never void: what was got in an earlier term is owed whatever becomes of the matter.
        Owed.DROP: DutyRule("删除不再承办的内容", Limit(APPEAL + 10, CALENDAR_DAY), _DELETION),
    }  # fmt: skip
