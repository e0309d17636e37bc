"""Addresses of pages. Each desk keeps its own list."""

from django.urls import path

from tongban.web import account, entrance, gallery, looks, passwords, resets, second, uploads
from tongban.web.applicant import urls as applicant
from tongban.web.counter import urls as counter
from tongban.web.desk import urls as desk
from tongban.web.officer import urls as officer
from tongban.web.supervisor import urls as supervisor

app_name = "web"
urlpatterns = [
    path("display/", entrance.display, name="display"),
    path("sign-in/", entrance.sign_in, name="sign-in"),
    path("components/", gallery.gallery, name="gallery"),
    path("sign-in/with/<slug:key>/", entrance.sign_in_with, name="sign-in-with"),
    path("sign-in/back/<slug:key>/", entrance.sign_in_back, name="sign-in-back"),
    path("account/password/", passwords.own_password, name="account-password"),
    path("account/sessions/", account.open_sessions, name="account-sessions"),
    path("sign-in/second/", second.step, name="second"),
    path("account/second/", second.authenticators, name="authenticators"),
    path("account/resets/", resets.resets, name="resets"),
    path("numbers/<str:number>/looks/", looks.who_looked, name="who-looked"),
    path("audit/", looks.audit, name="audit"),
    path("password/", passwords.password, name="password"),
    path("sign-out/", entrance.sign_out, name="sign-out"),
    path("uploads/<str:number>/", uploads.create, name="uploads"),
    path("uploads/<str:number>/<slug:token>/", uploads.upload, name="upload"),
    *applicant.urlpatterns,
    *counter.urlpatterns,
    *officer.urlpatterns,
    *supervisor.urlpatterns,
    *desk.urlpatterns,
]
