"""The exchange as an app: it knows the neighbours with whom agreements are made."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Peers, and what travels between them."""

    name = "tongban.exchange"
    label = "exchange"

    def ready(self) -> None:
        """Say who the neighbours are."""
        from tongban.agreements import neighbours
        from tongban.exchange import queries

        neighbours.enter(queries.parties)
