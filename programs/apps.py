"""The app that holds programs, what was issued of them, and its delivery."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "programs"
