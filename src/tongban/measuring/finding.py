"""How fast a case is found by the telephone of its applicant among all others, beside the look-up in the index alone."""

import statistics
from datetime import datetime

from django.db import connection

from tongban.cases import finding, tracing
from tongban.catalogue import seed
from tongban.measuring import cases
from tongban.measuring.verifying import timed
from tongban.procedures.tracing import Trace

# As many traces for each case that lies there as a real one has, under tokens of its own.
_LAY = """
INSERT INTO procedures_trace (kind, token, matter_id, opened_on)
SELECT t.kind, substr(t.token, 1, 6) || substr(m.number, 10), m.number, m.opened_on
FROM procedures_trace t, procedures_matter m
WHERE t.matter_id = %s AND m.number <> %s AND NOT EXISTS (SELECT 1 FROM procedures_trace o WHERE o.matter_id = m.number)
"""


def measure(at: datetime, *, seconds: float, rounds: int) -> tuple[list[float], list[float], list[float]]:
    """Return look-ups a second, their floor, and the milliseconds that each took; every look-up is written down."""
    number, officer = cases.arrived(at), cases.actor(cases.OFFICER)
    written = tracing.traced(number)
    if written:
        written()
    with connection.cursor() as cursor:
        cursor.execute(_LAY, [number, number])
        cursor.execute("ANALYZE")
    wanted = seed.example(cases.TEMPLATE)["applicant_mobile"]
    tokens = sorted(finding.understood(wanted).words[0])
    index = (
        Trace.objects.filter(token=tokens[0]).order_by("-opened_on", "matter").values_list("matter_id")[:31]
    )
    figures, floors, waits = [], [], []
    for _ in range(rounds):
        floors.append(1000 / statistics.mean(timed(lambda: list(index.all()), seconds)))
        took = timed(lambda: finding.find(wanted, by=officer, at=at, why=finding.Why.WORK), seconds)
        figures.append(1000 / statistics.mean(took))
        waits += took
    return figures, floors, waits
