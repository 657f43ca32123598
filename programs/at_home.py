"""What a patient opens and notes at home: links to one issue, ticks, and pain scores."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinics.access import Can, clinics_where
from clinics.models import User
from clinics.wall import Walled, WalledManager


class PatientLinkQuerySet(Walled, models.QuerySet["PatientLink"]):
    def visible_to(self, user: User) -> "PatientLinkQuerySet":
        return self.filter(issue__program__patient__clinic__in=clinics_where(user, Can.HANDOUTS))

    def alive(self, at: datetime.datetime) -> "PatientLinkQuerySet":
        """The links that open something at that moment."""
        return self.filter(revoked_at=None, expires_at__gt=at)


class PatientLink(models.Model):
    """Who has it may see one issue. Only `programs.patient_link` writes it, and only the token's hash is kept."""

    issue = models.ForeignKey("programs.Issue", on_delete=models.PROTECT, related_name="links")
    way = models.CharField(max_length=10, choices=[("paper", "Printed"), ("mail", "By e-mail")])
    seed = models.CharField(max_length=64, unique=True, help_text="The token is made of it with the site’s secret key.")
    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True, help_text="When it was last exchanged for a visit.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = PatientLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="revoked_link_has_name_and_date",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()} link to {self.issue}"

    def works(self, at: datetime.datetime) -> bool:
        """Whether it opens something at that moment, as the queryset's `alive` says."""
        return self.revoked_at is None and self.expires_at > at


class Tick(models.Model):
    """Whether the patient says that an exercise was done on a day. `programs.at_home_log` writes it.

    A tick that was taken back stays as a row, so that its time is known when an older note comes late.
    """

    issue = models.ForeignKey("programs.Issue", on_delete=models.PROTECT, related_name="ticks")
    day = models.DateField()
    number = models.PositiveSmallIntegerField(help_text="The exercise’s number on the handout.")
    done = models.BooleanField(default=True)
    at = models.DateTimeField(default=timezone.now)

    objects = WalledManager["Tick"]()

    class Meta:
        ordering = ["day", "number"]
        constraints = [models.UniqueConstraint(fields=["issue", "day", "number"], name="ticked_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} exercise {self.number}{'' if self.done else ', taken back'}"


class PainScore(models.Model):
    """The worst pain of a day, 0 to 10, as the patient noted it. `programs.at_home_log` writes it."""

    issue = models.ForeignKey("programs.Issue", on_delete=models.PROTECT, related_name="pain_scores")
    day = models.DateField()
    score = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects = WalledManager["PainScore"]()

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "day"], name="one_pain_score_a_day"),
            models.CheckConstraint(condition=Q(score__lte=10), name="pain_is_0_to_10"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.score}"
