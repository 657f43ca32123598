"""What patients may ask of a clinic, as rows: corrections with what was before, holds, disclosures, tombstones."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinics.models import Clinic
from clinics.sealed import SealedLine, SealedText
from clinics.wall import WalledManager
from patients import vocabulary


class PatientChange(models.Model):
    """One field of a patient that was corrected. Only `patients.changes` writes it, and nothing edits it."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    old = SealedText(blank=True)
    new = SealedText(blank=True)

    objects = WalledManager["PatientChange"]()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.field} of patient {self.patient_id}"


class LegalHold(models.Model):
    """A reason why a record may not be erased for now. `patients.holding` writes it."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="holds")
    why = SealedLine(max_length=240, help_text="For example “Insurance dispute”.")
    until = models.DateField("last day", null=True, blank=True, help_text="Empty: until somebody lifts it.")
    placed_at = models.DateTimeField(default=timezone.now)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = WalledManager["LegalHold"]()

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="lifted_hold_has_name_and_date",
            )
        ]

    def __str__(self) -> str:
        return f"Hold on patient {self.patient_id}"


class Disclosure(models.Model):
    """Something of the record that went to somebody else by a way this site doesn't see, as it was noted."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="disclosures")
    on = models.DateField("date")
    recipient = SealedLine("to whom", max_length=240, help_text="Name, and address if it is known.")
    what = SealedLine("what was given", max_length=240)
    why = SealedLine(max_length=240)
    noted_at = models.DateTimeField(default=timezone.now)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = WalledManager["Disclosure"]()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"Disclosure of patient {self.patient_id} on {self.on}"


class Tombstone(models.Model):
    """That a record was erased: enough to know it again if an old backup brings it back, and nothing of the person."""

    digest = models.CharField(max_length=64, primary_key=True)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(default=timezone.now)
    erased_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=20, choices=vocabulary.ERASE_REASONS)

    objects = WalledManager["Tombstone"]()

    def __str__(self) -> str:
        return f"{self.digest[:12]}, erased {self.erased_at:%Y-%m-%d}"
