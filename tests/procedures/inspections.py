"""A small procedure of the tests: an inspection (检查), the parent of visits: it is over when they are."""

from tests.procedures.visits import BASIS, ENDED, LEAD, POWERS
from tests.procedures.visits import NAME as VISIT
from tongban.accounts.access.actor import Permission
from tongban.procedures import standard, standard_guards
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.procedure import Gathers, Procedure
from tongban.procedures.rule import DAY, DutyRule, Limit, Opens, Rule
from tongban.procedures.tables import Table

NAME = "inspection"
OVER = frozenset({"done", "called_off"})


def by_its_visits(c: Circumstances) -> str:
    """没有走访为“已立项”，全部结束为“已完成”，否则为“进行中”。"""
    phases = set(c.given["children"].values())
    if not phases:
        return "open"
    return "done" if phases <= ENDED else "running"


RULES = {
    "open": Rule(
        title="立项", role=LEAD, start=frozenset({""}), end="open", founds=True, basis=BASIS,
        permission=Permission.CASE_RECEIVE, given=("bind",), facts={"opened_on": DAY}, opens=(Opens("inspect"),),
    ),
    "gather": Rule(
        title="汇总", role=LEAD, start=frozenset({"open", "running"}), becomes=by_its_visits, basis=BASIS,
        given=("children",), needs=(standard_guards.children_named,),
    ),
    "call_off": Rule(
        title="撤销", role=LEAD, start=frozenset({"open"}), end="called_off", basis=BASIS,
        permission=Permission.CASE_FORWARD,
    ),
}  # fmt: skip
DUTIES = {"inspect": DutyRule("检查", Limit(20), BASIS, frozenset({"open", "running"}))}
TABLE = Table(
    procedure=NAME, version=1, founder=LEAD, roles=(LEAD,),
    rules={**RULES, **standard.rules(terminal=OVER, powers=POWERS)},
    duties={**DUTIES, **standard.duties(OVER)},
)  # fmt: skip
INSPECTION = Procedure(
    name=NAME, title="检查", roles={LEAD: "牵头方"},
    phases={"": "", "open": "已立项", "running": "进行中", "done": "已完成", "called_off": "已撤销"},
    terminal=OVER, tables=(TABLE,), labels={"note": "说明"}, reads=Permission.CASE_CONTENT, supervises=Permission.CASE_SUPERVISE,
    gathers=Gathers("gather", of=(VISIT,)),
)  # fmt: skip
