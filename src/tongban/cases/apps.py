"""Cases as an app: how the procedure is practised on this node."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The course of a case."""

    name = "tongban.cases"
    label = "cases"

    def ready(self) -> None:
        """Enter the practice of cases, and the follower that keeps what they are found by."""
        from tongban.cases import followers  # noqa: F401
        from tongban.cases.practice import CasePractice
        from tongban.cases.procedure import NAME
        from tongban.procedures import practice

        practice.enter(NAME, CasePractice())
