"""The web app, so that Django finds its templates and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages; no tables."""

    name = "tongban.web"
    label = "web"

    def ready(self) -> None:
        """Let the desk know the designs of procedures."""
        from tongban.web import designs
        from tongban.web.designs.agreement import AGREEMENTS
        from tongban.web.designs.complaint import COMPLAINTS
        from tongban.web.designs.guide_filing import FILINGS

        designs.enter(COMPLAINTS)
        designs.enter(FILINGS)
        designs.enter(AGREEMENTS)
