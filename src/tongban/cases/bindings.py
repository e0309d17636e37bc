"""
Whether a binding rests on the right papers: the guide of the authority it names, an agreement between the two.

Pure; asked when events of another node are adopted, and again by whoever verifies a dossier.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tongban.agreements import documents as agreements
from tongban.cases.guards import Terms
from tongban.cases.words import Role


def problem(
    binding: Mapping[str, Any], terms: Terms, *, intake: str, day: date, pinned_before: bool
) -> str | None:
    """
    Return what is wrong with the papers of `binding`, in Chinese, or nothing.

    `intake` is the node of the intake role. What was pinned before counts for the whole case, whatever becomes
    of the agreement; only newly pinned papers must be in force on `day`.
    """
    guide, agreement = terms.guide, terms.agreement
    offering, named = binding["offering"], binding["agreement"]
    wrong = {
        "办事指南的编码或版本与所指不同": (guide["offering"], guide["version"])
        != (offering["code"], offering["version"]),
        "通办协议的编号或版本与所指不同": (agreement["id"], agreement["version"])
        != (named["id"], named["version"]),
        "通办协议不是收件地与该事项办理地之间的": set(agreements.nodes_of(agreement))
        != {intake, guide["node"]},
        "办理地不是发布该指南的节点": binding["role"] == Role.HANDLING and binding["node"] != guide["node"],
        "通办协议未涵盖该事项": not agreements.covers(
            agreement, item=str(guide["item"]["key"]), offering=offering["code"]
        ),
        "通办协议当日无效": not pinned_before and not _is_in_force(agreement, day),
    }
    return next((sentence for sentence, is_so in wrong.items() if is_so), None)


def _is_in_force(agreement: Mapping[str, Any], day: date) -> bool:
    first, last = agreement["valid_from"], agreement["valid_to"]
    return bool(first <= f"{day}" and (last is None or f"{day}" <= last))
