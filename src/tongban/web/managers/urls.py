"""Addresses of the account manager's pages."""

from django.urls import URLPattern, path

from tongban.web.managers import adding, desk, grants, importing, keys, leaves, person, places

urlpatterns: list[URLPattern] = [
    path("accounts/", desk.desk, name="managers"),
    path("accounts/new/", adding.new, name="managers-new"),
    path("accounts/people/<str:code>/", person.person, name="managers-person"),
    path("accounts/grants/", grants.grants, name="managers-grants"),
    path("accounts/leaves/", leaves.leaves, name="managers-leaves"),
    path("accounts/windows/", places.places, name="managers-places"),
    path("accounts/import/", importing.staff, name="managers-import"),
    path("accounts/import/template.xlsx", importing.template, name="managers-template"),
    path("accounts/keys/", keys.keys, name="managers-keys"),
]
