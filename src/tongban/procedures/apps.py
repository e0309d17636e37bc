"""The engine as an app: its tables."""

from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    """Matters, parties, what was taken out or read of them."""

    name = "tongban.procedures"
    label = "procedures"
