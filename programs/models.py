"""Programs, their stages and items; issues (frozen versions), sign-offs, and deliveries by e-mail."""

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from clinics.access import Can, clinics_where
from clinics.models import User
from clinics.sealed import JSONWithSealed, SealedBytes, SealedEmail, SealedJSON, SealedLine, SealedText
from clinics.wall import Walled, WalledManager
from exercises.models import Exercise, Protocol
from exercises.vocabulary import PHASES, STAGES, Phase
from patients.models import Assessment, Patient
from patients.vocabulary import MAIL_WAYS
from programs.at_home import PainScore, PatientLink, Tick
from programs.shelves import ClinicProtocol, ClinicProtocolItem, ExerciseUse, Favourite
from programs.vocabulary import ITEM_SIDES

__all__ = ["ClinicProtocol", "ClinicProtocolItem", "ExerciseUse", "Favourite", "PainScore", "PatientLink", "Tick"]


class ProgramQuerySet(Walled, models.QuerySet["Program"]):
    def visible_to(self, user: User) -> "ProgramQuerySet":
        return self.filter(patient__clinic__in=clinics_where(user, Can.CLINICAL))

    def with_progress(self) -> "ProgramQuerySet":
        """Annotate `item_count` of the active stage and `latest_issued` (version number, or None)."""
        active = Count("stages__items", filter=Q(stages__slug=F("stage_slug")), distinct=True)
        return self.defer("edits").annotate(item_count=active, latest_issued=Max("issues__number"))

    def drafts(self) -> "ProgramQuerySet":
        """The programs of active patients that were never issued, or edited since."""
        frozen = Issue.objects.filter(program=OuterRef("pk"), program_version=OuterRef("version"))
        return self.defer("edits").filter(~Exists(frozen), patient__archived_at=None)


class Program(models.Model):
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="programs")
    protocol = models.ForeignKey(
        Protocol,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="What it was started from, if anything.",
    )
    stage_slug = models.CharField("active stage", max_length=10, choices=STAGES, default="w0_2")
    adapted = models.JSONField(
        default=dict,
        blank=True,
        help_text="How the protocol was made to suit: per stage, what was changed and what can't be met.",
    )
    clinic_protocol = models.ForeignKey(
        ClinicProtocol,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The clinic's own protocol that it was started from, if any.",
    )
    next_visit = SealedLine(max_length=120, blank=True, help_text="Printed on the handout.")
    edits = JSONWithSealed(
        words=["label", "note", "next_visit", "reason"],
        default=dict,
        blank=True,
        help_text="The last edits, with what puts each back.",
    )
    accepted = JSONWithSealed(
        words=["reason"],
        default=dict,
        blank=True,
        help_text="Warnings accepted while building: stage → verdict key → reason, by whom.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1, help_text="Goes up with each edit.")

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]

    def __str__(self) -> str:
        return f"Program of {self.patient}"

    def get_absolute_url(self) -> str:
        return reverse("builder", args=[self.pk])

    @property
    def accepted_now(self) -> dict[str, dict[str, str]]:
        """The warnings accepted in the active stage: verdict key → reason, by whom, and what the check said then."""
        found: dict[str, dict[str, str]] = self.accepted.get(self.stage_slug, {})
        return found


class StageQuerySet(Walled, models.QuerySet["Stage"]):
    def of(self, program: Program) -> "StageQuerySet":
        return self.filter(program=program)


class Stage(models.Model):
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="stages")
    slug = models.CharField(max_length=10, choices=STAGES)

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["program", "slug"], name="one_stage_per_program_and_weeks")]

    def __str__(self) -> str:
        return f"{self.program}, {self.get_slug_display()}"


class ItemQuerySet(Walled, models.QuerySet["Item"]):
    def visible_to(self, user: User) -> "ItemQuerySet":
        return self.filter(stage__program__patient__clinic__in=clinics_where(user, Can.CLINICAL))


class Item(models.Model):
    """An exercise in a stage, with its dose. Only `programs.builder` writes positions."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="items")
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
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
    note = SealedLine("note for the patient", max_length=240, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "position"], name="one_item_per_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="positions_start_at_one"),
            models.CheckConstraint(condition=Q(phase__in=[phase.value for phase in Phase]), name="item_phase_is_known"),
            models.CheckConstraint(
                condition=Q(reps__isnull=False) | Q(minutes__isnull=False), name="item_has_reps_or_minutes"
            ),
            models.CheckConstraint(
                condition=Q(days_per_week__gte=1, days_per_week__lte=7, times_per_day__gte=1, sets__gte=1),
                name="dose_is_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.exercise}"


class StoredPdf(models.Model):
    """The bytes of an issued handout, kept under their own SHA-256 for good."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = SealedBytes()

    objects = WalledManager["StoredPdf"]()

    def __str__(self) -> str:
        return self.sha256[:12]


class IssueQuerySet(Walled, models.QuerySet["Issue"]):
    def visible_to(self, user: User) -> "IssueQuerySet":
        return self.filter(program__patient__clinic__in=clinics_where(user, Can.HANDOUTS))


class Issue(models.Model):
    """A program frozen and given to the patient. Never changed after it is made."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="issues")
    number = models.PositiveIntegerField(help_text="Version of the program's handout, from 1.")
    program_version = models.PositiveIntegerField(help_text="The program's version that was frozen.")
    stage_slug = models.CharField(max_length=10, choices=STAGES)
    snapshot = SealedJSON(help_text="Everything the handout shows.")
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the snapshot as canonical JSON.")
    catalog_version = models.CharField(max_length=64)
    overrides = JSONWithSealed(
        words=["reason"], default=list, help_text="Accepted warnings: rule, sentence, reason, name."
    )
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    pdf = models.ForeignKey(StoredPdf, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    density = models.CharField(max_length=10, blank=True, help_text="How closely the PDF was set.")
    pages = models.PositiveSmallIntegerField(default=0, help_text="How many pages the PDF has.")

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["program", "number"], name="one_issue_per_version")]

    def __str__(self) -> str:
        return f"Handout {self.number} of {self.program.patient}"


class SignOffQuerySet(Walled, models.QuerySet["SignOff"]):
    def visible_to(self, user: User, can: Can = Can.CLINICAL) -> "SignOffQuerySet":
        return self.filter(program__patient__clinic__in=clinics_where(user, can))

    def waiting(self) -> "SignOffQuerySet":
        return self.filter(decided_at=None)


class SignOff(models.Model):
    """A trainer's request that a therapist look at a program before it is issued, and the answer."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="sign_offs")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reasons = models.JSONField(default=list, help_text="Why it was needed, one sentence each.")
    question = SealedText("message to the therapist", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved = models.BooleanField(null=True)
    answer = SealedText("message to the trainer", blank=True)
    program_version = models.PositiveIntegerField(null=True, help_text="The program's version that was approved.")

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["program"], condition=Q(decided_at=None), name="one_waiting_sign_off_per_program"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, approved=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False, approved__isnull=False),
                name="decided_sign_off_has_name_date_and_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"Sign-off of {self.program}"


class DeliveryQuerySet(Walled, models.QuerySet["Delivery"]):
    def visible_to(self, user: User) -> "DeliveryQuerySet":
        return self.filter(issue__program__patient__clinic__in=clinics_where(user, Can.HANDOUTS))


class Delivery(models.Model):
    """One e-mail to be sent: the outbox. Only `programs.delivery` writes it."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="deliveries")
    to = SealedEmail("to")
    how = models.CharField(max_length=10, choices=MAIL_WAYS, default="attach")
    language = models.CharField(max_length=5, default="en")
    link = models.ForeignKey("programs.PatientLink", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    again_for = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="again")
    message_id = models.CharField(max_length=120, unique=True, help_text="The same in every attempt.")
    queued_at = models.DateTimeField(default=timezone.now)
    queued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=20,
        choices=[("queued", "Waiting to be sent"), ("sent", "Handed over"), ("failed", "Failed")],
        default="queued",
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = SealedText(blank=True, help_text="Why the last attempt failed, as a sentence.")
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_note = SealedLine("what came back", max_length=240, blank=True)
    form_key = models.CharField(max_length=40, unique=True, help_text="One per form shown: a double click sends once.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_at", "-id"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["status", "next_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.get_status_display()}: {self.issue}"
