"""The catalogue as an app: where guides are shelved."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Items, offerings and their guides."""

    name = "tongban.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        """Shelve guides, so that matters that rest on them find them."""
        from tongban.catalogue import guide_papers, queries
        from tongban.procedures import held_papers

        held_papers.shelve(
            guide_papers.KIND.name,
            read=lambda digest: queries.document_by_digest(digest),
            signed=lambda digest: queries.guide_by_digest(digest).signed,
            names=lambda usccs: queries.names_of(usccs),
        )
