"""Addresses of the officer's pages."""

from django.urls import URLPattern, path

from tongban.web.officer import acts, cases, queue

urlpatterns: list[URLPattern] = [
    path("desk/", queue.queue, name="queue"),
    path("desk/<str:number>/", cases.case, name="officer-case"),
    path("desk/<str:number>/claim/", cases.claim, name="officer-claim"),
    path("desk/<str:number>/numbers/", cases.reveal, name="officer-reveal"),
    path("desk/<str:number>/files/<str:digest>/", cases.file, name="officer-file"),
    path("desk/<str:number>/letters/<slug:kind>.pdf", cases.letter, name="officer-letter"),
    path("desk/<str:number>/acts/<str:act>/", acts.act, name="officer-act"),
]
