"""The catalog as rules see it: frozen data without a database. Muscles, drivers and the rest are slugs.

Everything has a default, so that a rule's test names only what it is about.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from exercises.vocabulary import Phase

CautionLevel = Literal["avoid", "avoid_early", "caution"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How far a driver or a precaution objects, why, and by which sources.

    `from_week` is the week of pregnancy from which it holds; 0 is always. `care` is what a patient takes care of, by
    language; `begins` the day from which on, where that lies within the stage.
    """

    level: CautionLevel
    reason: str
    citations: tuple[str, ...] = ("practice",)
    from_week: int = 0
    care: Mapping[str, str] = field(default_factory=dict, hash=False)
    begins: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Dose:
    """Sets × repetitions with a hold in seconds, or minutes; `_max` is the upper end of the catalog's range.

    `tempo_s` and `rest_s`, seconds each way and of rest between sets, are an item's alone.
    """

    sets: int = 1
    reps: int | None = 10
    hold_s: int | None = None
    minutes: int | None = None
    times_per_day: int = 1
    days_per_week: int = 7
    reps_max: int | None = None
    hold_s_max: int | None = None
    minutes_max: int | None = None
    tempo_s: int | None = None
    rest_s: int | None = None


@dataclass(frozen=True, slots=True)
class ExerciseFacts:
    """The part of a catalog exercise that rules ask about."""

    slug: str
    name: str
    phase: Phase
    kind: str = "strengthening"
    level: int = 1
    releases: frozenset[str] = frozenset()
    strengthens: frozenset[str] = frozenset()
    nerves: frozenset[str] = frozenset()
    laterality: str = "bilateral"
    bed_ok: bool = False
    equipment: tuple[frozenset[str], ...] = ()
    spinal_loading: str = "neutral"
    attributes: frozenset[str] = frozenset()
    dose: Dose = Dose()
    primary_for: frozenset[str] = frozenset()
    secondary_for: frozenset[str] = frozenset()
    driver_overrides: Mapping[str, Rule] = field(default_factory=dict)
    precaution_overrides: Mapping[str, Rule] = field(default_factory=dict)
    progression: str = ""
    regression: str = ""
    substitute: str = ""

    @property
    def targets(self) -> frozenset[str]:
        """The muscles and nerves that it works on."""
        return self.releases | self.strengthens | self.nerves


@dataclass(frozen=True, slots=True)
class DriverFacts:
    """A suspected driver: its bias, what it objects to, and its muscles, tight and weak."""

    slug: str
    name: str = ""
    bias: str = "none"
    rules: Mapping[str, Rule] = field(default_factory=dict)
    tight: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()
    short_name: str = ""


@dataclass(frozen=True, slots=True)
class PrecautionFacts:
    """A precaution and the attributes it objects to."""

    slug: str
    name: str = ""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    short_name: str = ""
    sign_off: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A tight muscle and its weak partner, with the names a clinician reads."""

    tight: str
    weak: str
    tight_name: str
    weak_name: str
    primary: bool


@dataclass(frozen=True)
class CatalogFacts:
    """The exercises that may go into a program, those that no longer may, and all that is said about them.

    Names are for clinicians, without what stands in brackets; `household` is the equipment of most homes.
    `pks` are the exercises' primary keys by slug, retired ones too; `uploads` the digests of the pictures that were
    uploaded, by slug and frame.
    """

    exercises: Mapping[str, ExerciseFacts] = field(default_factory=dict)
    retired: Mapping[str, ExerciseFacts] = field(default_factory=dict)
    drivers: Mapping[str, DriverFacts] = field(default_factory=dict)
    precautions: Mapping[str, PrecautionFacts] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()
    muscle_names: Mapping[str, str] = field(default_factory=dict)
    equipment_names: Mapping[str, str] = field(default_factory=dict)
    household: frozenset[str] = frozenset()
    pks: Mapping[str, int] = field(default_factory=dict)
    citation_texts: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __contains__(self, slug: str) -> bool:
        return slug in self.exercises or slug in self.retired

    def exercise(self, slug: str) -> ExerciseFacts:
        """Return an exercise, retired or not; raises KeyError when there is none."""
        return self.exercises.get(slug) or self.retired[slug]

    def muscle(self, slug: str) -> str:
        return self.muscle_names.get(slug, slug.replace("_", " "))

    @cached_property
    def releasers(self) -> Mapping[str, tuple[ExerciseFacts, ...]]:
        """The exercises before the phase strengthen by the muscle they let go of; those of the release phase first."""
        found: dict[str, list[ExerciseFacts]] = {}
        rows = sorted(self.exercises.values(), key=lambda row: (row.phase is not Phase.RELEASE, row.level, row.name))
        for exercise in rows:
            if exercise.phase.rank < Phase.STRENGTHEN.rank:
                for muscle in exercise.releases:
                    found.setdefault(muscle, []).append(exercise)
        return {muscle: tuple(rows) for muscle, rows in found.items()}

    @cached_property
    def by_phase(self) -> Mapping[Phase, tuple[ExerciseFacts, ...]]:
        """The exercises of each phase, easiest first."""
        rows = sorted(self.exercises.values(), key=lambda row: (row.level, row.name))
        return {phase: tuple(row for row in rows if row.phase is phase) for phase in Phase}

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What was worked out of the catalog alone and is asked again; whoever keeps something here bounds it."""
        return {}

    def sharing(self, phase: Phase, targets: frozenset[str]) -> Iterable[ExerciseFacts]:
        """Return the exercises of a phase that work on one of these targets; all when there are none."""
        if not targets:
            return self.by_phase.get(phase, ())
        found = {row.slug: row for target in targets for row in self._by_target.get((phase, target), ())}
        return found.values()

    @cached_property
    def _by_target(self) -> Mapping[tuple[Phase, str], tuple[ExerciseFacts, ...]]:
        found: dict[tuple[Phase, str], list[ExerciseFacts]] = {}
        for phase, rows in self.by_phase.items():
            for row in rows:
                for target in row.targets:
                    found.setdefault((phase, target), []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}
