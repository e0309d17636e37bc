"""Addresses of the archive's pages."""

from django.urls import URLPattern, path

from tongban.web.archive import files, lists

urlpatterns: list[URLPattern] = [
    path("archive/", lists.archive, name="archive"),
    path("archive/<str:number>/", files.file, name="archive-file"),
    path("archive/<str:number>/do/<slug:act>/", files.act, name="archive-act"),
    path("archive/<str:number>/content/<str:digest>/", files.content, name="archive-content"),
]
