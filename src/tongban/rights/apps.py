"""The rights of persons as an app: its one table."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """What is counted of copies."""

    name = "tongban.rights"
    label = "rights"
