"""What the figures must come to, found another way: from the rows of matters and duties, as acts have left them."""

from collections import Counter

from tongban.figures.counting import month_of
from tongban.figures.models import Figure
from tongban.kernel.models import Duty
from tongban.kernel.time.clock import official_day
from tongban.procedures.models import Matter

type Place = tuple[str, str, str]  # organisation, procedure, month


def stored() -> dict[Place, dict[str, int]]:
    """Return the sums as they stand, without those that are nothing."""
    names = ("begun", "ended", "parked", "opened", "in_time", "late")
    rows = {
        (one.organisation, one.procedure, one.month): {name: getattr(one, name) for name in names}
        for one in Figure.objects.all()
    }
    return {place: counts for place, counts in rows.items() if any(counts.values())}


def total(name: str, organisation: str) -> int:
    """Return one figure of an organisation over all months."""
    return sum(counts[name] for place, counts in stored().items() if place[0] == organisation)


def of_duties() -> dict[str, Counter[tuple[str, str]]]:
    """Return what happened to duties by organisation and month, from the duties' own rows."""
    found: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in ("opened", "in_time", "late")}
    for duty in Duty.objects.exclude(organisation=""):
        found["opened"][duty.organisation, month_of(duty.since)] += 1
        if duty.closed_at is not None:
            late = duty.due_on is not None and official_day(duty.closed_at) > duty.due_on
            found["late" if late else "in_time"][duty.organisation, month_of(duty.closed_at)] += 1
    return found


def stored_of_duties() -> dict[str, Counter[tuple[str, str]]]:
    """Return the same from the sums."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for name in ("opened", "in_time", "late"):
        found[name] = Counter()
        for (organisation, _, month), counts in stored().items():
            if counts[name]:
                found[name][organisation, month] += counts[name]
    return found


def in_hand() -> Counter[str]:
    """Return how many matters each organisation has in hand, from the rows of matters."""
    found: Counter[str] = Counter()
    for matter in Matter.objects.in_progress():
        found.update(set(matter.parties.values_list("org", flat=True)))
    return found


def stored_in_hand() -> Counter[str]:
    """Return the same from the sums."""
    found: Counter[str] = Counter()
    for (organisation, _, _), counts in stored().items():
        found[organisation] += counts["begun"] - counts["ended"]
    return +found
