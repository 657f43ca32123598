"""What the catalog is asked for, as words: exercises and protocols."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, OuterRef, Prefetch, Q, Value, When

from clinics.access import clinics_of
from clinics.models import User
from exercises.editors import edits_catalog
from exercises.vocabulary import KINDS_BY_PHASE, Phase

if TYPE_CHECKING:
    from exercises.models import Driver, Exercise, Protocol  # noqa: F401  # the types of rows, which ruff doesn't see


UNSEEN = ("draft", "in_review")

PHASE_RANK = Case(*(When(phase=phase.value, then=Value(phase.rank)) for phase in Phase), default=Value(len(Phase) + 1))
KIND_RANK = Case(
    *(
        When(phase=phase.value, kind=kind, then=Value(place))
        for phase, kinds in KINDS_BY_PHASE.items()
        for place, kind in enumerate(kinds)
    ),
    default=Value(max(len(kinds) for kinds in KINDS_BY_PHASE.values())),
)


class ExerciseQuerySet(models.QuerySet["Exercise"]):
    def shared(self) -> "ExerciseQuerySet":
        """The exercises that are no clinic's own."""
        return self.filter(clinic=None)

    def published(self, clinic: int | None = None) -> "ExerciseQuerySet":
        """The exercises that may go into a program: shared ones, and those of that clinic by its key."""
        theirs = Q(clinic=None) if clinic is None else Q(clinic=None) | Q(clinic=clinic)
        return self.filter(theirs, status="published")

    def visible_to(self, user: User) -> "ExerciseQuerySet":
        """The shared exercises and those of the person's clinics, whatever their status."""
        return self.filter(Q(clinic=None) | Q(clinic__in=clinics_of(user)))

    def without_drafts(self) -> "ExerciseQuerySet":
        """Leave out shared exercises that no second editor has seen yet: they are for editors alone."""
        return self.exclude(clinic=None, status__in=UNSEEN)

    def readable_by(self, user: User) -> "ExerciseQuerySet":
        """The exercises whose pages the person may read: of shared drafts none, but for editors."""
        rows = self.visible_to(user)
        return rows if edits_catalog(user) else rows.without_drafts()

    def pictured_for(self, user: User) -> "ExerciseQuerySet":
        """The exercises whose pictures the person may see: those to read, and shared drafts that were published once.

        One that was opened again is still in programs, which show its pictures. What was shipped was public, and of
        all else the history tells whether it was ever published.
        """
        from exercises.editorial import Revision  # the models import this module

        rows = self.visible_to(user)
        if edits_catalog(user):
            return rows
        once = Revision.objects.filter(kind="exercise", row=OuterRef("pk"), values__status="published")
        return rows.filter(~Q(clinic=None, status__in=UNSEEN) | ~Q(shipped={}) | Exists(once))

    def with_everything(self) -> "ExerciseQuerySet":
        """Prefetch texts, muscles and citations: 4 queries, whatever the number of exercises."""
        neighbours = self.select_related("regression", "progression")
        return neighbours.prefetch_related("texts", "releases", "strengthens", "citations")

    def with_names(self) -> "ExerciseQuerySet":
        """Fetch only what an exercise is found by, muscles and texts too: 4 queries, whatever the number."""
        from exercises.models import ExerciseText, Muscle  # the models import this module

        muscles = Muscle.objects.only("name", "plain", "search_words")
        texts = ExerciseText.objects.only("exercise", "name", "other_names")
        own = self.only("name", "other_names", "position", "kind", "nerves", "equipment", "search_text")
        return own.prefetch_related(
            Prefetch("texts", texts), Prefetch("releases", muscles), Prefetch("strengthens", muscles)
        )

    def with_links(self) -> "ExerciseQuerySet":
        """Prefetch muscles and drivers: 4 queries, whatever the number of exercises."""
        return self.prefetch_related("releases", "strengthens", "suits_primary", "suits_secondary")

    def in_program_order(self) -> "ExerciseQuerySet":
        """By phase, kind within the phase, level and name, as a program would have them."""
        return self.order_by(PHASE_RANK, KIND_RANK, "level", "name", "pk")

    def suiting(self, driver: str) -> "ExerciseQuerySet":
        """The exercises that suit the driver with that slug, first or second."""
        links = (self.model.suits_primary.through, self.model.suits_secondary.through)
        first, second = (link._default_manager.filter(driver__slug=driver).values("exercise") for link in links)
        return self.filter(Q(pk__in=first) | Q(pk__in=second))

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
