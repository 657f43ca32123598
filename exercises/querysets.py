"""What the catalog is asked for, as words: exercises and protocols."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from exercises.models import Driver, Exercise, Protocol  # noqa: F401  # the types of rows, which ruff doesn't see


class ExerciseQuerySet(models.QuerySet["Exercise"]):
    def published(self) -> "ExerciseQuerySet":
        """The exercises that may go into a program."""
        return self.filter(status="published")

    def with_everything(self) -> "ExerciseQuerySet":
        """Prefetch texts, muscles and citations: 4 queries, whatever the number of exercises."""
        neighbours = self.select_related("regression", "progression")
        return neighbours.prefetch_related("texts", "releases", "strengthens", "citations")

    def with_links(self) -> "ExerciseQuerySet":
        """Prefetch muscles and drivers: 4 queries, whatever the number of exercises."""
        return self.prefetch_related("releases", "strengthens", "suits_primary", "suits_secondary")

    def matching(self, text: str) -> "ExerciseQuerySet":
        """The exercises in whose search words every word of `text` occurs."""
        found = self
        for word in text.casefold().split():
            found = found.filter(search_text__contains=word)
        return found


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def for_driver(self, driver: "Driver") -> "ProtocolQuerySet":
        """The driver's protocols with their items: 2 queries."""
        return self.filter(driver=driver).prefetch_related("items__exercise")
