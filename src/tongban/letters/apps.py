"""Letters as an app: its tables, and what makes a letter for an act that needs one."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    """What organisations issue."""

    name = "tongban.letters"
    label = "letters"

    def ready(self) -> None:
        """Have the practice of cases make letters here."""
        from tongban.cases.practice import CasePractice
        from tongban.letters import issuing

        CasePractice.letters = issuing
