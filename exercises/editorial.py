"""What editors leave beside the catalog's rows: what a row was before, and pictures that aren't drawn.

And how often each clinic's own exercises were edited, by which processes know that they read them anew.
"""

from django.db import models
from django.utils import timezone

from clinics.models import Clinic, User

FORMER = "was-"


class Revision(models.Model):
    """A row of the catalog as somebody left it. Only `exercises.revisions` writes it; nobody changes it."""

    kind = models.CharField(max_length=40, help_text="The name of the row’s model, for example “exercise”.")
    row = models.PositiveBigIntegerField("the row’s key")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)
    values = models.JSONField()

    class Meta:
        ordering = ["kind", "row", "-number"]
        constraints = [models.UniqueConstraint(fields=["kind", "row", "number"], name="one_revision_per_number")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}, version {self.number}"


class CurrentPictures(models.Manager["ExercisePicture"]):
    """The pictures that exercises show now; their content is read only where it is asked for."""

    def get_queryset(self) -> models.QuerySet["ExercisePicture"]:
        return super().get_queryset().exclude(frame__startswith=FORMER).defer("content")


class ExercisePicture(models.Model):
    """A picture that was uploaded in place of a drawn one, drawn anew without what came with the file.

    One that was taken off stays, for issued programs show it; its frame is then `FORMER` and the start of its digest.
    Only `exercises.uploaded` writes them.
    """

    exercise = models.ForeignKey("exercises.Exercise", on_delete=models.CASCADE, related_name="uploads")
    frame = models.SlugField(max_length=20, help_text="Which picture it is: start, finish or a step between.")
    content = models.BinaryField(help_text="PNG or JPEG.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content, in hex.")

    objects = CurrentPictures()
    with_former = models.Manager()  # noqa: DJ012  # a second manager, no field

    class Meta:
        ordering = ["exercise", "pk"]
        constraints = [models.UniqueConstraint(fields=["exercise", "frame"], name="one_upload_per_frame")]

    def __str__(self) -> str:
        return f"{self.exercise}: {self.frame}"


class OwnEdition(models.Model):
    """How often a clinic's own exercises were edited; one that never had any has no row. Only `known` writes it."""

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="+")
    edition = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.clinic}: {self.edition}"
