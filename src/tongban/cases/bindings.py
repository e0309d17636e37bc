"""
Whether what is pinned or bound rests on the right papers: the guide of the authority it names, an agreement between the two.

Pure; asked when events of another node are adopted, and again by whoever verifies a dossier.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tongban.agreements import documents as agreements
from tongban.cases.guards import Terms
from tongban.cases.papers_named import AGREEMENT, GUIDE, Papers, named_by, one
from tongban.cases.words import Role
from tongban.kernel.events import Event
from tongban.kernel.fold import State


def problem_of(
    view: State, event: Event, terms_of: Callable[[Papers], Terms | None], day: date
) -> str | None:
    """
    Return what is wrong with the papers that an event binds or pins, in Chinese, or nothing.

    `terms_of` tells what papers say. What was pinned before counts for the whole case, whatever becomes of the agreement;
    only newly pinned papers must be in force on `day`.
    """
    before = [binding["papers"] for binding in view.roles.values()]
    before.append(view.fact(Role.INTAKE, "papers"))
    intake = view.roles.get(Role.INTAKE, {}).get("node", event.node)
    carried, named = event.given.get("papers"), named_by(event)
    if isinstance(carried, list) and carried not in named:
        named.append(carried)
    for papers in named:
        binding = next((b for b in event.effects.get("bind", ()) if b["papers"] is papers), None)
        terms = terms_of(papers)
        if terms is None:
            return "所依据的办事指南或通办协议不在其中"
        fault = problem(papers, terms, binding, intake=intake, day=day, pinned_before=papers in before)
        if fault:
            return fault
    return None


def problem(
    papers: Papers, terms: Terms, binding: Mapping[str, Any] | None, *, intake: str, day: date, pinned_before: bool
) -> str | None:  # fmt: skip
    """Return what is wrong with papers that `terms` says, for a binding or alone; `intake` is the node of the intake role."""
    guide, agreement = terms.guide, terms.agreement
    offering, named = one(papers, GUIDE), one(papers, AGREEMENT)
    wrong = {
        "办事指南的编码或版本与所指不同": (guide["offering"], guide["version"])
        != (offering["id"], offering["version"]),
        "通办协议的编号或版本与所指不同": (agreement["id"], agreement["version"])
        != (named["id"], named["version"]),
        "通办协议不是收件地与该事项办理地之间的": set(agreements.nodes_of(agreement))
        != {intake, guide["node"]},
        "办理地不是发布该指南的节点": binding is not None
        and binding["role"] == Role.HANDLING
        and binding["node"] != guide["node"],
        "通办协议未涵盖该事项": not agreements.covers(
            agreement, item=str(guide["item"]["key"]), offering=offering["id"]
        ),
        "通办协议当日无效": not pinned_before and not _is_in_force(agreement, day),
    }
    return next((sentence for sentence, is_so in wrong.items() if is_so), None)


def _is_in_force(agreement: Mapping[str, Any], day: date) -> bool:
    first, last = agreement["valid_from"], agreement["valid_to"]
    return bool(first <= f"{day}" and (last is None or f"{day}" <= last))
