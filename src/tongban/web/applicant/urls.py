"""Addresses of the applicant's pages."""

from django.urls import URLPattern, path

from tongban.web.applicant import items

urlpatterns: list[URLPattern] = [
    path("", items.home, name="home"),
    path("items/", items.items, name="items"),
    path("items/<str:code>/", items.item, name="item"),
]
