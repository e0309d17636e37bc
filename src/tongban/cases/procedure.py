"""The case (办件) as a procedure: its words, its versions, what its papers mean. Pure."""

from tongban.accounts.access.actor import Permission
from tongban.cases.bases import OTHERWISE
from tongban.cases.rules_1 import duties
from tongban.cases.rules_1.acts import ACTS
from tongban.cases.rules_1.guards import CARRIED
from tongban.cases.terms import AGREEMENT, GUIDE, papers_of, terms, wrong_papers
from tongban.cases.words import MODE_NAMES, PHASE_NAMES, POWER_NAMES, ROLE_NAMES, TERMINAL, UNDECIDED, Role
from tongban.kernel.journal.fold import State
from tongban.procedures import standard
from tongban.procedures.papers_named import one
from tongban.procedures.procedure import Procedure, by_word
from tongban.procedures.standard import Powers
from tongban.procedures.tables import Table

NAME = "case"
TERMINAL_PHASES = frozenset(str(phase) for phase in TERMINAL)
POWERS = Powers(reads=Permission.CASE_CONTENT, supervises=Permission.CASE_SUPERVISE)

VERSION_1 = Table(
    procedure=NAME, version=1, founder=Role.INTAKE, roles=tuple(Role),
    rules={**ACTS, **standard.rules(terminal=TERMINAL, powers=POWERS)},
    duties={**duties.DUTIES, **standard.duties(TERMINAL)}, clocks=duties.CLOCKS, carries=CARRIED, otherwise=OTHERWISE, limits=duties.LIMITS,
    keeps=dict.fromkeys(UNDECIDED, 1),
)  # fmt: skip


def label(state: State) -> str:
    """Return the offering that a case is about: of the authority in charge, before that of filing."""
    papers = papers_of(state)
    try:
        return str(one(papers or (), GUIDE)["id"])
    except KeyError:
        return ""


CASE = Procedure(
    name=NAME, title="办件", roles=by_word(ROLE_NAMES), phases=by_word(PHASE_NAMES),
    terminal=TERMINAL_PHASES, tables=(VERSION_1,), kinds=(GUIDE, AGREEMENT), terms=terms, papers_of=papers_of,
    wrong_papers=wrong_papers, label=label, opened="filed_on", words=by_word(MODE_NAMES, POWER_NAMES),
    labels={
        "notice": "告知内容", "reason": "理由", "remedies": "救济途径", "opinion": "意见", "decision": "决定",
        "result": "结果", "reply": "答复", "remark": "备注", "note": "处置说明", "evidence": "核验凭据", "consent": "申请人确认的记录",
        "statement": "第三地窗口的说明", "reached": "另行告知的记录", "served": "送达的记录", "letter": "文书", "message": "联系内容",
    },
    # What an applicant may read of the own case besides what they handed in: what was written to them.
    told=frozenset({"form", "notice", "reason", "remedies", "decision", "letter", "result", "reply", "remark"}),
    # What whoever has the telephone of the case may read: what the authority signed for the applicant, and no papers of theirs.
    visited=frozenset({"letter"}),
    # Why it was decided so, not what the applicant handed in (监督不阅卷).
    supervised=frozenset({"notice", "reason", "remedies", "opinion", "decision", "reply", "note", "message"}),
    reads=Permission.CASE_CONTENT, supervises=Permission.CASE_SUPERVISE,
)  # fmt: skip
RULES = VERSION_1.rules
DUTIES = VERSION_1.duties
CLOCKS = VERSION_1.clocks
