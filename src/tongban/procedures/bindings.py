"""
Whether what is pinned or bound rests on the right papers; what right is, the procedure says.

Pure; asked when events of another node are adopted, and again by whoever verifies a dossier.
"""

from collections.abc import Callable
from datetime import date

from tongban.kernel.journal.events import Event
from tongban.kernel.journal.fold import State
from tongban.procedures.circumstances import Terms
from tongban.procedures.papers_named import Papers, named_by
from tongban.procedures.procedure import Asked, Procedure

NOT_HERE = "所依据的文件不在其中"


def problem_of(
    procedure: Procedure, view: State, event: Event, terms_of: Callable[[Papers], Terms | None], day: date
) -> str | None:
    """
    Return what is wrong with the papers that an event binds or pins, in Chinese, or nothing.

    `terms_of` tells what papers say. What was pinned before counts for the whole matter, whatever becomes of it; only newly
    pinned papers must be in force on `day`.
    """
    founder = procedure.founder
    before = [binding["papers"] for binding in view.roles.values()]
    before.append(view.fact(founder, "papers"))
    node = view.roles.get(founder, {}).get("node", event.node)
    carried, named = event.given.get("papers"), named_by(event)
    if isinstance(carried, list) and carried not in named:
        named.append(carried)
    for papers in named:
        binding = next((b for b in event.effects.get("bind", ()) if b["papers"] is papers), None)
        terms = terms_of(papers)
        if terms is None:
            return NOT_HERE
        asked = Asked(node, f"{day}", papers in before)
        fault = procedure.wrong_papers(papers, terms, binding, asked)
        if fault:
            return fault
    return None
