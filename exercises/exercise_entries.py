"""What the files of an exercise may hold: its facts and texts, and how it is drawn. No Django in here."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from exercises import vocabulary, wording
from exercises.entries import PLACEHOLDERS, Entry, Line, Prose, Rule, Slug, easy_in_spanish, easy_to_read
from exercises.figures import reading
from exercises.figures.poses import BadPose
from exercises.languages import Code

Count = Annotated[int, Field(ge=1, le=1800)]

CLOSED_LISTS = {
    "kind": vocabulary.KINDS,
    "position": vocabulary.POSITIONS,
    "spinal_loading": vocabulary.LOADINGS,
    "evidence": vocabulary.EVIDENCE,
}


class Dose(Entry):
    """Sets × repetitions with a hold in seconds, or minutes; `_max` is the upper end of the range."""

    sets: Count
    reps: Count | None = None
    reps_max: Count | None = None
    hold_s: Count | None = None
    hold_s_max: Count | None = None
    minutes: Count | None = None
    minutes_max: Count | None = None
    times_per_day: Annotated[int, Field(ge=1, le=12)]
    days_per_week: Annotated[int, Field(ge=1, le=7)]
    source: Prose

    @model_validator(mode="after")
    def _possible(self) -> "Dose":
        if (self.reps is None) == (self.minutes is None):
            raise ValueError("give either reps or minutes")
        for low, high in (("reps", "reps_max"), ("hold_s", "hold_s_max"), ("minutes", "minutes_max")):
            start, end = getattr(self, low), getattr(self, high)
            if end is not None and (start is None or end < start):
                raise ValueError(f"{high} {end} must not be below {low} {start}")
        return self


class Suits(Entry):
    primary: list[Slug] = []
    secondary: list[Slug] = []


class PatientText(Entry):
    """What the patient reads, in one language; English takes `name` from the exercise."""

    name: Line | None = None
    other_names: list[Line] = []
    steps: Annotated[list[Line], Field(min_length=3, max_length=6)]
    feel: Line
    stop_if: Line
    mistakes: Annotated[list[Line], Field(max_length=4)]

    @property
    def parts(self) -> list[str]:
        return [*self.steps, self.feel, f"Stop if {self.stop_if}", *self.mistakes]

    @field_validator("steps", "mistakes")
    @classmethod
    def _known_placeholders(cls, lines: list[str]) -> list[str]:
        for line in lines:
            check_placeholders(line)
        return lines

    @field_validator("feel", "stop_if")
    @classmethod
    def _known_placeholder(cls, line: str) -> str:
        return check_placeholders(line)


class ExerciseEntry(Entry):
    slug: Slug
    name: Line
    other_names: list[Line] = []
    family: Slug
    phase: Literal["calm", "release", "restore", "strengthen", "integrate"]
    kind: Slug
    level: Literal[1, 2, 3]
    position: Slug
    bed_ok: bool
    equipment: list[Annotated[list[Slug], Field(min_length=1)]]
    laterality: Literal["bilateral", "affected_side", "each_side"]
    releases: list[Slug] = []
    strengthens: list[Slug] = []
    nerves: list[Slug] = []
    spinal_loading: Slug
    attributes: list[Slug] = []
    dose: Dose
    suits: Suits
    driver_overrides: dict[Slug, Rule] = {}
    precaution_overrides: dict[Slug, Rule] = {}
    progression: Slug | None = None
    regression: Slug | None = None
    evidence: Slug
    citations: Annotated[list[Slug], Field(min_length=1)]
    note: str | None = None
    text: dict[Code, PatientText]

    @field_validator("kind", "position", "spinal_loading", "evidence")
    @classmethod
    def _in_vocabulary(cls, value: str, info: Any) -> str:
        known = {slug for slug, _ in CLOSED_LISTS[info.field_name]}
        if value not in known:
            raise ValueError(f"{value!r} isn't one of {', '.join(sorted(known))}")
        return value

    @field_validator("text")
    @classmethod
    def _readable(cls, text: dict[str, PatientText]) -> dict[str, PatientText]:
        if "en" not in text:
            raise ValueError("the English text is missing")
        easy_to_read([wording.line_for(part, "left") for part in text["en"].parts], text)
        for language, words in text.items():
            if language != "en" and not words.name:
                raise ValueError(f"the name in {language!r} is missing")
        if "es" in text:
            easy_in_spanish([wording.line_for(part, "left", "es") for part in text["es"].parts], text)
        return text

    @model_validator(mode="after")
    def _side_words_fit(self) -> "ExerciseEntry":
        for language, text in self.text.items():
            named = any(word in part for part in text.parts for word in PLACEHOLDERS)
            if named and self.laterality == "bilateral":
                raise ValueError(f"the {language} text names a side, but the exercise is bilateral")
        return self


class PoseEntry(Entry):
    """How an exercise is drawn, and what each of its pictures shows in words, by language and frame."""

    name: Line
    words: dict[Code, dict[Slug, Line]]
    pose: dict[str, Any]

    @field_validator("pose")
    @classmethod
    def _drawable(cls, pose: dict[str, Any]) -> dict[str, Any]:
        try:
            reading.read("the pose", pose)
        except BadPose as trouble:
            raise ValueError("; ".join(str(trouble).splitlines())) from trouble
        return pose

    @model_validator(mode="after")
    def _each_frame_in_words(self) -> "PoseEntry":
        frames = [frame.name for frame in reading.read("the pose", self.pose).frames]
        for language, words in self.words.items():
            if list(words) != frames:
                raise ValueError(f"the {language} words are for {', '.join(words)}; the frames are {', '.join(frames)}")
            for line in words.values():
                check_placeholders(line)
        if "en" not in self.words:
            raise ValueError("the English words are missing")
        easy_to_read([wording.line_for(line, "left") for line in self.words["en"].values()], self)
        if "es" in self.words:
            easy_in_spanish([wording.line_for(line, "left", "es") for line in self.words["es"].values()], self)
        return self


def check_placeholders(line: str) -> str:
    """Return a line whose braces hold nothing but sides; else raise ValueError."""
    rest = line
    for word in PLACEHOLDERS:
        rest = rest.replace(word, "")
    if "{" in rest or "}" in rest:
        raise ValueError("only {side} and {other}, and in Spanish {side_f} and {other_f}, may stand in braces")
    return line
