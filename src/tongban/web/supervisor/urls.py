"""Addresses of the supervisor's pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
