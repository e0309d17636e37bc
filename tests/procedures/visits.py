"""A small procedure of the tests: a visit (走访), about something else, that one place orders and another makes."""

from tongban.accounts.access.actor import Permission
from tongban.procedures import standard, standard_guards
from tongban.procedures.procedure import Procedure
from tongban.procedures.rule import DAY, DutyRule, Limit, Opens, Rule, given
from tongban.procedures.standard import Powers
from tongban.procedures.tables import Table

NAME = "visit"
LEAD, VISITOR = "lead", "visitor"
ENDED = frozenset({"closed", "dropped"})
BASIS = "测试用程序"
POWERS = Powers(
    reads=Permission.CASE_CONTENT, supervises=Permission.CASE_SUPERVISE, destroys=Permission.ARCHIVE_DESTROY
)

RULES = {
    "order": Rule(
        title="安排走访", role=LEAD, start=frozenset({""}), end="ordered", founds=True, basis=BASIS,
        permission=Permission.CASE_RECEIVE, given=("bind", "matters"), needs=(standard_guards.matters_named,),
        facts={"about": given("matters"), "opened_on": DAY}, opens=(Opens("send"),),
    ),
    "send": Rule(
        title="派出", role=LEAD, start=frozenset({"ordered"}), end="sent", binds=VISITOR, pen=VISITOR, basis=BASIS,
        permission=Permission.CASE_FORWARD, given=("bind",), closes=("send",), opens=(Opens("make", to=VISITOR),),
    ),
    "report": Rule(
        title="报告", role=VISITOR, start=frozenset({"sent"}), end="reported", pen=LEAD, basis=BASIS,
        permission=Permission.CASE_ACCEPT, closes=("make",), content=("note",), opens=(Opens("close", to=LEAD),),
    ),
    "close": Rule(
        title="结束", role=LEAD, start=frozenset({"reported"}), end="closed", basis=BASIS,
        permission=Permission.CASE_FORWARD, closes=("close",), opens=(Opens(None, to=VISITOR),),
    ),
    "drop": Rule(
        title="取消", role=LEAD, start=frozenset({"ordered"}), end="dropped", basis=BASIS,
        permission=Permission.CASE_FORWARD,
    ),
}  # fmt: skip
DUTIES = {
    "send": DutyRule("派出", Limit(3), BASIS, frozenset({"ordered"})),
    "make": DutyRule("走访", Limit(5), BASIS, frozenset({"sent"})),
    "close": DutyRule("结束", Limit(5), BASIS, frozenset({"reported"})),
}
TABLE = Table(
    procedure=NAME, version=1, founder=LEAD, roles=(LEAD, VISITOR),
    rules={**RULES, **standard.rules(terminal=ENDED, powers=POWERS)},
    duties={**DUTIES, **standard.duties(ENDED)},
)  # fmt: skip
VISIT = Procedure(
    name=NAME, title="走访", roles={LEAD: "牵头方", VISITOR: "走访方"},
    phases={
        "": "", "ordered": "已安排", "sent": "已派出", "reported": "已报告", "closed": "已结束", "dropped": "已取消",
    },
    terminal=ENDED, tables=(TABLE,), labels={"note": "说明"}, reads=Permission.CASE_CONTENT,
    supervises=Permission.CASE_SUPERVISE,
)  # fmt: skip
