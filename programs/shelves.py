"""What people and clinics keep at hand: favourites, what a clinic uses, and the clinic's own protocols."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinics.access import Can, clinics_where
from clinics.models import Clinic, User
from clinics.wall import Walled, WalledManager
from exercises.models import Driver, Exercise
from exercises.vocabulary import PHASES, STAGES
from programs.vocabulary import ITEM_SIDES


class Favourite(models.Model):
    """An exercise that a person starred."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "exercise"], name="starred_once")]

    def __str__(self) -> str:
        return f"{self.user} likes {self.exercise}"


class ExerciseUse(models.Model):
    """How often a clinic issued an exercise. Only `programs.issuing` counts it up."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="+")
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    times = models.PositiveIntegerField(default=0)

    objects = WalledManager["ExerciseUse"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "exercise"], name="counted_once_per_clinic")]

    def __str__(self) -> str:
        return f"{self.clinic}: {self.exercise} × {self.times}"


class ClinicProtocolQuerySet(Walled, models.QuerySet["ClinicProtocol"]):
    def visible_to(self, user: User) -> "ClinicProtocolQuerySet":
        """The protocols of the person's clinics: their own, and what others share."""
        return self.filter(Q(shared=True) | Q(made_by=user), clinic__in=clinics_where(user, Can.CLINICAL))

    def in_use(self) -> "ClinicProtocolQuerySet":
        return self.filter(retired_at=None)


class ClinicProtocol(models.Model):
    """A starting program that a clinic made itself. Private to its maker until it is shared with the clinic."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    note = models.TextField(
        "note for colleagues", blank=True, help_text="For example when to use it. No patient's name."
    )
    shared = models.BooleanField("shared with the clinic", default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ClinicProtocolQuerySet.as_manager()

    class Meta:
        ordering = ["driver__order", "title", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "title"], condition=Q(retired_at=None), name="one_protocol_in_use_per_title"
            )
        ]

    def __str__(self) -> str:
        return self.title


class ClinicProtocolItem(models.Model):
    """An exercise of a clinic's protocol with its dose. `side` is empty where the patient's side is taken."""

    protocol = models.ForeignKey(ClinicProtocol, on_delete=models.CASCADE, related_name="items")
    stage = models.CharField(max_length=10, choices=STAGES)
    position = models.PositiveSmallIntegerField()
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=20, choices=PHASES)
    sets = models.PositiveSmallIntegerField(default=1)
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    hold_s = models.PositiveSmallIntegerField("hold", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    tempo_s = models.PositiveSmallIntegerField("seconds each way", null=True, blank=True)
    rest_s = models.PositiveSmallIntegerField("rest between sets", null=True, blank=True)
    times_per_day = models.PositiveSmallIntegerField("times a day", default=1)
    days_per_week = models.PositiveSmallIntegerField("days a week", default=7)
    side = models.CharField(max_length=10, choices=ITEM_SIDES, blank=True)

    objects = WalledManager["ClinicProtocolItem"]()

    class Meta:
        ordering = ["stage", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["protocol", "stage", "position"], name="one_clinic_protocol_item_per_position"
            ),
            models.CheckConstraint(
                condition=Q(reps__isnull=False) | Q(minutes__isnull=False),
                name="clinic_protocol_item_has_reps_or_minutes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.protocol} {self.stage} {self.position}: {self.exercise}"
