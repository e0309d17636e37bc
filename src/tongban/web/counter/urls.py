"""Addresses of the counter's pages."""

from django.urls import URLPattern, path

from tongban.web import discards
from tongban.web.counter import case, daybook, home, papers, shift, taking

urlpatterns: list[URLPattern] = [
    path("counter/", home.home, name="counter"),
    path("counter/shift/", shift.start, name="shift"),
    path("counter/handover/", shift.hand_over, name="hand-over"),
    path("counter/take/<str:code>/", home.take, name="counter-take"),
    path("counter/book/", daybook.book, name="counter-book"),
    path("counter/book/export.<slug:form>", daybook.export, name="counter-book-export"),
    path("counter/drafts/<str:number>/", taking.draft, name="counter-draft"),
    path("counter/drafts/<str:number>/thumbnails/<str:digest>/", taking.thumbnail, name="counter-thumbnail"),
    path("counter/drafts/<str:number>/discard/", discards.windows, name="counter-discard"),
    path("counter/cases/<str:number>/", case.show, name="counter-case"),
    path("counter/cases/<str:number>/acts/<slug:act>/", case.act, name="counter-act"),
    path("counter/cases/<str:number>/materials/", case.supplement, name="counter-materials"),
    path("counter/cases/<str:number>/letters/<slug:kind>.pdf", papers.letter, name="counter-letter"),
    path("counter/cases/<str:number>/contents/<str:digest>/", papers.content, name="counter-content"),
]
