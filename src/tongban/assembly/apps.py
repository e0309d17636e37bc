"""What puts the program together, as an app: it comes last, and enters every procedure that is known."""

from django.apps import AppConfig


class AssemblyConfig(AppConfig):
    """No tables."""

    name = "tongban.assembly"
    label = "assembly"

    def ready(self) -> None:
        """Fill the registers of procedures and papers."""
        from tongban import known_procedures

        known_procedures.enter()
