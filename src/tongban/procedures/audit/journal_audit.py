"""
`journal verify`: does everything this node stores still follow from what was written and signed?

Every chain is hashed again; every column of every table that is projected from events is computed again and
compared; the seal tree finds events, and whole cases, that are no longer there. Works in batches, so that memory
stays flat. Nothing is changed.
"""

from collections.abc import Callable, Iterator

from django.db.models import Model

from tongban.kernel import identity, models
from tongban.procedures.audit import (
    audit_of_content,
    audit_of_file,
    audit_of_keys,
    audit_of_matters,
    audit_of_node,
    audit_of_seals,
)
from tongban.procedures.audit.discrepancies import Discrepancy, Report
from tongban.procedures.models import Party

__all__ = ["NOT_DERIVED", "Discrepancy", "Report", "verify_journal"]

# Columns that follow from nothing that was signed, each with why a wrong value does no harm.
NOT_DERIVED: dict[type[Model], dict[str, str]] = {
    models.Event: {
        "id": "order of arrival; any order in which the chains fit gives the same state",
        "xact": "transaction number of this database server; only delays sealing, and what follows an event",
    },
    models.Duty: {"id": "order of writing"},
    Party: {"id": "order of writing"},
    models.Statement: {"id": "order of arrival"},
    models.Seal: {"id": "order of writing"},
    models.SealNode: {"id": "order of writing"},
    models.NodeKey: {"id": "order of arrival"},
    models.EpochRecord: {"id": "order of arrival"},
    models.Fork: {"id": "order of arrival", "at": "when it was noticed", "sender": "who showed it"},
    models.Evidence: {"id": "order of arrival"},
    models.ClockWitness: {
        "id": "order of writing", "node": "who was heard", "skew": "as its last word showed", "at": "when it was heard",
    },
    models.SealedHead: {"id": "order of writing"},
    models.Outstanding: {
        "id": "order of writing", "news": "counts what is new", "attempts": "counts attempts", "next_at": "next attempt",
        "trouble": "words for the operator",
    },
    models.SubjectKey: {},
    models.Content: {
        "id": "order of arrival", "next_at": "next attempt", "attempts": "counts attempts",
        "source": "where to ask; what comes is hashed"},
}  # fmt: skip


def verify_journal(*, deep: bool = False, progress: Callable[[int], None] | None = None) -> Report:
    """
    Return what is wrong with this node's records, and how much was looked at.

    With `deep`, every file of the vault is opened and hashed too. `progress` hears how many cases are done.
    Of a database file that is damaged nothing else is asked: what lies in it may stop the audit, or look whole.

    Raises:
        NodeNotReady: the node was never initialised.
    """
    own = identity.fingerprint()
    report = Report()
    report.findings.extend(audit_of_file.check(report))
    if report.findings:
        return report
    parts: tuple[Iterator[Discrepancy], ...] = (
        audit_of_keys.check(report),
        audit_of_matters.check(own, report, progress or (lambda done: None)),
        audit_of_seals.check(own, report),
        audit_of_content.check(own, report, deep=deep),
        audit_of_node.check(own, report),
    )
    for part in parts:
        report.findings.extend(part)
    return report
