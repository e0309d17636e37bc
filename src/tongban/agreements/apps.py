"""Agreements as an app: where they are shelved."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """What two places let each other do."""

    name = "tongban.agreements"
    label = "agreements"

    def ready(self) -> None:
        """Shelve agreements, so that matters that rest on them find them."""
        from tongban.agreements import agreement_papers, queries
        from tongban.procedures import held_papers

        held_papers.shelve(
            agreement_papers.KIND.name,
            read=lambda digest: queries.document_by_digest(digest),
            signed=lambda digest: queries.agreement_by_digest(digest).document,
            names=lambda usccs: queries.names_of(usccs),
        )
