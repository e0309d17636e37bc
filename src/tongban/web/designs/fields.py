"""What somebody fills in, as rows; and how what came back becomes codes and texts. Ready phrases need no script: they are ticked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tongban.accounts.access.actor import Actor

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Field:
    """
    One thing to fill in. `kind`: text, line, choice, items, file, hidden. `code`: it goes into the event as a code.

    `choices` may be a question of who is asked, and is answered anew each time: who the neighbours are changes.
    """

    name: str
    title: Any
    kind: str = "text"
    hint: Any = ""
    choices: Iterable[tuple[str, Any]] | Callable[[Actor], Iterable[tuple[str, Any]]] = ()
    code: bool = False
    required: bool = True
    of_staff: bool = False  # nobody else is asked

    def asked_of(self, actor: Actor) -> "Field":
        """Return the field as somebody is asked it."""
        return replace(self, choices=tuple(self.choices(actor))) if callable(self.choices) else self

    def offers(self) -> dict[str, Any]:
        """Return what may be chosen, by code."""
        return {} if callable(self.choices) else dict(self.choices)


@dataclass(slots=True)
class Filled:
    """What came back: codes, texts and files of the act, and what is wrong."""

    given: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, "UploadedFile[Any]"] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)


def read(
    fields: Sequence[Field], post: Any, phrases: Mapping[str, Sequence[str]], files: Mapping[str, Any]
) -> Filled:
    """Return what was filled in; what is missing is told field by field."""
    filled = Filled()
    for one in fields:
        if one.kind == "choice":
            take_choice(one, post, filled)
        elif one.kind == "file":
            take_file(one, files, filled)
        else:
            text = with_phrases(one.name, post, phrases.get(one.name, ()))
            (filled.given if one.code else filled.texts)[one.name] = text
            fault = fault_of(one, text, bool(phrases.get(one.name)))
            if fault:
                filled.faults.append((one.name, fault))
    return filled


def take_choice(one: Field, post: Any, filled: Filled) -> None:
    """Take what was chosen, if it is one of what was offered."""
    value = post.get(one.name, "")
    if value in one.offers():
        filled.given[one.name] = value
    elif one.required or value:
        filled.faults.append((one.name, str(_("%(what)s：请选择一项。") % {"what": one.title})))


def take_file(one: Field, files: Mapping[str, Any], filled: Filled) -> None:
    """Take the file that was chosen; what is in it is looked at later."""
    if files.get(one.name):
        filled.files[one.name] = files[one.name]
    elif one.required:
        filled.faults.append((one.name, str(_("%(what)s：请选择文件。") % {"what": one.title})))


def fault_of(one: Field, text: str, ready: bool) -> str:
    """Return what is wrong with a text, or nothing; `ready`: phrases could have been ticked."""
    if not text.strip() and one.required:
        asked = _("%(what)s：请填写，或勾选常用语。") if ready else _("%(what)s：请填写。")
        return str(asked % {"what": one.title})
    if len(text) > (200 if one.kind == "line" else LONGEST) or "\x00" in text:
        return str(_("%(what)s：内容过长或含有无法保存的字符，请精简。") % {"what": one.title})
    return ""


def with_phrases(name: str, post: Any, ready: Sequence[str]) -> str:
    """Return the ready phrases that were ticked, and below them what was typed."""
    asked = set(post.getlist(f"{name}-ready"))
    ticked = [sentence for index, sentence in enumerate(ready) if str(index) in asked]
    typed = post.get(name, "").strip()
    return "\n".join([*ticked, *([typed] if typed else [])])


def shown(
    fields: Sequence[Field], post: Any, phrases: Mapping[str, Sequence[str]], faults: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the fields as a page shows them, with what was typed before and what is wrong with it."""
    return [
        {
            "field": one, "value": post.get(one.name, ""), "fault": faults.get(one.name, ""),
            "ready": [
                (f"{one.name}-{index}", sentence, str(index) in post.getlist(f"{one.name}-ready"))
                for index, sentence in enumerate(phrases.get(one.name, ()))
            ],
        }
        for one in fields
    ]  # fmt: skip
