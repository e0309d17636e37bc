"""Figures as an app: its tables, and its follower."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """What the figures are of, and what follows events to keep them."""

    name = "tongban.figures"
    label = "figures"

    def ready(self) -> None:
        """Enter the follower that counts."""
        from tongban.figures import followers  # noqa: F401
