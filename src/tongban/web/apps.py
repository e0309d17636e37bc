"""The web app, so that Django finds its templates and static files."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages; no tables."""

    name = "tongban.web"
    label = "web"
