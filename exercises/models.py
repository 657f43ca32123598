"""The catalog: muscles and pairs, drivers, precautions, red flags, exercises, protocols.

Citations and what is known with how much certainty stand in `exercises.evidence`, what editors leave in
`exercises.editorial`, what comes and goes as files in `exercises.exchange_rows`.
"""

from django.db import models
from django.db.models import Q

from clinics.models import Clinic, User
from exercises import vocabulary, wording
from exercises.editorial import ExercisePicture, Revision
from exercises.evidence import Citation
from exercises.exchange_rows import CatalogImport, KeptField
from exercises.querysets import ExerciseQuerySet, ProtocolQuerySet
from exercises.rows import CatalogRow, TranslatedRow
from exercises.vocabulary import Phase

__all__ = ["CatalogImport", "ExercisePicture", "KeptField", "Revision"]  # as Django looks for models in this module


class Muscle(TranslatedRow):
    name = models.CharField(max_length=120)
    plain = models.CharField("plain words", max_length=120, help_text="As a patient would say it.")
    search_words = models.JSONField(default=list, blank=True, help_text="What else it is searched for as: “butt”.")
    action = models.CharField(max_length=200)
    antagonists = models.ManyToManyField("self", blank=True, symmetrical=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """The name without what stands in brackets."""
        return self.name.split(" (")[0]


class MusclePair(models.Model):
    """A tight muscle that is released before its weak partner is strengthened (practice convention)."""

    tight = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="weak_partners")
    weak = models.ForeignKey(Muscle, on_delete=models.PROTECT, related_name="tight_partners")
    relation = models.CharField(max_length=40)
    weight = models.CharField(max_length=20, choices=[("primary", "Primary"), ("secondary", "Secondary")])
    note = models.TextField(blank=True)
    shipped = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["tight__name", "weak__name"]
        constraints = [
            models.UniqueConstraint(fields=["tight", "weak"], name="one_pair_per_two_muscles"),
            models.CheckConstraint(condition=~Q(tight=models.F("weak")), name="pair_joins_two_muscles"),
        ]

    def __str__(self) -> str:
        return f"{self.tight} → {self.weak}"


class Equipment(TranslatedRow):
    name = models.CharField(max_length=80)
    household = models.BooleanField("found in most homes", default=False)
    search_words = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "equipment"

    def __str__(self) -> str:
        return self.name


class Attribute(CatalogRow):
    """Something about an exercise that a driver or a precaution may object to."""

    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Driver(TranslatedRow):
    """A suspected reason for the sciatica: a working label that the clinician picks, never a diagnosis."""

    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(default=0)
    bias = models.CharField("default direction", max_length=20, choices=vocabulary.BIASES)
    direction = models.TextField(help_text="What is known of the direction that eases, for the clinician.")
    patient_name = models.CharField(
        max_length=120, help_text="Ends the handout's sentence “It may come from …”, grade 6 at most."
    )
    patient_words = models.TextField(help_text="Two to four short sentences for the handout, grade 6 at most.")
    why_this_order = models.TextField(help_text="One plain sentence for the handout; a framework, not proven.")
    icd10 = models.JSONField("ICD-10-CM suggestions", default=list, blank=True)
    supports = models.JSONField(default=list, blank=True)
    opposes = models.JSONField(default=list, blank=True)
    careful = models.JSONField(default=list, blank=True)
    course = models.TextField(blank=True)
    progress = models.JSONField(default=list, blank=True)
    regress = models.JSONField(default=list, blank=True)
    stop = models.JSONField(default=list, blank=True)
    attribute_rules = models.JSONField(default=dict, blank=True)
    citations = models.ManyToManyField(Citation, blank=True)
    muscles = models.ManyToManyField(Muscle, through="DriverMuscle")

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class DriverMuscle(models.Model):
    driver = models.ForeignKey(Driver, on_delete=models.CASCADE, related_name="muscle_states")
    muscle = models.ForeignKey(Muscle, on_delete=models.PROTECT)
    state = models.CharField(max_length=20, choices=vocabulary.MUSCLE_STATES)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["driver", "muscle"], name="one_state_per_driver_muscle")]

    def __str__(self) -> str:
        return f"{self.driver}: {self.muscle} {self.get_state_display()}"


class Precaution(TranslatedRow):
    name = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(default=0)
    rules = models.JSONField(default=dict, blank=True, help_text="Attribute → level, reason and the patient’s care.")
    source = models.TextField(blank=True)
    sign_off = models.BooleanField("a trainer needs a therapist's sign-off", default=False)
    needs_due_date = models.BooleanField(default=False)
    short_name = models.CharField(max_length=40, blank=True, help_text="For the titles of checks.")
    change = models.CharField(
        max_length=240, blank=True, help_text="What the handout tells the patient to do otherwise, grade 6 at most."
    )
    emergency = models.JSONField(
        default=list, blank=True, help_text="Its own signs to get emergency help, on the handout: “you bleed”."
    )
    stops = models.JSONField(default=list, blank=True, help_text="Its own signs to stop and call, on the handout.")

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class RedFlagGroup(TranslatedRow):
    title = models.CharField(max_length=80)
    lead = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.title


class RedFlag(TranslatedRow):
    """One screening question."""

    group = models.ForeignKey(RedFlagGroup, on_delete=models.PROTECT, related_name="questions")
    order = models.PositiveSmallIntegerField(default=0)
    question = models.TextField()
    suspects = models.CharField(max_length=120)
    urgency = models.CharField(max_length=20, choices=vocabulary.URGENCIES)
    blocks = models.BooleanField("stops issuing until closed")
    action = models.TextField(help_text="What to do now, shown as soon as it is answered yes.")
    note = models.TextField(blank=True)
    citations = models.ManyToManyField(Citation, blank=True)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["group__order", "order"]

    def __str__(self) -> str:
        return self.question

    @property
    def needs_medical_assessment(self) -> bool:
        """Whether closing it takes a recorded medical assessment."""
        return self.urgency in {"emergency", "same_day"}


class Exercise(CatalogRow):
    name = models.CharField(max_length=120)
    other_names = models.JSONField(default=list, blank=True)
    family = models.CharField(max_length=60, blank=True)
    phase = models.CharField(max_length=20, choices=vocabulary.PHASES)
    kind = models.CharField(max_length=20, choices=vocabulary.KINDS)
    level = models.PositiveSmallIntegerField(choices=vocabulary.LEVELS)
    position = models.CharField(max_length=20, choices=vocabulary.POSITIONS)
    bed_ok = models.BooleanField("can be done on a firm bed", default=False)
    equipment = models.JSONField(
        default=list,
        blank=True,
        help_text='Any-of groups: [["mat", "bed"], ["strap"]] needs a mat or bed, and a strap.',
    )
    laterality = models.CharField(max_length=20, choices=vocabulary.LATERALITIES)
    releases = models.ManyToManyField(Muscle, blank=True, related_name="released_by")
    strengthens = models.ManyToManyField(Muscle, blank=True, related_name="strengthened_by")
    nerves = models.JSONField(default=list, blank=True)
    spinal_loading = models.CharField(max_length=20, choices=vocabulary.LOADINGS)
    attributes = models.JSONField(default=list, blank=True)
    sets = models.PositiveSmallIntegerField(default=1)
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    reps_max = models.PositiveSmallIntegerField(null=True, blank=True)
    hold_s = models.PositiveSmallIntegerField("hold (seconds)", null=True, blank=True)
    hold_s_max = models.PositiveSmallIntegerField("longest hold (seconds)", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    minutes_max = models.PositiveSmallIntegerField(null=True, blank=True)
    times_per_day = models.PositiveSmallIntegerField(default=1)
    days_per_week = models.PositiveSmallIntegerField(default=7)
    dose_source = models.TextField(blank=True)
    suits_primary = models.ManyToManyField(Driver, blank=True, related_name="primary_exercises")
    suits_secondary = models.ManyToManyField(Driver, blank=True, related_name="secondary_exercises")
    driver_overrides = models.JSONField(default=dict, blank=True, help_text="Driver → level and reason.")
    precaution_overrides = models.JSONField(default=dict, blank=True, help_text="Precaution → level and reason.")
    progression = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    regression = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    substitute = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="+", help_text="Once it is retired."
    )
    evidence = models.CharField(max_length=20, choices=vocabulary.EVIDENCE)
    citations = models.ManyToManyField(Citation, blank=True)
    note = models.TextField("note for clinicians", blank=True)
    status = models.CharField(max_length=20, choices=vocabulary.STATUSES, default="published")
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    waiver = models.CharField(
        "published without Spanish, because",
        max_length=200,
        blank=True,
        help_text="For example “Our clinic’s patients read English.” Leave it empty when both languages are there.",
    )
    clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, null=True, editable=False, related_name="+", help_text="None: everybody’s."
    )
    pose = models.JSONField(default=dict, blank=True, help_text="How it is drawn; the keys are in docs/figures.md.")
    search_text = models.TextField(editable=False, default="")

    objects = ExerciseQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(phase__in=[p.value for p in Phase]), name="exercise_phase_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=[slug for slug, _ in vocabulary.STATUSES]), name="exercise_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reps__isnull=False) | Q(minutes__isnull=False), name="exercise_has_reps_or_minutes"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def may_stand_beside(self, clinic: int | None) -> bool:
        """Whether an exercise of that clinic, by its key, may show this one; None is the shared catalog."""
        return self.clinic_id in (None, clinic)

    @property
    def usual_dose(self) -> str:
        """The catalog's dose in words."""
        return ", ".join(
            wording.dose_words(self.sets, self.reps, self.hold_s, self.minutes, self.times_per_day, self.days_per_week)
        )

    def text_in(self, language: str) -> "ExerciseText":
        """Return the patient text in `language`, in English where there is none; needs `texts` prefetched."""
        by_language = {text.language: text for text in self.texts.all()}
        return by_language.get(language) or by_language["en"]


class ExerciseText(models.Model):
    """What a patient reads about an exercise, in one language."""

    exercise = models.ForeignKey(Exercise, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=5)
    name = models.CharField(max_length=120)
    other_names = models.JSONField(default=list, blank=True, help_text="What else it is searched for as.")
    steps = models.JSONField(help_text="Three to six short sentences; {side} and {other} stand for left and right.")
    feel = models.CharField("feel it here", max_length=240, blank=True)
    stop_if = models.CharField(max_length=240, blank=True, help_text="Completes “Stop if …”.")
    mistakes = models.JSONField(default=list, blank=True)
    pictures = models.JSONField(default=dict, blank=True, help_text="What each picture shows, for those who can't see.")
    shipped = models.JSONField(default=dict, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exercise", "language"], name="one_text_per_language")]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class Protocol(CatalogRow):
    """A starting program for a driver."""

    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="protocols")
    title = models.CharField(max_length=120)
    rationale = models.TextField()
    citations = models.ManyToManyField(Citation, blank=True)

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        ordering = ["driver__order", "title"]

    def __str__(self) -> str:
        return self.title


class ProtocolItem(models.Model):
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="items")
    stage = models.CharField(max_length=10, choices=vocabulary.STAGES)
    position = models.PositiveSmallIntegerField()
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    only_with = models.CharField(
        "only with a tested preference for", max_length=20, choices=vocabulary.PREFERENCES, blank=True
    )

    class Meta:
        ordering = ["stage", "position"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "stage", "position"], name="one_protocol_item_per_position")
        ]

    def __str__(self) -> str:
        return f"{self.protocol} {self.stage} {self.position}: {self.exercise}"


class CatalogVersion(models.Model):
    """Which shipped catalog was loaded last, by the hash of its files; `edition` goes up with every edit."""

    digest = models.CharField(max_length=64)
    edition = models.PositiveIntegerField(default=0)
    loaded_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.digest[:12]
