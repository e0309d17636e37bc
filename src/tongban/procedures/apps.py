"""The engine as an app: its tables."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    """Matters, parties, what was taken out or read of them."""

    name = "tongban.procedures"
    label = "procedures"

    def ready(self) -> None:
        """Enter the follower that remembers who dealt with what."""
        from tongban.procedures import followers  # noqa: F401
