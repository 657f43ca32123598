"""What is known and how sure it is: citations, findings and tests, claims that are contested, what checks rest on."""

from django.db import models

from exercises import vocabulary
from exercises.rows import CatalogRow


class Citation(CatalogRow):
    text = models.TextField(help_text="The reference as it is printed.")
    status = models.CharField(max_length=20, choices=vocabulary.CITATION_STATUSES)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.text


class Finding(CatalogRow):
    """Something that history or a test shows, ticked as present or absent, and what it says about drivers.

    `present` and `absent` are lists of {driver, speaks: for or against, why}. `accuracy` is a list of what studies
    measured: {driver, result, words, citation, certainty, checked} with sensitivity, specificity (0 to 1) and
    likelihood ratios where known.
    """

    name = models.CharField(max_length=120)
    group = models.CharField(max_length=20, choices=vocabulary.FINDING_GROUPS)
    order = models.PositiveSmallIntegerField(default=0)
    how = models.TextField(help_text="How it is asked or done, and what counts as present.")
    present = models.JSONField(default=list, blank=True)
    absent = models.JSONField(default=list, blank=True)
    accuracy = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class OutcomeMeasure(CatalogRow):
    name = models.CharField(max_length=120)
    items = models.TextField("what is asked")
    scoring = models.TextField()
    meaningful_change = models.TextField()
    licence = models.TextField()
    use = models.CharField(max_length=20, choices=vocabulary.MEASURE_USES)
    citations = models.ManyToManyField(Citation, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Claim(CatalogRow):
    """Something that articles say and studies don't bear out, or a reference that isn't what it was cited for.

    `about` names the drivers, checks and families of exercises beside which it is shown.
    """

    kind = models.CharField(max_length=20, choices=[("claim", "Claim"), ("reference", "Reference")])
    order = models.PositiveSmallIntegerField(default=0)
    claim = models.TextField()
    made_by = models.ManyToManyField(Citation, blank=True, related_name="claims")
    finding = models.TextField("what the literature shows")
    we_say = models.TextField("what the product says")
    citations = models.ManyToManyField(Citation, blank=True, related_name="+")
    about = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.claim


class CheckBasis(CatalogRow):
    """What one check of the program rests on; the slug is the check's rule."""

    title = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(default=0)
    asks = models.TextField("what it asks")
    basis = models.TextField("what it rests on")
    certainty = models.CharField(max_length=20, choices=vocabulary.CERTAINTIES)
    citations = models.ManyToManyField(Citation, blank=True)

    class Meta:
        ordering = ["order"]
        verbose_name_plural = "bases of checks"

    def __str__(self) -> str:
        return self.title
