"""The app that holds the exercise catalog."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class ExercisesConfig(AppConfig):
    name = "exercises"

    def ready(self) -> None:
        """Read the languages now: a clinic's file that is wrong is told at the start, with its line."""
        from exercises import languages  # no app may load another's code before the settings are there

        try:
            languages.look_in(settings.LANGUAGES_DIR)
        except languages.BadLanguages as bad:
            raise ImproperlyConfigured(f"LANGUAGES_DIR holds mistakes:\n{bad}") from bad
