"""Notices as an app: its tables, and its follower."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Who is told, and what follows events to tell them."""

    name = "tongban.notices"
    label = "notices"

    def ready(self) -> None:
        """Enter the follower that tells."""
        from tongban.notices import followers  # noqa: F401
