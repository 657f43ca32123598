"""Patients, their screenings for red flags, and their assessments."""

import datetime
import re
import unicodedata

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from clinics.access import Can, clinics_where
from clinics.models import Clinic, User
from clinics.sealed import SealedDate, SealedEmail, SealedLine, SealedText
from clinics.wall import Walled, WalledManager
from exercises.evidence import Finding
from exercises.models import Driver, Equipment, Muscle, Precaution, RedFlag
from patients import vocabulary
from patients.rights import Disclosure, LegalHold, PatientChange, Tombstone

__all__ = ["Disclosure", "LegalHold", "PatientChange", "Tombstone"]

# Letters that Unicode doesn't take apart, as people type them on another keyboard.
PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"})
LONGEST_FOLDED = 240
CONTACT = re.compile(r"[\d@.]")  # what a word of an e-mail address or a phone number has


def fold(text: str) -> str:
    """Return text as it is searched for: lower case, without accents, at most 240 characters."""
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return "".join(letters).casefold().translate(PLAIN)[:LONGEST_FOLDED]


class PatientQuerySet(Walled, models.QuerySet["Patient"]):
    def visible_to(self, user: User, can: Can = Can.CONTACTS) -> "PatientQuerySet":
        """The patients of those clinics in which the user's role allows `can`."""
        return self.filter(clinic__in=clinics_where(user, can))

    def active(self) -> "PatientQuerySet":
        return self.filter(archived_at=None)

    def matching(self, text: str) -> "PatientQuerySet":
        """The patients in whose name, e-mail or phone number every word of `text` occurs.

        Words without a digit, @ or dot are looked for in names alone. One query more for each word with one.
        """
        found = self
        for word in text.split():
            fits = Q(folded_name__contains=fold(word))
            if CONTACT.search(word):
                fits |= Q(pk__in=self._reached_by(word))
            found = found.filter(fits)
        return found

    def _reached_by(self, word: str) -> list[int]:
        """Return the keys of those in whose e-mail or phone number it occurs; they are sealed, so all are read."""
        rows = self.order_by().values_list("pk", "email", "phone")
        return [pk for pk, email, phone in rows if word.casefold() in email.casefold() or word in phone]


class Patient(models.Model):
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT)
    name = models.CharField("full name", max_length=120)
    folded_name = models.CharField(max_length=LONGEST_FOLDED, editable=False)
    birth_date = SealedDate("date of birth", null=True, blank=True)
    email = SealedEmail("e-mail", blank=True)
    phone = SealedLine(max_length=40, blank=True)
    language = models.CharField("language of the handout", max_length=5, default="en")
    mail_consent = models.CharField(
        "agrees to get by e-mail", max_length=10, choices=vocabulary.MAIL_CONSENTS, blank=True
    )
    mail_consent_at = models.DateTimeField(null=True, blank=True)
    mail_consent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    contact_note = SealedLine(max_length=240, blank=True, help_text="For example “call after 5 pm”. Nothing clinical.")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["folded_name", "id"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("patient", args=[self.pk])

    def age_on(self, day: datetime.date) -> int | None:
        """Whole years on that day, or None without a date of birth."""
        if self.birth_date is None:
            return None
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday


class ScreeningQuerySet(Walled, models.QuerySet["Screening"]):
    def visible_to(self, user: User) -> "ScreeningQuerySet":
        return self.filter(patient__clinic__in=clinics_where(user, Can.CLINICAL))


class Screening(models.Model):
    """One round of the red-flag questions. Complete only when each question has an answer."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="screenings")
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(completed_at=None), name="one_open_screening_per_patient"
            )
        ]

    def __str__(self) -> str:
        return f"Screening of {self.patient} started {self.started_at:%Y-%m-%d}"


class ScreeningAnswer(models.Model):
    """Yes or no to one question. No row means not answered, which is never “no”."""

    screening = models.ForeignKey(Screening, on_delete=models.CASCADE, related_name="answers")
    red_flag = models.ForeignKey(RedFlag, on_delete=models.PROTECT, related_name="+")
    yes = models.BooleanField()

    objects = WalledManager["ScreeningAnswer"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["screening", "red_flag"], name="one_answer_per_question")]

    def __str__(self) -> str:
        return f"{self.red_flag.slug}: {'yes' if self.yes else 'no'}"


class RaisedFlagQuerySet(Walled, models.QuerySet["RaisedFlag"]):
    def visible_to(self, user: User) -> "RaisedFlagQuerySet":
        return self.filter(patient__clinic__in=clinics_where(user, Can.CLINICAL))

    def open(self) -> "RaisedFlagQuerySet":
        return self.filter(closed_at=None)

    def blocking(self) -> "RaisedFlagQuerySet":
        """The flags that stop issuing while they are open."""
        return self.filter(red_flag__blocks=True)


class RaisedFlag(models.Model):
    """A red flag that was answered yes. It stays open until a therapist closes it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="raised_flags")
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="raised_flags")
    red_flag = models.ForeignKey(RedFlag, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = SealedText(blank=True)
    assessed_by = SealedLine("medically assessed by", max_length=120, blank=True)
    assessed_on = models.DateField("date of the medical assessment", null=True, blank=True)

    objects = RaisedFlagQuerySet.as_manager()

    class Meta:
        ordering = ["closed_at", "red_flag__group__order", "red_flag__order"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "red_flag"], condition=Q(closed_at=None), name="a_flag_is_open_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")),
                name="closed_flag_has_name_date_and_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.red_flag.slug} of {self.patient}"


class AssessmentQuerySet(Walled, models.QuerySet["Assessment"]):
    def with_everything(self) -> "AssessmentQuerySet":
        """Prefetch all that an assessment holds: 5 queries."""
        findings = models.Prefetch("muscle_findings", MuscleFinding.objects.select_related("muscle"))
        answers = models.Prefetch("answers", FindingAnswer.objects.select_related("finding"))
        return self.prefetch_related("precautions", "equipment", "other_drivers", findings, answers)

    def visible_to(self, user: User) -> "AssessmentQuerySet":
        return self.filter(patient__clinic__in=clinics_where(user, Can.CLINICAL))


class Assessment(models.Model):
    """What the clinician found and suspects. Never edited: each save is a new row, the latest counts."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    affected_side = models.CharField(max_length=20, choices=vocabulary.SIDES)
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, verbose_name="suspected driver", related_name="+")
    other_drivers = models.ManyToManyField(
        Driver, blank=True, verbose_name="also suspected", related_name="+", help_text="Kept beside the one that leads."
    )
    irritability = models.CharField(max_length=20, choices=vocabulary.IRRITABILITIES)
    directional_preference = models.CharField(max_length=20, choices=vocabulary.DIRECTIONS, default="not_tested")
    neurological_deficit = models.BooleanField("weakness, numbness or a lost reflex in the leg", default=False)
    precautions = models.ManyToManyField(Precaution, blank=True)
    due_date = SealedDate(null=True, blank=True, help_text="In pregnancy.")
    equipment = models.ManyToManyField(Equipment, blank=True, verbose_name="equipment at hand")
    note = SealedText("note for colleagues", blank=True)
    muscles = models.ManyToManyField(Muscle, through="MuscleFinding")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"Assessment of {self.patient} on {self.at:%Y-%m-%d}"


class MuscleFinding(models.Model):
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="muscle_findings")
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=20, choices=vocabulary.MUSCLE_FINDINGS)
    side = models.CharField(max_length=10, choices=vocabulary.MUSCLE_SIDES)

    objects = WalledManager["MuscleFinding"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "muscle"], name="one_finding_per_muscle")]

    def __str__(self) -> str:
        return f"{self.muscle} {self.finding} ({self.side})"


class FindingAnswer(models.Model):
    """A finding of the catalog that was present or absent. No row means not asked or not tested."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField()

    objects = WalledManager["FindingAnswer"]()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "finding"], name="one_answer_per_finding")]

    def __str__(self) -> str:
        return f"{self.finding.slug}: {'present' if self.present else 'absent'}"
