"""The pages of patients."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
