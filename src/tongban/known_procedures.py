"""Every procedure this program knows, and the papers they rest on. Pure: the verifier of dossiers needs no database for it."""

from tongban.agreements import agreement_papers
from tongban.agreements.procedure import AGREEMENT
from tongban.cases.procedure import CASE
from tongban.catalogue import guide_papers
from tongban.catalogue.filing.procedure import GUIDE_FILING
from tongban.complaints.procedure import COMPLAINT
from tongban.procedures import paper_kinds, register

PROCEDURES = (CASE, COMPLAINT, GUIDE_FILING, AGREEMENT)
PAPERS = (guide_papers.KIND, agreement_papers.KIND)


def enter() -> None:
    """Fill the registers; doing it again changes nothing."""
    for kind in PAPERS:
        paper_kinds.enter(kind)
    for procedure in PROCEDURES:
        register.enter(procedure)
