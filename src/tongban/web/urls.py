"""Addresses of pages. Each desk keeps its own list."""

from django.urls import path

from tongban.web import (
    account,
    box,
    by_provider,
    checks,
    entrance,
    gallery,
    looks,
    manual,
    me,
    passwords,
    resets,
    rights,
    second,
    staff_identities,
    uploads,
)
from tongban.web.applicant import urls as applicant
from tongban.web.archive import urls as archive
from tongban.web.counter import urls as counter
from tongban.web.desk import urls as desk
from tongban.web.managers import urls as managers
from tongban.web.officer import urls as officer
from tongban.web.supervisor import urls as supervisor

app_name = "web"
urlpatterns = [
    path("display/", entrance.display, name="display"),
    path("sign-in/", entrance.sign_in, name="sign-in"),
    path("components/", gallery.gallery, name="gallery"),
    path("sign-in/with/<slug:key>/", by_provider.sign_in_with, name="sign-in-with"),
    path("sign-in/back/<slug:key>/", by_provider.sign_in_back, name="sign-in-back"),
    path("sign-in/post/", by_provider.choose_post, name="sign-in-post"),
    path("demo/sent/", box.demo_sent, name="demo-sent"),
    path("messages/", box.box, name="box"),
    path("messages/<str:number>/", box.open_case, name="box-open"),
    path("help/", manual.contents, name="help"),
    path("help/<slug:name>/", manual.page, name="help-section"),
    path("me/", me.me, name="me"),
    path("account/", rights.account, name="account"),
    path("account/telephone/", rights.telephone, name="account-telephone"),
    path("account/login/", rights.login, name="account-login"),
    path("account/copy/", rights.copy, name="account-copy"),
    path("account/close/", rights.close, name="account-close"),
    path("account/password/", passwords.own_password, name="account-password"),
    path("account/sessions/", account.open_sessions, name="account-sessions"),
    path("sign-in/second/", second.step, name="second"),
    path("account/second/", second.authenticators, name="authenticators"),
    path("account/resets/", resets.resets, name="resets"),
    path("account/staff-identities/", staff_identities.bindings, name="staff-identities"),
    path("numbers/<str:number>/looks/", looks.who_looked, name="who-looked"),
    path("audit/", looks.audit, name="audit"),
    path("password/", passwords.password, name="password"),
    path("sign-out/", entrance.sign_out, name="sign-out"),
    path("sign-out/done/<slug:key>/", by_provider.signed_out, name="signed-out"),
    path("sign-out/with/<slug:key>/", by_provider.sign_out_with, name="sign-out-with"),
    path("z/", checks.check, name="letter-check"),
    path("uploads/<str:number>/", uploads.create, name="uploads"),
    path("uploads/<str:number>/<slug:token>/", uploads.upload, name="upload"),
    *applicant.urlpatterns,
    *counter.urlpatterns,
    *officer.urlpatterns,
    *supervisor.urlpatterns,
    *archive.urlpatterns,
    *managers.urlpatterns,
    *desk.urlpatterns,
]
