"""Supervision as an app: its tables, and what it watches."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    """Tallies of looks and alarms about them."""

    name = "tongban.supervision"
    label = "supervision"

    def ready(self) -> None:
        """Have looks watched in the background."""
        from tongban.procedures import tasks
        from tongban.supervision import unusual

        tasks.watch_too(unusual.watch)
