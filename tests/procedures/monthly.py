"""A small procedure of the tests: a monthly report (月报), opened by the calendar on the last working day."""

from tests.procedures.visits import BASIS, POWERS
from tongban.accounts.access.actor import Permission
from tongban.procedures import periods, standard
from tongban.procedures.periods import Opening
from tongban.procedures.practice import Practice
from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import DAY, DutyRule, Limit, Opens, Rule, given
from tongban.procedures.tables import Table

NAME = "monthly"
REPORTER = "reporter"
OVER = frozenset({"reported"})

RULES = {
    "open": Rule(
        title="开立", role=REPORTER, start=frozenset({""}), end="opened", founds=True, basis=BASIS,
        given=("bind", "period"), facts={"period": given("period"), "opened_on": DAY}, opens=(Opens("report"),),
    ),
    "report": Rule(
        title="填报", role=REPORTER, start=frozenset({"opened"}), end="reported", basis=BASIS,
        permission=Permission.CASE_SUPERVISE, closes=("report",), content=("note",),
    ),
}  # fmt: skip
DUTIES = {"report": DutyRule("填报", Limit(3), BASIS, OVER | {"opened"})}
TABLE = Table(
    procedure=NAME, version=1, founder=REPORTER, roles=(REPORTER,),
    rules={**RULES, **standard.rules(terminal=OVER, powers=POWERS)},
    duties={**DUTIES, **standard.duties(OVER)},
)  # fmt: skip
MONTHLY = Procedure(
    name=NAME, title="月报", roles={REPORTER: "填报方"}, phases={"": "", "opened": "待填报", "reported": "已填报"},
    terminal=OVER, tables=(TABLE,), labels={"note": "说明"}, reads=Permission.CASE_CONTENT,
    supervises=Permission.CASE_SUPERVISE,
)  # fmt: skip


class MonthlyPractice(Practice):
    """Opened on the last working day of the month."""

    openings = (Opening("open", every=periods.month, on=periods.last_working_day),)
