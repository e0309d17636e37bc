"""The end of a draft: materials handed in, everything read once more, filed."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.accounts.access.actor import Actor
from tongban.cases import commands, filers
from tongban.cases.words import Mode
from tongban.catalogue import forms as judge
from tongban.catalogue import guides
from tongban.kernel.errors import DomainError, InvalidInput
from tongban.kernel.time import clock
from tongban.materials import commands as materials
from tongban.materials import inspection, queries
from tongban.materials.quotas import DraftsTooLarge
from tongban.signin.actor import SignedInRequest
from tongban.web import answers, forms
from tongban.web.applicant import own_drafts
from tongban.web.applicant.drafts import MODES, Work, applicants_only, work_on
from tongban.web.applicant.one_by_one import ASK, Question, one_of
from tongban.web.applicant.ways import modes_for
from tongban.web.display import in_elder_mode
from tongban.web.english import told
from tongban.web.files import download
from tongban.web.unfinished import taken_up


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: SignedInRequest, number: str) -> HttpResponse:
    """Hand in materials: one file, or several of one material; what was taken before one was refused stays."""
    work = work_on(request, number)
    if work.draft.filed:
        return redirect("web:my-case", number=work.number)
    if request.method != "POST":
        typed = taken_up(request)
        return _materials_page(request, work, notice=typed.notice if typed else "")
    code = request.POST.get("code", "")
    try:
        for name, data in sent_files(request):
            materials.add_material(
                number=work.number, code=code, name=name, data=data, by=request.actor, at=clock.now(), guide=work.guide
            )  # fmt: skip
    except DomainError as refusal:
        own = own_drafts.rows(request.actor) if isinstance(refusal, DraftsTooLarge) else []
        return _materials_page(request, work, [(f"file-{code}", told(refusal))], refusal.status, own=own)
    asked = f"?{urlencode({ASK: code})}" if in_elder_mode(request) else ""
    return redirect(f"{request.path}{asked}#m-{code}")


@applicants_only
@require_POST
def take_back(request: SignedInRequest, number: str) -> HttpResponse:
    """Take a file back."""
    work = work_on(request, number)
    digest = request.POST.get("digest", "")
    materials.remove_material(number=work.number, digest=digest, by=request.actor, at=clock.now())
    return redirect("web:draft-materials", number=work.number)


@applicants_only
@require_safe
def own_file(request: SignedInRequest, number: str, digest: str) -> HttpResponse:
    """Look at a file of one's own draft."""
    work = work_on(request, number)
    return download(*queries.open_material(work.number, digest))


@applicants_only
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: SignedInRequest, number: str) -> HttpResponse:
    """Read everything once more, promise, file."""
    work = work_on(request, number)
    if work.draft.filed:  # pressed twice: the receipt is there
        return redirect("web:receipt", number=work.number)
    modes = [mode for mode, why in modes_for(work.guide, request.actor) if not why]
    asked = request.POST.get("mode") or request.session.get(MODES, {}).get(work.number)
    mode = next((mode for mode in modes if mode == asked), modes[0] if modes else None)
    if request.method != "POST":
        return _confirm_page(request, work, modes, mode, [])
    promised = forms.typed(work.schema, request.POST, answers.promises_of(work.schema))
    # What is hidden now was asked before another answer changed; it goes to nobody.
    instance = _unsworn(work) | promised
    materials.save_form(number=work.number, instance=instance, by=request.actor, at=clock.now())
    work = work_on(request, number)
    lacking = [*_lacking(work, mode, request.actor), *_unpromised(work)]
    if lacking or mode is None:
        faults = lacking or [("mode", _("现在没有您可以使用的办理方式，请到窗口办理。"))]
        return _confirm_page(request, work, modes, mode, faults)
    commands.file(number=work.number, mode=mode, by=request.actor, at=clock.now())
    return redirect("web:receipt", number=work.number)


def sent_files(request: SignedInRequest) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes of the files that were sent; raises as `sent_file`."""
    files = request.FILES.getlist("file")
    if len(files) < 2:
        yield sent_file(request)
        return
    for file in files:
        yield file.name or "", file.read()


def sent_file(request: SignedInRequest) -> tuple[str, bytes]:
    """
    Return name and bytes of the file that was sent.

    Raises:
        InvalidInput: none was, or the upload was cut.
    """
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise InvalidInput(_("没有收到文件。请先选择文件，再按“上传”；如果上传中断，请重新上传。"))
    return file.name or "", file.read()


def asked_materials(
    guide: dict[str, Any], instance: dict[str, Any], held: list[Any], infected: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Return the guide's materials for these answers, each in words, with what is there."""
    return [
        {
            **material,
            "types": "、".join(inspection.TYPE_NAMES.get(one, one) for one in accepted(material)),
            "extensions": ",".join(accepted(material)),
            "largest": inspection.size_words(material.get("max_bytes", materials.DEFAULT_MAX_BYTES)),
            "files": [one for one in held if one.code == material["code"]],
            "infected": material["code"] in infected,
        }
        for material in guides.materials_for(guide, instance)
    ]


def _to_upload(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what has to be uploaded; the form itself is what was filled in (it may be asked for in a correction)."""
    return [one for one in asked if one["files"] or not one.get("filled_form")]


def _names(number: str, held: Collection[Any]) -> dict[str, str]:
    """Return under which name each file was handed in, where it can be read."""
    found = {}
    for one in held:
        with suppress(DomainError):
            found[one.digest] = queries.name_of(number, one.digest)[0]
    return found


def accepted(material: dict[str, Any]) -> list[str]:
    """Return the media types that the guide takes for a material."""
    return list(material.get("accept", inspection.TYPES))


def _materials_page(
    request: SignedInRequest, work: Work, faults: list[tuple[str, str]] | None = None, status: int = 200,
    notice: str = "", own: Collection[own_drafts.Row] = (),
) -> HttpResponse:  # fmt: skip
    held, instance = list(queries.materials_of(work.number)), judge.cleaned(work.schema, work.instance)
    # A newer file takes the place of the one that was found infected.
    there = {one.code for one in held}
    infected = {one.code for one in queries.refused_of(work.number)} - there
    asked = _to_upload(asked_materials(work.guide, instance, held, infected))
    known = {material["code"] for material in asked}
    one = _one(request, work, [material["code"] for material in asked]) if in_elder_mode(request) else None
    context = {
        **work.context("materials"), "asked": [m for m in asked if one is None or m["code"] == one.name], "one": one,
        "faults": faults or [], "wrong": dict(faults or []), "others": [one for one in held if one.code not in known],
        "step": len(work.steps) + 1, "names": _names(work.number, held), "notice": notice, "notice_kind": "warn", "own": own,
    }  # fmt: skip
    return render(request, "applicant/materials.html", context, status=status)


def _one(request: SignedInRequest, work: Work, asked: list[str]) -> Question | None:
    """Return the material that is asked for by itself; nothing where none is."""
    names = set(queries.missing_required(work.number, work.guide))
    missing = {material["code"] for material in work.guide["materials"] if material["name"] in names}
    wanted = request.POST.get("code", "") or request.GET.get(ASK, "")
    return one_of(asked, wanted, missing) if asked else None


def _confirm_page(
    request: SignedInRequest, work: Work, modes: list[Mode], mode: Mode | None, faults: list[tuple[str, str]]
) -> HttpResponse:
    instance = judge.cleaned(work.schema, work.instance) if faults else _unsworn(work)
    held = list(queries.materials_of(work.number))
    said = [fault for fault in work.faults() if faults and _is_promise(work, fault)]
    context = {
        **work.context("confirm"), "sections": answers.sections(work.schema, instance), "modes": modes, "mode": mode,
        "asked": _to_upload(asked_materials(work.guide, instance, held)), "faults": faults,
        "lacking": [] if faults else _lacking(work, mode, request.actor), "step": len(work.steps) + 2,
        "controls": forms.draw(work.schema, instance, answers.promises_of(work.schema), said),
    }  # fmt: skip
    return render(request, "applicant/confirm.html", context, status=422 if faults else 200)


def _unsworn(work: Work) -> dict[str, Any]:
    """Return the answers without the promises: they are made anew each time."""
    promises = answers.promises_of(work.schema)
    kept = {name: value for name, value in work.instance.items() if name not in promises}
    return judge.cleaned(work.schema, kept)


def _lacking(work: Work, mode: Mode | None, by: Actor) -> list[tuple[str, str]]:
    """Return what is still to be done before filing: the id of the part of the page, and a sentence."""
    part = {name: n for n, step in enumerate(work.steps, 1) for name in step["fields"]}
    faults = work.faults()
    if mode is Mode.FULLY_ONLINE:
        faults = [*faults, *filers.faults(work.schema, judge.cleaned(work.schema, work.instance), by)]
    found = [
        (f"part-{part.get(str(f.path[0]), 1)}", f.message)
        for f in faults
        if f.path and not _is_promise(work, f)
    ]
    missing = queries.missing_required(work.number, work.guide) if mode is Mode.FULLY_ONLINE else []
    if queries.held_of(work.number).exists():
        found.append(("part-materials", _("有材料待查毒，暂不能提交。请几分钟后再试。")))
    return found + [("part-materials", _("%(name)s：还没有上传。") % {"name": name}) for name in missing]


def _unpromised(work: Work) -> list[tuple[str, str]]:
    sentence = _("请读完后勾选确认，再提交。")
    return [(forms.field_id(fault.path), sentence) for fault in work.faults() if _is_promise(work, fault)]


def _is_promise(work: Work, fault: judge.Fault) -> bool:
    return bool(fault.path) and fault.path[0] in answers.promises_of(work.schema)
