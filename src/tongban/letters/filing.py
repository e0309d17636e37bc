"""The applicant's own copy of what was filed (申请存根): the form in full, the materials, the number and the times."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tongban.accounts.access.actor import Actor, ActorKind
from tongban.cases.models import Case
from tongban.cases.words import Role
from tongban.kernel.errors import NotFound, NotPermitted
from tongban.kernel.journal import writer as journal
from tongban.kernel.time.clock import OFFICIAL
from tongban.letters import printing, sources
from tongban.letters.contents import Filing
from tongban.letters.queries import Printed
from tongban.letters.sources import Occasion
from tongban.procedures import queries as matters

type Answers = list[tuple[str, str]]  # what was asked, what was answered


def printed(
    case: Case, *, sections: Sequence[tuple[str, Answers]], materials: Sequence[tuple[str, str]], by: Actor, at: datetime
) -> Printed:  # fmt: skip
    """
    Return what an applicant filed as a file of their own; that the form was read for it is written down.

    `sections` are the answers in words, by step of the form; `materials` what was handed in, and when.

    Raises:
        NotPermitted: it is not their case. NotFound: it was not filed. ContentMissing, ContentDestroyed, as the vault.
    """
    if by.kind is not ActorKind.APPLICANT:
        raise NotPermitted("申请存根只由申请人本人下载。请用申请人账号登录。")
    matters.contents(case, by)  # asks for the right to read
    story = journal.events_of(case.number)
    if not story:
        raise NotFound(f"办件 {case.number} 没有申报记录。请从“我的办件”选择。")
    on = Occasion(case, story[0], by, at)
    head = sources.head(on, "申请存根", "申请", role=Role.INTAKE)
    form = sources.form_of(case, by, at)
    whole = str(form.get("enterprise_uscc") or form.get("applicant_idno", ""))
    filed = f"{story[0].at.astimezone(OFFICIAL):%Y-%m-%d %H:%M}"
    return Printed(
        head.title,
        printing.pdf(Filing(replace(head, identity=whole), filed, list(sections), list(materials))),
    )
