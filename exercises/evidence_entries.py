"""What the files of the evidence may hold: findings and tests, outcome measures, claims, what checks rest on."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from exercises.entries import Entry, Line, Prose, Slug

Share = Annotated[float, Field(ge=0, le=1)]
Ratio = Annotated[float, Field(gt=0)]
Certainty = Literal["high", "medium", "low"]
Group = Literal["history", "nerve", "movement", "hip", "spine", "pelvis"]
# The families of exercises that claims name; `evidence_page.families` says what belongs to each.
FAMILIES = ("nerve_glide", "hamstring_stretch", "piriformis_stretch", "extension")


class Voice(Entry):
    """What a finding says about one driver, and why."""

    driver: Slug
    speaks: Literal["for", "against"]
    why: Line


class Accuracy(Entry):
    """What studies measured of a finding for one driver; `result` is the answer that the numbers are about."""

    driver: Slug
    result: Literal["present", "absent", "both"]
    words: Line
    sensitivity: Share | None = None
    specificity: Share | None = None
    lr_positive: Ratio | None = None
    lr_negative: Ratio | None = None
    citation: Slug
    certainty: Certainty
    checked: Line


class FindingEntry(Entry):
    slug: Slug
    group: Group
    name: Line
    how: Line
    present: list[Voice] = []
    absent: list[Voice] = []
    accuracy: list[Accuracy] = []

    @model_validator(mode="after")
    def _says_something(self) -> "FindingEntry":
        if not (self.present or self.absent or self.accuracy):
            raise ValueError("it says nothing about any driver")
        return self


class OutcomeMeasureEntry(Entry):
    slug: Slug
    name: Line
    items: Prose
    scoring: Prose
    meaningful_change: Prose
    licence: Prose
    use: Literal["embed", "score_only", "check_first"]
    citations: Annotated[list[Slug], Field(min_length=1)]


class ClaimEntry(Entry):
    slug: Slug
    kind: Literal["claim", "reference"]
    claim: Prose
    made_by: list[Slug]
    finding: Prose
    we_say: Prose
    citations: list[Slug] = []
    about: list[Slug] = []


class CheckEntry(Entry):
    """What one check of the program asks and rests on; the slug is the check's rule."""

    slug: Slug
    title: Line
    asks: Prose
    basis: Prose
    certainty: Certainty
    citations: Annotated[list[Slug], Field(min_length=1)]
