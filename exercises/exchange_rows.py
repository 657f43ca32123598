"""What exchanging the catalog leaves behind: files on their way in, and shipped values that editors withstood."""

from django.db import models
from django.utils import timezone

from clinics.models import User

STATES = [
    ("checking", "Being checked"),
    ("checked", "Checked"),
    ("importing", "Being imported"),
    ("done", "Imported"),
    ("failed", "Not imported"),
]


class CatalogImport(models.Model):
    """A file from its upload until it is imported. Only `exercises.exchange.jobs` writes it."""

    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=200, help_text="The file’s name.")
    kind = models.CharField(max_length=8)
    encoding = models.CharField(max_length=20, blank=True)
    content = models.BinaryField(help_text="The file; empty once it is imported.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file, in hex.")
    state = models.CharField(max_length=12, choices=STATES, default="checking")
    edition = models.PositiveIntegerField(default=0, help_text="The catalog’s edition that it was compared with.")
    plan = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what it would write.")
    done = models.PositiveIntegerField(default=0, help_text="Rows that were looked at so far.")
    total = models.PositiveIntegerField(default=0, help_text="How many rows there are; 0 before it is known.")
    found = models.JSONField(default=dict, help_text="What the comparison found, as the page shows it.")
    trouble = models.CharField(max_length=300, blank=True)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}: {self.get_state_display()}"


class KeptField(models.Model):
    """A field that an editor changed and that ships changed, too. `syncing` and `updates` write it."""

    kind = models.CharField(max_length=40, help_text="The name of the row’s model.")
    row = models.PositiveBigIntegerField("the row’s key")
    field = models.CharField(max_length=60)
    before = models.JSONField(null=True, help_text="What shipped when the editor changed it.")
    now = models.JSONField(null=True, help_text="What ships now.")
    at = models.DateTimeField(default=timezone.now)
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["kind", "row", "field"]
        constraints = [models.UniqueConstraint(fields=["kind", "row", "field"], name="one_kept_value_per_field")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row}: {self.field}"
