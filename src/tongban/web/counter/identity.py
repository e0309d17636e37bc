"""Identity on the one page of taking in: what the clerk saw, against the number that the form holds already."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _

from tongban.cases.sitting import EVIDENCE, Seen
from tongban.cases.words import Act
from tongban.web.counter import acts

# Where the form holds the number of the document that was seen, so that nobody types it a second time.
IN_THE_FORM: Final[Mapping[str, tuple[str, ...]]] = {
    "id_card": ("applicant_idno",), "agent": ("agent", "idno"), "licence": ("enterprise_uscc",),
}  # fmt: skip


def typed(data: QueryDict, form: Mapping[str, Any]) -> tuple[Seen, list[tuple[str, str]]]:
    """Return what was seen, and what is missing of it, each with its field."""
    method, texts, faults = data.get("seen-method", ""), dict[str, str](), []
    if method not in acts.METHODS:
        faults.append((f"{Act.CHECK_IDENTITY}-method", _("核验方式：请选择一项。")))
    own = "".join(str(form.get("applicant_idno", "")).split())
    given = {
        "same": data.get("seen-same", ""),
        EVIDENCE: data.get("seen-evidence", "") or _in_the_form(form, method),
    }
    faults += acts.identified(Act.CHECK_IDENTITY, given, own, method, texts)
    return Seen(method, texts.get(EVIDENCE, "")), faults


def _in_the_form(form: Mapping[str, Any], method: str) -> str:
    found: Any = form
    for step in IN_THE_FORM.get(method, ("",)):
        found = found.get(step, "") if isinstance(found, Mapping) else ""
    return str(found)
