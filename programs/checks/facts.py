"""What the checks look at, and what they answer: frozen data, no database, no request, no clock."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from exercises.facts import CatalogFacts, Dose, DriverFacts, ExerciseFacts, Pair, PrecautionFacts
from exercises.vocabulary import Phase

__all__ = [
    "CatalogFacts",
    "Dose",
    "DriverFacts",
    "ExerciseFacts",
    "Fix",
    "ItemFacts",
    "Level",
    "Pair",
    "PatientFacts",
    "PrecautionFacts",
    "Side",
    "StageFacts",
    "Verdict",
]

Level = Literal["stop", "warn", "note"]
Side = Literal["left", "right", "both"]
STARTER = "w0_2"
LATE = "w4_8"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An exercise in a stage. `key` names the item to the page; `side` is left, right, each or empty."""

    key: int
    exercise: ExerciseFacts
    phase: Phase
    side: str = ""
    dose: Dose | None = None

    @property
    def name(self) -> str:
        return self.exercise.name

    @property
    def given(self) -> Dose:
        """The dose of the item: its own, or the catalog's."""
        return self.dose or self.exercise.dose


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What assessment and screening say. The first driver leads; muscles are slugs with the side they are on.

    `equipment` is None when nobody asked. `first_day` and `last_day` are those of the stage.
    """

    drivers: tuple[DriverFacts, ...] = ()
    direction: str = "not_tested"
    irritability: str = "moderate"
    affected_side: str = "both"
    precautions: tuple[PrecautionFacts, ...] = ()
    due_date: datetime.date | None = None
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None
    equipment: frozenset[str] | None = None
    tight: Mapping[str, Side] = field(default_factory=dict)
    weak: Mapping[str, Side] = field(default_factory=dict)
    lengthened: frozenset[str] = frozenset()
    screening_stop: str = ""
    sign_off_stop: str = ""
    # What rules said of single items for this patient, and which exercises suit: only `checks.each` and
    # `checks.suitability` read and write them.
    said: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    suited: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def lead(self) -> DriverFacts:
        """The leading driver; one without a name when none is given."""
        return self.drivers[0] if self.drivers else DriverFacts("")

    def has(self, thing: str) -> bool:
        """Whether the equipment is at hand; it is taken to be while nobody asked."""
        return self.equipment is None or thing in self.equipment


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One stage in the order the patient does it, and the catalog to mend it from."""

    items: tuple[ItemFacts, ...]
    patient: PatientFacts = PatientFacts()
    slug: str = STARTER
    catalog: CatalogFacts = field(default_factory=CatalogFacts)

    @property
    def early(self) -> bool:
        """Whether `avoid early` means stop: in weeks 0–2, and with high irritability at any time."""
        return self.slug == STARTER or self.patient.irritability == "high"

    @property
    def slugs(self) -> frozenset[str]:
        return frozenset(item.exercise.slug for item in self.items)

    def item(self, key: int | None) -> ItemFacts:
        """Return the item with that key; raises StopIteration when there is none."""
        return next(item for item in self.items if item.key == key)


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that makes the verdict go away.

    place: an item into `phase` · add: `exercise` to its phase · replace: an item by `exercise` · remove: an item ·
    side: give an item `side` · dose: give an item its usual dose · sort: the items of `phase` by kind.
    """

    label: str
    action: Literal["place", "add", "replace", "remove", "side", "dose", "sort"]
    item: int | None = None
    phase: Phase | None = None
    exercise: str = ""
    side: str = ""

    @property
    def name(self) -> str:
        """What it does, among the fixes of one verdict: no two of them have the same name."""
        return " ".join(str(part) for part in (self.action, self.item, self.phase, self.exercise, self.side) if part)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule's word on a stage or an item: why, in one sentence, by which sources, and what would mend it.

    A `stop` that is `overridable` may be accepted with a typed reason, as a `warn` may. `about` names what the
    rule looked at besides the item: a muscle, a precaution, a phase.
    """

    rule: str
    level: Level
    title: str
    sentence: str
    item: int | None = None
    citations: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    about: str = ""
    overridable: bool = False
    sources: str = ""

    @property
    def key(self) -> str:
        """Names this verdict among the others of a stage, the same as long as its cause is the same."""
        return f"{self.rule}:{self.item or ''}:{self.title}"

    @property
    def cause(self) -> tuple[str, object, str]:
        """What the verdict is about, whatever exercise stands there: a substitute with the same fault has the same."""
        here = self.title if self.rule == "pair_order" else self.item
        return self.rule, here, self.about

    @property
    def needs_reason(self) -> bool:
        """Whether issuing takes a typed reason for it."""
        return self.level == "warn" or self.overridable

    @property
    def forbids(self) -> bool:
        """Whether nothing but a change makes issuing possible."""
        return self.level == "stop" and not self.overridable
