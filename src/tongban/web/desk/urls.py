"""Addresses of the desk: the same for every procedure."""

from django.urls import path

from tongban.web.desk import (
    acting,
    answering,
    anywhere,
    cases,
    claims,
    exporting,
    finding,
    lists,
    many,
    story,
    talking,
)

urlpatterns = [
    path("find/", finding.find, name="find"),
    path("cases/", cases.cases, name="case-list"),
    path("cases/views/", cases.keep_view, name="saved-views"),
    path("cases/export.<slug:form>", exporting.export, name="case-export"),
    path("numbers/<str:number>/", anywhere.matter, name="matter"),
    path("numbers/<str:number>/hand-over/", claims.hand_over, name="claims-hand-over"),
    path("many/", many.many, name="many"),
    path("numbers/<str:number>/write/", talking.write, name="case-write"),
    path("numbers/<str:number>/note/", talking.note, name="case-note"),
    path("numbers/<str:number>/relieve/", claims.relieve, name="claims-relieve"),
    path("numbers/<str:number>/answer-supervision/", answering.answer, name="supervision-answer"),
    path("matters/<slug:procedure>/", lists.matters_of, name="desk-list"),
    path("matters/<slug:procedure>/new/", acting.opening, name="desk-open"),
    path("matters/<slug:procedure>/<str:number>/", story.matter, name="desk-matter"),
    path("matters/<slug:procedure>/<str:number>/print/", story.printed, name="desk-print"),
    path("matters/<slug:procedure>/<str:number>/claim/", story.claim, name="desk-claim"),
    path("matters/<slug:procedure>/<str:number>/do/<slug:act>/", acting.act, name="desk-act"),
    path("matters/<slug:procedure>/<str:number>/content/<str:digest>/", story.content, name="desk-content"),
]
