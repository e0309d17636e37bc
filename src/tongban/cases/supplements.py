"""Materials added to a case that is filed: only while the applicant has been asked for them (补齐、补正)."""

from datetime import datetime

from tongban.accounts.access.actor import Actor, ActorKind, Permission
from tongban.cases import corrections, papers
from tongban.cases.commands import CaseRef
from tongban.cases.models import Case
from tongban.cases.words import Duty
from tongban.kernel import identity
from tongban.kernel.errors import NotPermitted
from tongban.kernel.journal.fold import State
from tongban.materials import commands as materials
from tongban.materials.models import Material
from tongban.materials.refusals import FileUnchanged
from tongban.procedures import recording
from tongban.procedures.deciding import ActNotAllowed


def add(*, case: CaseRef, code: str, name: str, data: bytes, by: Actor, at: datetime) -> Material:
    """
    Add a material to a filed case; the applicant's next act (补齐、答复) will name it.

    Raises:
        NotFound: no case that `by` may see. NotPermitted: `by` is neither the applicant nor the window.
        ActNotAllowed: nothing was asked for, or this is not where the case was taken in.
        NotAskedFor: the notice does not name this material.
        FileUnchanged: this very file was handed in with an earlier act.
        and what `materials.add_material` raises.
    """
    row = _asked_for(case, by)
    guide = papers.terms_of(State.from_dict(row.state)).guide
    if code not in corrections.materials_asked(row):
        named = next((str(one["name"]) for one in guide["materials"] if one["code"] == code), code)
        raise corrections.NotAskedFor(
            f"告知书没有要求补交“{named}”，没有保存。请按告知书列明的材料上传；确需补充的，请与办理地联系。"
        )
    added = materials.add_material(
        number=row.number, code=code, name=name, data=data, by=by, at=at, guide=guide, for_draft=False
    )
    if added.stated:
        raise FileUnchanged("这个文件与先前交过的完全相同，没有再次保存。请上传按要求改好的文件。")
    return added


def remove(*, case: CaseRef, digest: str, by: Actor, at: datetime) -> None:
    """Take back a material that no act names yet; raises as `add` and `materials.remove_material`."""
    row = _asked_for(case, by)
    materials.remove_material(number=row.number, digest=digest, by=by, at=at, for_draft=False)


def _asked_for(case: CaseRef, by: Actor) -> Case:
    row = recording.visible_as(Case, case, by)
    window = by.organisation in (row.intake_org, row.intake_centre) and (
        by.may(Permission.CASE_RECEIVE) or by.may(Permission.CASE_ANSWER)
    )
    if by.kind is not ActorKind.APPLICANT and not window:
        raise NotPermitted(f"您的岗位不能为办件 {row.number} 补充材料。请由申请人或收件窗口补充。")
    asked = {duty["kind"] for duty in row.state["duties"].values()} & {Duty.SUPPLEMENT, Duty.ANSWER}
    if not asked or row.intake_node != identity.require_writable().fingerprint:
        raise ActNotAllowed(f"办件 {row.number} 现在没有要求补充材料，未保存。请等待告知，或到收件地办理。")
    return row
