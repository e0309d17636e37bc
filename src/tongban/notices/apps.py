"""Notices as an app: its tables, and its follower."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Who is told, and what follows events to tell them."""

    name = "tongban.notices"
    label = "notices"

    def ready(self) -> None:
        """Enter the follower that tells, and the errands that send."""
        from tongban.notices import codes, errand, followers  # noqa: F401
        from tongban.procedures import tasks

        tasks.errand_too("notices", errand.run)
        # In a lane of their own: whoever waits for a code must not wait for a gateway that takes no notices.
        tasks.errand_too("codes", codes.run)
