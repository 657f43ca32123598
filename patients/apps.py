"""The app that holds patients, their screenings and assessments."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"
