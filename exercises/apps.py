"""The app that holds the exercise catalog."""

from django.apps import AppConfig


class ExercisesConfig(AppConfig):
    name = "exercises"
