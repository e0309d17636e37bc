"""One endpoint for each lawful act of a person, made from the table of rules so that none is forgotten."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router
from pydantic import AfterValidator, create_model

from tongban.accounts.access.actor import Actor
from tongban.api.authentication import SIGNED_IN, actor_of
from tongban.api.idempotency import once_as_one
from tongban.api.schemas import Body, CaseBrief, Code, Digest, OfferingCode, Text, no_long_number
from tongban.cases import commands, corrections, queries
from tongban.cases.models import Case
from tongban.cases.procedure import RULES
from tongban.cases.words import MADE, Act
from tongban.kernel import limits
from tongban.kernel.journal import numbers
from tongban.kernel.journal.writer import moved
from tongban.kernel.time import clock
from tongban.procedures import parked
from tongban.procedures.rule import Rule

router = Router(tags=["acts"], auth=SIGNED_IN)

DutyName = Annotated[str, Field(pattern=rf"^{limits.DUTY_FORM}$")]


class Promise(Body):
    """What an answer to a supervision promises: that what it is about will be done by a day."""

    about: DutyName
    until: date


# What an act must carry as codes → how it looks. What is not here, the server knows better than the actor.
GIVEN: dict[str, Any] = {
    "method": Code,
    "procedure": Code,
    "way": Code,
    "outcome": Literal["granted", "denied"],
    "contact": Literal["phone", "in_person", "visit", "letter", "household"],
    "service": Literal["direct", "household", "post", "electronic", "left", "announced", "passed_on"],
    "served_on": Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")],
    "step": Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$"), AfterValidator(no_long_number)],
    "duties": Annotated[list[DutyName], Field(min_length=1, max_length=50)],
    "duty": DutyName,
    "about": DutyName,
    "promise": Promise,
    "events": Annotated[
        list[Digest], Field(min_length=1, max_length=64, description="本方所写各条记录的摘要")
    ],
    "ground": Literal["expired", "transferred"],
    "asked": Annotated[
        list[
            Annotated[
                str, Field(pattern=r"^(form|material):[0-9A-Za-z_.-]{1,60}$"), AfterValidator(no_long_number)
            ]
        ],
        Field(
            min_length=1,
            max_length=200,
            description="要改正的栏目（form:栏目名）和材料（material:材料代码）；告知内容按同样次序一行一项",
        ),
    ],
    "presence": Literal["id_card", "other_paper", "agent", "code"],
    "colleague": Annotated[str, Field(pattern=r"^[0-9A-Z]{0,12}$", description="接办人代号；空则退回待认领")],
    "under": Annotated[
        str, Field(pattern=r"^[\w《》〈〉（）〔〕、，—\- ]{2,120}$"), AfterValidator(no_long_number)
    ],
}
# A case is filed from its draft; a fork is settled with a document that both sides sign (`tongban fork`); what another node
# takes over is every case of a peer (`tongban peer succeed`).
ELSEWHERE = frozenset({Act.FILE, Act.SETTLE, Act.SUCCEED})
OF_PEOPLE = [
    act for act, rule in RULES.items() if (rule.permission or rule.applicant) and act not in ELSEWHERE
]

ANSWERS = frozenset({Act.SUPPLEMENT, Act.ANSWER})

_Changes = Annotated[
    dict[str, Any], Field(description="改正的申请表栏目：栏目名和现在的内容；只能含告知书列明的栏目")
]
_AnswerCode = Annotated[Text, Field(description="申请人出示的答复码，presence 为 code 时必填")]
_Struck = Annotated[
    int, Field(ge=1, le=limits.INTEGER, description="对方链上从所挂起的一条到这一条不予计入；不给则准予计入")
]


def schema_of(act: Act, rule: Rule) -> type[Body]:
    """Return the body of an act: the version looked at, its codes and its texts."""
    version = Annotated[int, Field(ge=1, le=2**31, description="办理人所见的办件版本；已变动则拒绝")]
    fields: dict[str, Any] = {"version": (version, ...)}
    fields |= {name: (GIVEN[name], ...) for name in rule.given if name in GIVEN}
    fields |= {name: (GIVEN[name] | None, None) for name in rule.allows if name in GIVEN}
    fields |= dict.fromkeys((label for label in rule.content if label not in MADE), (Text, ...))
    if "presence" in rule.allows:
        fields["code"] = (_AnswerCode | None, None)
    if rule.applicant:
        fields["remark"] = (Text | None, None)
    if "service" in rule.allows:
        fields["served"] = (Annotated[Text, Field(description="签收情况：谁签收、凭什么证明")] | None, None)
    if act in ANSWERS:
        fields["form"] = (_Changes | None, None)
    if act == Act.FORWARD:
        fields["offering"] = (OfferingCode | None, None)
    if act == Act.RELEASE:
        fields["struck"] = (_Struck | None, None)
    name = "".join(part.title() for part in act.value.split("_")) + "In"
    return create_model(name, __base__=Body, __doc__=f"{rule.title}。依据：{rule.basis}", **fields)


def do(request: HttpRequest, number: str, act: Act, values: dict[str, Any]) -> Case:
    """Do one act for whoever makes the request."""
    by, at, rule = actor_of(request), clock.now(), RULES[act]
    number = str(numbers.parse(number))
    offering = values.get("offering")
    if offering:
        case = queries.case(number, by)
        if values["version"] != case.version:
            raise moved(case.number)
        return commands.redirect_to(case=case, offering=offering, by=by, at=at)
    texts = {
        name: values[name]
        for name in (*set(rule.content) - MADE, "remark", "code", "served")
        if values.get(name)
    }
    given = _given(number, act, by, values)
    if values.get("form") is not None:
        return corrections.answer(
            case=queries.case(number, by), act=act, changes=values["form"], by=by, at=at, given=given, texts=texts,
            version=values["version"],
        )  # fmt: skip
    return commands.act(
        case=number, act=act, by=by, at=at, given=given, texts=texts, version=values["version"]
    )


def _given(number: str, act: Act, by: Actor, values: dict[str, Any]) -> dict[str, Any]:
    rule = RULES[act]
    given = {name: values[name] for name in rule.given if name in GIVEN}
    given |= {name: values[name] for name in rule.allows if values.get(name) is not None}
    if values.get("struck") is not None:
        given |= parked.release(queries.case(number, by), by, values["struck"])
    return given


def _add(act: Act) -> None:
    rule = RULES[act]
    body_schema = schema_of(act, rule)

    def endpoint(request: HttpRequest, number: str, body: body_schema) -> CaseBrief:  # type: ignore[valid-type]
        return CaseBrief.of(do(request, number, act, body.model_dump()))  # type: ignore[attr-defined]

    endpoint.__name__ = f"do_{act}"
    router.post(f"/{{number}}/acts/{act}", response=CaseBrief, summary=rule.title)(once_as_one(endpoint))


for _act in OF_PEOPLE:
    _add(_act)
