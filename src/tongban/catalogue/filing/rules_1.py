"""
The rules of a guide's filing, version 1. Pure data and guards; released, never edited.

That guides are filed with the service centre says the county's notice (青政办秘〔2021〕22号); it names no limits. Those of checking,
submitting, filing and revising are of practice, no rule, and want confirming by each county; 20 working days to publish are the
law's for what must be disclosed anyway (政府信息公开条例 第二十六条).
"""

from tongban.accounts.access.actor import Permission
from tongban.catalogue.filing.words import Act, Duty, Phase, Role
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.rule import DAY, DutyRule, Limit, Opens, Rule, append, given
from tongban.procedures.standard_guards import oneself

DRAFT, FILE, SUPERVISE, READ = "filing.draft", "filing.file", "filing.supervise", "filing.read"
PUBLISH = Permission.CATALOGUE_PUBLISH
_NOTICE, _INSIDE = "青政办秘〔2021〕22号（操作指南备案）", "编制部门内部审核制度"
_DISCLOSED = "政府信息公开条例 第二十六条"
_D, _C = Role.DEPARTMENT, Role.CENTRE


def not_the_drafter(c: Circumstances) -> str | None:
    """Whoever wrote any of it does not check it."""
    if c.staff and c.staff not in c.fact(_D, "drafted_by", []):
        return None
    return "不能由起草人自己审核。请由本部门其他人员审核。"


def next_term(c: Circumstances) -> str | None:
    """The binding names the next term of the centre."""
    if c.given["bind"].get("term") == c.state.term_of(_C) + 1:
        return None
    return "的备案任期不连续。请刷新后重新报送。"


def to_the_centre_named(c: Circumstances) -> str | None:
    """It is submitted to the centre that was named when it was drafted."""
    named = c.fact(_D, "centre") or {}
    if all(c.given["bind"].get(name) == named.get(name) for name in ("node", "org")):
        return None
    return "报送的不是起草时选定的政务服务中心。请刷新后重新报送。"


def as_drafted(c: Circumstances) -> str | None:
    """What the centre has read is what the department said it drafted."""
    if c.given["drafted"] == c.fact(_D, "drafted"):
        return None
    return "的指南内容与编制部门所报摘要不符。请退回编制部门重新报送。"


def as_filed(c: Circumstances) -> str | None:
    """What is published is what the centre filed."""
    if c.fact(_C, "filed") == c.fact(_D, "drafted"):
        return None
    return "备案的不是现在这一稿。请重新报送备案。"


def newer(c: Circumstances) -> str | None:
    """The version that follows is newer than the one published."""
    return None if c.given["newer"] > c.fact(_D, "version") else "的指南没有新版。请刷新后查看。"


_OWN = frozenset({Phase.DRAFTED, Phase.CHECKED, Phase.RETURNED})
_DRAFTED, _CHECKED, _SUBMITTED = (frozenset({one}) for one in (Phase.DRAFTED, Phase.CHECKED, Phase.SUBMITTED))
_FILED, _PUBLISHED, _RETURNED = (frozenset({one}) for one in (Phase.FILED, Phase.PUBLISHED, Phase.RETURNED))

ACTS: dict[Act, Rule] = {
    Act.DRAFT: Rule(
        title="起草指南", role=_D, start=frozenset({Phase.NONE}), end=Phase.DRAFTED, permission=DRAFT, basis=_NOTICE, founds=True,
        opens=(Opens(Duty.CHECK),), needs=(oneself,), given=("bind", "offering", "change", "centre", "drafted", "staff"),
        content=("guide",),
        facts={"offering": given("offering"), "change": given("change"), "centre": given("centre"), "drafted": given("drafted"),
               "drafted_by": append("staff"), "opened_on": DAY},
    ),
    Act.REVISE: Rule(
        title="修改指南", role=_D, start=_OWN, end=Phase.DRAFTED, permission=DRAFT, basis=_NOTICE,
        closes=(Duty.CHECK, Duty.SUBMIT, Duty.REVISE), opens=(Opens(Duty.CHECK),), needs=(oneself,),
        given=("drafted", "staff"), content=("guide",),
        facts={"drafted": given("drafted"), "drafted_by": append("staff")},
    ),
    Act.CHECK: Rule(
        title="内部审核通过", role=_D, start=_DRAFTED, end=Phase.CHECKED, permission=PUBLISH, basis=_INSIDE,
        closes=(Duty.CHECK,), opens=(Opens(Duty.SUBMIT),), needs=(oneself, not_the_drafter), given=("staff",),
        facts={"checked_by": given("staff"), "checked_on": DAY},
    ),
    Act.SUBMIT: Rule(
        title="报送备案", role=_D, start=_CHECKED, end=Phase.SUBMITTED, permission=PUBLISH, basis=_NOTICE, binds=_C, pen=_C,
        closes=(Duty.SUBMIT,), opens=(Opens(Duty.FILE, to=_C),), needs=(next_term, to_the_centre_named), given=("bind",),
        facts={"submitted_on": DAY},
    ),
    Act.RETURN_WITH_REMARKS: Rule(
        title="退回修改", role=_C, start=_SUBMITTED, end=Phase.RETURNED, permission=FILE, basis=_NOTICE, pen=_D,
        closes=(Duty.FILE,), opens=(Opens(Duty.REVISE, to=_D),), content=("remarks",),
    ),
    Act.FILE: Rule(
        title="备案", role=_C, start=_SUBMITTED, end=Phase.FILED, permission=FILE, basis=_NOTICE, pen=_D, closes=(Duty.FILE,),
        opens=(Opens(Duty.PUBLISH, to=_D),), needs=(as_drafted,), given=("filing_number", "drafted"),
        facts={"filing_number": given("filing_number"), "filed": given("drafted"), "filed_on": DAY},
    ),
    Act.PUBLISH: Rule(
        title="公布指南", role=_D, start=_FILED, end=Phase.PUBLISHED, permission=PUBLISH, basis=_DISCLOSED,
        closes=(Duty.PUBLISH,), opens=(Opens(None, to=_C),), needs=(as_filed,), given=("version", "digest"),
        facts={"version": given("version"), "digest": given("digest"), "published_on": DAY},
    ),
    Act.REPLACE: Rule(
        title="已有新版", role=_D, start=_PUBLISHED, end=Phase.REPLACED, basis=_DISCLOSED, opens=(Opens(None, to=_C),),
        needs=(newer,), given=("newer",), facts={"replaced_by": given("newer")},
    ),
    Act.WITHDRAW: Rule(
        title="撤回备案", role=_D, start=_OWN | _FILED, end=Phase.WITHDRAWN, permission=PUBLISH, basis=_NOTICE,
        opens=(Opens(None, to=_C),), content=("reason",),
    ),
    Act.CANCEL: Rule(
        title="取消事项并撤下指南", role=_D, start=_PUBLISHED, end=Phase.WITHDRAWN, permission=PUBLISH, basis=_DISCLOSED,
        opens=(Opens(None, to=_C),), content=("reason",),
    ),
}  # fmt: skip

DUTIES: dict[Duty, DutyRule] = {
    Duty.CHECK: DutyRule("内部审核", Limit(5), _INSIDE, _DRAFTED),
    Duty.SUBMIT: DutyRule("报送备案", Limit(3), _NOTICE, _CHECKED),
    Duty.FILE: DutyRule("备案或退回修改", Limit(5), _NOTICE, _SUBMITTED),
    Duty.REVISE: DutyRule("修改指南", Limit(10), _NOTICE, _RETURNED),
    Duty.PUBLISH: DutyRule("公布指南", Limit(20), _DISCLOSED, _FILED),
}
