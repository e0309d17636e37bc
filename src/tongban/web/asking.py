"""What may be asked to be put right (补正): fields of the form and materials, each with what is wrong and what is wanted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tongban.cases.phrases import Phrase
from tongban.catalogue import guides

MOST = 400  # characters of one answer


@dataclass(frozen=True, slots=True)
class Askable:
    """A field or a material: its code in the event, what the page calls it, how the letter names it."""

    code: str
    title: str
    in_letter: str

    @property
    def key(self) -> str:
        """The same as names of controls have it."""
        return self.code.replace(":", "-")

    @property
    def is_field(self) -> bool:
        """Whether it is a field of the form."""
        return self.code.startswith("form:")


def askable(guide: Mapping[str, Any], form: Mapping[str, Any] | None) -> list[Askable]:
    """Return what may be asked of this applicant: the materials, and the fields of the form, by the guide."""
    materials = guides.materials_for(dict(guide), dict(form or {}))
    found = [Askable(f"material:{one['code']}", str(one["name"]), str(one["name"])) for one in materials]
    fields = guide["form"].get("properties", {})
    for name in (
        name for step in guide["form"]["x-ui"]["steps"] for name in step["fields"] if name in fields
    ):
        title = str(fields[name].get("title", name))
        found.append(Askable(f"form:{name}", title, f"申请表“{title}”"))
    return found


def read(offered: Iterable[Askable], post: Any) -> tuple[list[str], str, list[tuple[str, str]]]:
    """Return the codes that were asked, the text of the notice (one line for each, in this order, then what else), and faults."""
    asked, lines, faults = [], [], []
    for one in offered:
        wrong, wanted = (
            " ".join(post.get(f"{name}-{one.key}", "").split())[:MOST] for name in ("wrong", "wanted")
        )
        if f"item-{one.key}" not in post and not wrong and not wanted:
            continue
        if not wrong or not wanted:
            sentence = _("%(what)s：请写明哪里不对、应怎样改，两样都要。") % {"what": one.title}
            faults.append((f"wrong-{one.key}" if not wrong else f"wanted-{one.key}", sentence))
        asked.append(one.code)
        lines.append(f"{one.in_letter}：{wrong}；{wanted}")
    if not asked:
        faults.append(("notice", _("请勾选要改正的栏目或材料，并写明哪里不对、应怎样改。")))
    more = post.get("notice", "").strip()
    lines += [more] if more else []
    return asked, "\n".join(f"{number}．{line}" for number, line in enumerate(lines, start=1)), faults


def shown(offered: Sequence[Askable], phrases: Iterable[Phrase], post: Any) -> dict[str, Any]:
    """Return the rows of the page: each with what was typed, and what others wrote often."""
    ready = list(phrases)
    rows = [
        {
            "key": one.key, "title": one.title, "is_field": one.is_field, "ticked": f"item-{one.key}" in post,
            "wrong": post.get(f"wrong-{one.key}", ""), "wanted": post.get(f"wanted-{one.key}", ""),
        }
        for one in offered
    ]  # fmt: skip
    return {
        "materials": [row for row in rows if not row["is_field"]], "fields": [row for row in rows if row["is_field"]],
        "wrongs": [one.text for one in ready if one.outcome == "wrong"],
        "wants": [one.text for one in ready if one.outcome == "wanted"],
    }  # fmt: skip
