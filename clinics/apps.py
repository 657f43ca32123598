"""The app that knows who may do what."""

from django.apps import AppConfig


class ClinicsConfig(AppConfig):
    name = "clinics"
