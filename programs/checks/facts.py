"""What the checks look at, and what they answer: frozen data, no database, no request, no clock."""

from dataclasses import dataclass, field
from typing import Literal

from exercises.vocabulary import Phase

Level = Literal["stop", "warn", "note"]
Side = Literal["left", "right", "both"]


@dataclass(frozen=True, slots=True)
class ExerciseFacts:
    """The part of a catalog exercise that rules ask about. Muscles are slugs."""

    slug: str
    name: str
    phase: Phase
    kind: str
    releases: frozenset[str] = frozenset()
    strengthens: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An exercise in a stage. `key` names the item to the page; `side` is left, right, each or empty."""

    key: int
    exercise: ExerciseFacts
    phase: Phase
    side: str = ""

    @property
    def name(self) -> str:
        return self.exercise.name


@dataclass(frozen=True, slots=True)
class Pair:
    """A tight muscle and its weak partner, with the names a clinician reads."""

    tight: str
    weak: str
    tight_name: str
    weak_name: str
    primary: bool


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What the assessment says: marked muscles with their side, and what stands in the way of issuing."""

    tight: dict[str, Side] = field(default_factory=dict)
    weak: dict[str, Side] = field(default_factory=dict)
    screening_stop: str = ""
    sign_off_stop: str = ""


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One stage in the order the patient does it."""

    items: tuple[ItemFacts, ...]
    patient: PatientFacts
    pairs: tuple[Pair, ...] = ()
    releasers: dict[str, tuple[ExerciseFacts, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that makes the verdict go away: move an item to a phase, or add an exercise."""

    label: str
    action: Literal["place", "add"]
    item: int | None = None
    phase: Phase | None = None
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's word on a stage or an item: why, in one sentence, by which sources, and what would mend it."""

    rule: str
    level: Level
    title: str
    sentence: str
    item: int | None = None
    citations: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    sources: str = ""

    @property
    def key(self) -> str:
        """Names this verdict among the others of a stage, the same as long as its cause is the same."""
        return f"{self.rule}:{self.item or ''}:{self.title}"
