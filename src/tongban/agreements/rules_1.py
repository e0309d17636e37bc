"""
The rules of an agreement's course, version 1. Pure data and guards; released, never edited.

That both sign is law of contracts; the ten working days for an answer are practice between centres, no rule. Suspending and ending
need no pen: either party may at any time, each about its own side, and both nodes heed both.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tongban.agreements import documents
from tongban.agreements.words import DOCUMENT, DRAFTED_BY, NOTICE, PAPER, TERMS, Act, Duty, Phase, Role
from tongban.procedures.circumstances import Circumstances
from tongban.procedures.rule import DAY, DutyRule, Limit, Opens, Rule, given, value

SIGN, READ, WATCH = "agreement.sign", "agreement.read", "agreement.supervise"
_MADE, _ENDED, _CALM = (
    "通办协议（订立、变更）",
    "通办协议（终止：只挡新件，不断老件）",
    "通办协议（暂停：只挡新件，不断老件）",
)
_P, _O = Role.PROPOSER, Role.OTHER


def document_of(given: Mapping[str, Any], parties: Any, agreement: Any) -> documents.Document:
    """Return the unsigned agreement that the codes of a draft mean; raises AgreementInvalid, KeyError, ValueError."""
    first, last = given["valid_from"], given["valid_to"]
    return documents.build(
        agreement_id=agreement, version=given["version"], parties=tuple(parties),
        powers=[one for one in given["powers"].split(",") if one],
        items=given["items"] if given["items"] == documents.ALL_ITEMS else given["items"].split(","),
        limits={name: int(days) for name, _, days in (one.partition("=") for one in given["limits"].split(",") if one)},
        valid_from=date.fromisoformat(first), valid_to=date.fromisoformat(last) if last else None,
    )  # fmt: skip


def says_what_is_signed(c: Circumstances) -> str | None:
    """The digest is that of the agreement which the codes mean, between these parties."""
    if "digest" not in c.given:
        return None  # asked before it is drafted
    parties, agreement = (c.given.get(name) or c.fact(_P, name) for name in ("parties", "agreement"))
    meant = documents.digest_of(document_of(c.given, parties, agreement))
    return None if meant == c.given["digest"] else "的文本与所列内容不符。请重新拟定。"


def goes_to_the_other(c: Circumstances) -> str | None:
    """Bound is the node of the other party, for the first time; and the first party is the node that drafted it."""
    own, other = c.fact(_P, "parties")
    wanted = (c.state.roles[_P]["node"], c.given["bind"]["node"], c.given["bind"]["term"])
    right = (own["node"], other["node"], c.state.term_of(_O) + 1)
    return None if wanted == right else "的送达对象不是协议的另一方。请重新拟定。"


def signs_what_is_proposed(c: Circumstances) -> str | None:
    """What is signed is the text proposed last."""
    if c.given.get("digest", c.fact(_P, "digest")) == c.fact(_P, "digest"):
        return None
    return "的文本已经改过，签署的不是最新一稿。请刷新后重新核对。"


def takes_in_what_is_signed(c: Circumstances) -> str | None:
    """What is taken in is what was proposed and signed, to its own last day."""
    wanted = (c.fact(_P, "digest"), c.fact(_O, "signed"), c.fact(_P, "valid_to"))
    return (
        None
        if wanted == (c.given["digest"], c.given["digest"], c.given["until"])
        else "签署的不是所拟定的文本。请退回重签。"
    )


def agreed_before(c: Circumstances) -> str | None:
    """A version of it is agreed."""
    return None if c.fact(_P, "agreed") else "还没有生效过。请先由双方签署。"


def not_agreed_before(c: Circumstances) -> str | None:
    """No version of it is agreed yet."""
    return "已有生效的版本。请放弃或不同意这次变更，或终止协议。" if c.fact(_P, "agreed") else None


def not_ending(c: Circumstances) -> str | None:
    """Nobody has given notice that the version agreed ends."""
    if c.fact(_P, "agreed") in [c.fact(role, "ended") for role in Role]:
        return "已通知终止，不能变更。请另行拟定协议。"
    return None


def not_ended_by_itself(c: Circumstances) -> str | None:
    """This side has not given notice before that this version ends."""
    return (
        "本方已通知终止，无需重复。请等待终止日。"
        if c.fact(_P, "agreed") == c.fact(c.role, "ended")
        else None
    )


def ends_what_is_agreed(c: Circumstances) -> str | None:
    """The notice names the version agreed, and a day to come."""
    if "last_day" not in c.given:
        return None  # asked before it is filled in
    if c.given["digest"] != c.fact(_P, "agreed"):
        return "通知终止的不是现行版本。请刷新后重试。"
    return "的终止日不得早于今天。请改正后重试。" if date.fromisoformat(c.given["last_day"]) < c.day else None


def not_suspended(c: Circumstances) -> str | None:
    """This side has not suspended it."""
    return "本方已暂停办理新件。请选择恢复。" if c.fact(c.role, "suspended") else None


def suspended(c: Circumstances) -> str | None:
    """This side has suspended it."""
    return None if c.fact(c.role, "suspended") else "不是由本方暂停的。请对方恢复。"


def is_over(c: Circumstances) -> str | None:
    """The last day of the version agreed has passed: its own, or that of a party's notice."""
    last = last_day({role: c.state.facts.get(role, {}) for role in Role})
    return None if last and date.fromisoformat(last) < c.day else "还没有到期。请等待终止日。"


def last_day(said: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the last day of the version agreed by what both have said, or nothing where it has none."""
    agreed = said.get(_P, {}).get("agreed")
    days = [
        facts["last_day"] for facts in said.values() if facts.get("ended") == agreed and facts.get("last_day")
    ]
    return (
        min([*days, *([said[_P]["until"]] if said.get(_P, {}).get("until") else [])], default="")
        if agreed
        else ""
    )


def by_proposer(c: Circumstances) -> bool:
    """The proposer does it."""
    return c.role == _P


def by_other(c: Circumstances) -> bool:
    """The other party does it."""
    return c.role == _O


_TOLD = (Opens(None, to=_O, when=by_proposer), Opens(None, to=_P, when=by_other))
_DRAFT = (*DRAFTED_BY, "version", "digest")
_DRAFTED = {name: given(name) for name in ("digest", "version", "valid_from", "valid_to")}
_AGREED = frozenset({Phase.IN_FORCE, Phase.PROPOSED, Phase.RETURNED, Phase.SIGNED})


def _draft(title: str, start: Phase, **more: Any) -> Rule:
    return Rule(
        title=title, role=_P, start=frozenset({start}), end=Phase.PROPOSED, permission=SIGN, basis=_MADE, pen=_O,
        opens=(Opens(Duty.ANSWER, to=_O),), given=_DRAFT, content=(DOCUMENT, TERMS), facts=_DRAFTED, **more,
    )  # fmt: skip


def _side(title: str, basis: str, **more: Any) -> Rule:
    """What either party does about its own side, whoever holds the pen."""
    return Rule(title=title, role=None, start=_AGREED, permission=SIGN, basis=basis, opens=_TOLD, **more)


def _other(title: str, end: Phase, **more: Any) -> Rule:
    """How the other party answers a text."""
    return Rule(
        title=title, role=_O, start=frozenset({Phase.PROPOSED}), end=end, permission=SIGN, basis=_MADE, pen=_P,
        closes=(Duty.ANSWER,), **more,
    )  # fmt: skip


ACTS: dict[Act, Rule] = {
    Act.PROPOSE: Rule(
        title="拟定通办协议", role=_P, start=frozenset({Phase.NONE}), end=Phase.DRAFTED, permission=SIGN, founds=True, basis=_MADE,
        needs=(says_what_is_signed,), given=("bind", "parties", "agreement", *_DRAFT), content=(DOCUMENT, TERMS),
        facts={"parties": given("parties"), "agreement": given("agreement"), **_DRAFTED, "opened_on": DAY},
    ),
    Act.SEND: Rule(
        title="送对方签署", role=_P, start=frozenset({Phase.DRAFTED}), end=Phase.PROPOSED, permission=SIGN, basis=_MADE, binds=_O,
        pen=_O, opens=(Opens(Duty.ANSWER, to=_O),), needs=(goes_to_the_other,), given=("bind",),
    ),
    Act.WITHDRAW: Rule(
        title="撤回草稿", role=_P, start=frozenset({Phase.DRAFTED, Phase.RETURNED}), end=Phase.WITHDRAWN, permission=SIGN,
        basis=_MADE, needs=(not_agreed_before,), opens=(Opens(None, to=_O),),
    ),
    Act.ASK_CHANGE: _other("要求修改文本", Phase.RETURNED, opens=(Opens(Duty.REVISE, to=_P),), content=("remark",)),
    Act.PROPOSE_ANEW: _draft("修改文本后再送对方", Phase.RETURNED, closes=(Duty.REVISE,), needs=(says_what_is_signed,)),
    Act.DECLINE: _other(
        "不同意签订", Phase.DECLINED, opens=(Opens(None, to=_P),), needs=(not_agreed_before,), content=("reason",)
    ),
    Act.COUNTERSIGN: _other(
        "签署协议", Phase.SIGNED, opens=(Opens(Duty.TAKE_IN, to=_P),), needs=(signs_what_is_proposed,), given=("digest",),
        content=(DOCUMENT,), facts={"signed": given("digest")},
    ),
    Act.TAKE_IN: Rule(
        title="收下双方签署的协议", role=_P, start=frozenset({Phase.SIGNED}), end=Phase.IN_FORCE, basis=_MADE, closes=(Duty.TAKE_IN,),
        opens=(Opens(None, to=_O),), needs=(takes_in_what_is_signed,), given=("digest", "until"),
        facts={"agreed": given("digest"), "until": given("until")},
    ),
    Act.REJECT_SIGNED: Rule(
        title="签名不成立，退回重签", role=_P, start=frozenset({Phase.SIGNED}), end=Phase.PROPOSED, permission=SIGN, basis=_MADE,
        pen=_O, closes=(Duty.TAKE_IN,), opens=(Opens(Duty.ANSWER, to=_O),), content=("reason",),
    ),
    Act.WISH: Rule(
        title="提出变更意见", role=_O, start=frozenset({Phase.IN_FORCE}), permission=SIGN, basis=_MADE,
        opens=(Opens(Duty.CONSIDER, to=_P),), content=("remark",),
    ),
    Act.KEEP: Rule(
        title="不采纳变更意见", role=_P, start=frozenset({Phase.IN_FORCE}), permission=SIGN, basis=_MADE, closes=(Duty.CONSIDER,),
        opens=(Opens(None, to=_O),), content=("reason",),
    ),
    Act.CHANGE: _draft("变更协议（拟定下一版并送对方）", Phase.IN_FORCE, needs=(says_what_is_signed, not_ending)),
    Act.DECLINE_CHANGE: _other(
        "不同意变更", Phase.IN_FORCE, opens=(Opens(None, to=_P),), needs=(agreed_before,), content=("reason",)
    ),
    Act.DROP_CHANGE: Rule(
        title="放弃变更", role=_P, start=frozenset({Phase.RETURNED}), end=Phase.IN_FORCE, permission=SIGN, basis=_MADE,
        needs=(agreed_before,), closes=(Duty.REVISE,), opens=(Opens(None, to=_O),),
    ),
    Act.SUSPEND: _side(
        "暂停办理新件", _CALM, needs=(agreed_before, not_suspended), content=("reason",), facts={"suspended": value(True)}
    ),
    Act.RESUME: _side("恢复办理新件", _CALM, needs=(suspended,), facts={"suspended": value(False)}),
    Act.END: _side(
        "通知终止", _ENDED, needs=(agreed_before, not_ended_by_itself, ends_what_is_agreed), given=("digest", "last_day"),
        content=(NOTICE,), facts={"ended": given("digest"), "last_day": given("last_day")},
    ),
    Act.ATTACH: _side("附上纸质协议扫描件", _MADE, content=(PAPER,)),
    Act.EXPIRE: Rule(
        title="到期终止", role=None, start=frozenset({Phase.IN_FORCE}), end=Phase.ENDED, basis=_ENDED, opens=_TOLD, needs=(is_over,),
    ),
}  # fmt: skip

DUTIES: dict[Duty, DutyRule] = {
    Duty.ANSWER: DutyRule("答复协议文本", Limit(10), _MADE, frozenset({Phase.PROPOSED})),
    Duty.REVISE: DutyRule("修改协议文本", Limit(10), _MADE, frozenset({Phase.RETURNED})),
    Duty.TAKE_IN: DutyRule("收下双方签署的协议", Limit(1), _MADE, frozenset({Phase.SIGNED})),
    Duty.CONSIDER: DutyRule("答复变更意见", Limit(10), _MADE, frozenset({Phase.IN_FORCE})),
}
