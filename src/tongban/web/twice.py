"""
Pages that are older than the matter: what came meanwhile, and whether it matters.

The same button pressed twice: the second press finds its work done, and is told so instead of being refused.
"""

from collections.abc import Mapping
from typing import Final

from tongban.accounts.access.actor import Actor
from tongban.kernel import vault
from tongban.kernel.journal import writer as journal
from tongban.procedures import recording
from tongban.procedures.models import Matter
from tongban.procedures.words import Standard
from tongban.web.typed import whole

# What only notes that something came, was looked at or is looked after changes nothing that anybody has weighed.
HARMLESS: Final = frozenset({Standard.ARRIVE, Standard.LOOK, Standard.CLAIM})


def seen_version(typed: str) -> int:
    """Return the version of the matter that a page was drawn from, as its form sends it; 0 if it sends none."""
    return whole(typed) or 0


def version_to_act_on(case: Matter, typed: str) -> int:
    """Return the version an act is weighed against: the page's own, or today's if only harmless things came between."""
    seen = seen_version(typed)
    news = journal.events_of(case.number)[seen:] if 0 < seen < case.version else []
    return case.version if news and all(event.kind in HARMLESS for event in news) else seen


def done_already(case: Matter, act: str, by: Actor, typed: str, texts: Mapping[str, str]) -> bool:
    """
    Return whether the first thing that matters after the page was drawn is this very act, by the same person, in the same words.

    Other words are another act: they must not vanish behind "done".
    """
    seen = seen_version(typed)
    news = (
        [event for event in journal.events_of(case.number)[seen:] if event.kind not in HARMLESS]
        if seen
        else []
    )
    if not news or news[0].kind != act:
        return False
    event, actor = news[0], news[0].actor
    by = recording.within(by, case.number)
    if (actor["staff"], actor["applicant"]) != (by.staff, by.applicant):
        return False
    digests = {str(piece["label"]): str(piece["digest"]) for piece in event.content}
    said = {label: text.strip() for label, text in texts.items() if text.strip()}
    return all(
        label in digests and vault.get(case.number, digests[label]).decode().strip() == text
        for label, text in said.items()
    )
