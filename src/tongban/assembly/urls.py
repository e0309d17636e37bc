"""What this node answers to."""

from django.urls import URLPattern, URLResolver, include, path

from tongban.api import exchange, operations
from tongban.api.contract import api, contract

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/openapi.json", contract),
    path("api/", api.urls),
    path("exchange/v1/card", exchange.card),
    path("exchange/v1/messages", exchange.messages),
    path("healthz", operations.healthz),
    path("readyz", operations.readyz),
    path("metrics", operations.metrics),
    path(".well-known/security.txt", operations.security),
    path("", include("tongban.web.urls")),
]
handler500 = "tongban.assembly.failures.server_error"
handler400 = "tongban.web.refusals.broken"
handler404 = "tongban.web.refusals.not_found"
