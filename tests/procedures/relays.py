"""A small procedure of the tests with three roles: what the first asks, the third answers, and the second only hears of."""

from tests.procedures.visits import BASIS, POWERS
from tongban.accounts.access.actor import Permission
from tongban.procedures import standard
from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import DAY, DutyRule, Limit, Opens, Rule
from tongban.procedures.tables import Table

NAME = "relay"
FIRST, SECOND, THIRD = "first", "second", "third"
ROLES = (FIRST, SECOND, THIRD)
OVER = frozenset({"answered"})

RULES = {
    "ask": Rule(
        title="提问", role=FIRST, start=frozenset({""}), end="asked", founds=True, basis=BASIS,
        permission=Permission.CASE_RECEIVE, given=("bind",), content=("note",), facts={"opened_on": DAY},
        opens=(Opens("pass_on"),),
    ),
    "call_second": Rule(
        title="知会", role=FIRST, start=frozenset({"asked"}), end="told", binds=SECOND, basis=BASIS,
        permission=Permission.CASE_FORWARD, given=("bind",), opens=(Opens(None, to=SECOND),),
    ),
    "call_third": Rule(
        title="转答", role=FIRST, start=frozenset({"told"}), end="passed", binds=THIRD, pen=THIRD, basis=BASIS,
        permission=Permission.CASE_FORWARD, given=("bind",), closes=("pass_on",),
        opens=(Opens("answer", to=THIRD), Opens(None, to=SECOND)),
    ),
    "answer": Rule(
        title="答复", role=THIRD, start=frozenset({"passed"}), end="answered", basis=BASIS,
        permission=Permission.CASE_ACCEPT, closes=("answer",), content=("note",),
        opens=(Opens(None, to=FIRST), Opens(None, to=SECOND)),
    ),
    "remark": Rule(
        title="备注", role=SECOND, start=None, basis=BASIS, permission=Permission.CASE_ACCEPT, content=("note",),
    ),
}  # fmt: skip
DUTIES = {
    "pass_on": DutyRule("转出", Limit(3), BASIS, frozenset({"asked", "told"})),
    "answer": DutyRule("答复", Limit(5), BASIS, frozenset({"passed"})),
}
TABLE = Table(
    procedure=NAME, version=1, founder=FIRST, roles=ROLES,
    rules={**RULES, **standard.rules(terminal=OVER, powers=POWERS)},
    duties={**DUTIES, **standard.duties(OVER)},
)  # fmt: skip
RELAY = Procedure(
    name=NAME, title="转答", roles={FIRST: "提问方", SECOND: "知会方", THIRD: "答复方"},
    phases={"": "", "asked": "已提问", "told": "已知会", "passed": "待答复", "answered": "已答复"},
    terminal=OVER, tables=(TABLE,), labels={"note": "内容"}, reads=Permission.CASE_CONTENT,
    supervises=Permission.CASE_SUPERVISE,
)  # fmt: skip
