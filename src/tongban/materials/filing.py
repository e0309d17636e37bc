"""From a draft to a case: what the event of filing, or of an answer, names of what was handed in, written with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tongban.accounts.access.actor import Actor
from tongban.catalogue.models import Offering
from tongban.kernel import vault
from tongban.kernel.journal.writing import Change, Insert, Update, store
from tongban.materials import commands, forms, quotas
from tongban.materials.commands import MaterialsHeld
from tongban.materials.models import Draft, Material, MaterialQuerySet


def keep_filed(
    *, number: str, offering: Offering, form: dict[str, Any], by: Actor, at: datetime
) -> vault.Reference:
    """
    Keep the form of a case that is filed the moment its number is issued; written with its first event.

    Raises:
        NotPermitted, OfferingClosed, DraftsTooManyToday: as `open_draft`. FormUnreadable: not a form at all.
    """
    belongs = commands.owner(by)
    commands.demand_open(offering)
    quotas.begin_filed(belongs.get("applicant", ""), at)
    reference = vault.put_first(number, "form", forms.encode(form))
    dates = {"made_at": at, "changed_at": at}
    draft = {
        "number": number,
        "offering": offering.code,
        "form": reference.digest,
        "filed": True,
        **dates,
        **belongs,
    }
    store([Insert(Draft, (draft,))])
    return reference


def note_form(number: str, digest: str) -> None:
    """Note that another form counts now for a case filed here: one that was put right, and is recorded already."""
    Draft.objects.filter(number=number, filed=True).update(form=digest)


def mark_filed(*, number: str, by: Actor, at: datetime) -> Draft:
    """
    Close a draft: it is a case now, and the event that says so names its form and materials.

    Call it before the event is made, to be written with it. Nothing is locked: if the draft changes until then,
    so that `queries.references` would return something else, neither is written.

    Raises:
        NotFound: `by` has no such draft. DraftAlreadyFiled: pressed twice.
        MaterialsHeld: something still waits for the virus scanner.
    """
    draft = commands.unfiled(Draft.objects.visible_to(by), number)
    _demand_released(number, Material.objects.of_case(number))
    as_seen = {"number": number, "filed": False, "form": draft.form, "changed_at": draft.changed_at}
    digests = Material.objects.of_case(number).unstated().values_list("digest", flat=True)
    store([Update(Draft, as_seen, {"filed": True, "changed_at": at}, must=True), *_stating(number, digests)])
    draft.filed, draft.changed_at = True, at
    return draft


def mark_stated(*, number: str, digests: Sequence[str]) -> int:
    """
    Note that an event names these materials now, to be written with it; return how many it did not count before.

    Raises:
        MaterialsHeld: one of them still waits for the virus scanner.
    """
    named = Material.objects.of_case(number).filter(digest__in=digests)
    _demand_released(number, named)
    changes = _stating(number, named.unstated().values_list("digest", flat=True))
    if changes:
        store(changes)
    return len(changes)


def _stating(number: str, digests: Iterable[str]) -> list[Change]:
    # One that was taken back or found infected meanwhile is not found, and nothing is written.
    unstated = {"number": number, "stated": False}
    return [Update(Material, {**unstated, "digest": one}, {"stated": True}, must=True) for one in digests]


def _demand_released(number: str, materials: MaterialQuerySet) -> None:
    if count := materials.held().count():
        raise MaterialsHeld(
            f"办件 {number} 有 {count} 份材料待查毒，暂不能提交。请几分钟后再提交；一直如此请联系咨询投诉电话或窗口。"
        )
