"""What a catalog file may hold: one class per kind of entry, which says what is wrong with a value.

No Django in here. Exercises stand in `exercise_entries`, findings and claims in `evidence_entries`; what spans
several entries is checked in `catalog_lint`.
"""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from exercises.readability import level

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=240)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

PLACEHOLDERS = ("{side}", "{other}", "{side_f}", "{other_f}")


class Entry(BaseModel):
    """A piece of a catalog file; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Entry):
    """How far a driver or a precaution objects, why, by which sources, and from which week of pregnancy on.

    `care` is what the patient takes care of for a precaution's sake, by language: it is printed with the exercise.
    """

    level: Literal["avoid", "avoid_early", "caution"]
    reason: Prose
    citations: Annotated[list[Slug], Field(min_length=1)] = ["practice"]
    from_week: Annotated[int, Field(ge=0, le=40)] = 0
    care: dict[str, Line] = {}

    @field_validator("care")
    @classmethod
    def _easy(cls, care: dict[str, str]) -> dict[str, str]:
        if care and "en" not in care:
            raise ValueError("the English is missing")
        easy_to_read([care.get("en", "")], care)
        return easy_in_spanish([care.get("es", "")], care)


class CitationEntry(Entry):
    slug: Slug
    text: Prose
    status: Literal["looked_up", "secondary", "known", "practice"]
    note: str | None = None


class MuscleWords(Entry):
    plain: Line
    search: list[Line] = []


class NameWords(Entry):
    name: Line
    search: list[Line] = []


class DriverWords(Entry):
    """What the handout says of a driver, in another language than English."""

    patient_name: Line
    patient_words: Prose
    why_this_order: Prose

    @field_validator("patient_words", "why_this_order")
    @classmethod
    def _easy(cls, text: str) -> str:
        return easy_in_spanish([text], text)


class PrecautionWords(Entry):
    name: Line
    change: Line | None = None
    emergency: list[Line] | None = None
    stops: list[Line] | None = None

    @field_validator("emergency", "stops")
    @classmethod
    def _easy(cls, signs: list[str] | None) -> list[str] | None:
        return easy_in_spanish([f"Busque ayuda si {sign}." for sign in signs or []], signs)


class QuestionWords(Entry):
    question: Prose


class GroupWords(Entry):
    title: Line
    lead: Line


class MuscleEntry(Entry):
    slug: Slug
    name: Line
    plain: Line
    search: list[Line] = []
    action: Line
    antagonists: list[Slug] = []
    es: MuscleWords | None = None


class PairEntry(Entry):
    tight: Slug
    weak: Slug
    relation: Line
    weight: Literal["primary", "secondary"]
    note: str | None = None


class EquipmentEntry(Entry):
    slug: Slug
    name: Line
    household: bool
    search: list[Line] = []
    es: NameWords | None = None


class AttributeEntry(Entry):
    slug: Slug
    name: Line


class DriverEntry(Entry):
    slug: Slug
    name: Line
    short_name: Line
    bias: Literal["extension", "flexion", "neutral", "mid_range", "none"]
    direction: Prose
    patient_name: Line
    patient_words: Prose
    why_this_order: Prose
    icd10: list[Line]
    supports: list[Line]
    opposes: list[Line]
    careful: list[Line]
    progress: list[Line]
    regress: list[Line]
    stop: list[Line]
    course: Prose
    tight: list[Slug]
    sometimes_tight: list[Slug]
    weak: list[Slug]
    sometimes_weak: list[Slug]
    attribute_rules: dict[Slug, Rule]
    citations: Annotated[list[Slug], Field(min_length=1)]
    es: DriverWords | None = None

    @field_validator("patient_words", "why_this_order")
    @classmethod
    def _easy(cls, text: str) -> str:
        return easy_to_read([text], text)


class PrecautionEntry(Entry):
    slug: Slug
    name: Line
    short_name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    question: Line | None = None
    rules: dict[Slug, Rule]
    source: Prose
    sign_off: bool = False
    needs_due_date: bool = False
    change: Line | None = None
    emergency: list[Line] = []
    stops: list[Line] = []
    es: PrecautionWords | None = None

    @field_validator("emergency", "stops")
    @classmethod
    def _easy(cls, signs: list[str]) -> list[str]:
        return easy_to_read([f"Get help if {sign}." for sign in signs], signs)


class QuestionEntry(Entry):
    slug: Slug
    question: Prose
    suspects: Line
    urgency: Literal["emergency", "same_day", "refer_urgent", "refer"]
    blocks: bool
    action: Prose
    citations: list[Slug] = []
    note: str | None = None
    es: QuestionWords | None = None


class QuestionGroupEntry(Entry):
    slug: Slug
    title: Line
    lead: Line
    questions: Annotated[list[QuestionEntry], Field(min_length=1, max_length=6)]
    es: GroupWords | None = None


class RedFlagFile(Entry):
    groups: Annotated[list[QuestionGroupEntry], Field(min_length=1)]


class ConditionalItem(Entry):
    """An exercise that a protocol offers only when testing found that preference."""

    exercise: Slug
    only_with: Literal["extension", "flexion", "lateral"] | None = None


class ProtocolEntry(Entry):
    slug: Slug
    driver: Slug
    title: Line
    rationale: Prose
    citations: list[Slug]
    stages: dict[Literal["w0_2", "w2_4", "w4_8"], list[Slug | ConditionalItem]]

    def items(self, stage: Literal["w0_2", "w2_4", "w4_8"]) -> list[ConditionalItem]:
        """Return the stage's items in order, each with the tested preference that it takes, if any."""
        rows = self.stages.get(stage, [])
        return [row if isinstance(row, ConditionalItem) else ConditionalItem(exercise=row) for row in rows]


T = TypeVar("T")


def easy_to_read(sentences: list[str], value: T) -> T:
    """Return `value` when the English sentences read at grade 6 or below; else raise ValueError."""
    if (found := level("en", sentences)).hard:
        raise ValueError(f"reads at {found}")
    return value


def easy_in_spanish(sentences: list[str], value: T) -> T:
    """Return `value` when the Spanish sentences have an ease of 70 or more; else raise ValueError."""
    if (found := level("es", sentences)).hard:
        raise ValueError(f"the Spanish reads at {found}")
    return value
