"""How far a driver or a precaution objects to an exercise; its own word overrules its attributes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exercises.models import Driver, Exercise, Precaution
from exercises.vocabulary import CAUTIONS

LEVELS = [level for level, _ in CAUTIONS]
WORDS = dict(CAUTIONS)
Rules = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Caution:
    """One objection: whose, how strong, and why; the strongest level is `avoid`."""

    whose: str
    level: str
    reasons: tuple[str, ...]

    @property
    def word(self) -> str:
        """The level as a clinician reads it."""
        return WORDS[self.level]


def from_drivers(exercise: Exercise, drivers: Iterable[Driver]) -> list[Caution]:
    """Return what suspected drivers object to in an exercise, the strongest first."""
    found = (
        _caution(
            driver.name,
            driver.attribute_rules,
            exercise.attributes,
            exercise.driver_overrides.get(driver.slug),
        )
        for driver in drivers
    )
    return _strongest_first(found)


def from_precautions(exercise: Exercise, precautions: Iterable[Precaution]) -> list[Caution]:
    """Return what precautions object to in an exercise, the strongest first."""
    found = (
        _caution(row.name, row.rules, exercise.attributes, exercise.precaution_overrides.get(row.slug))
        for row in precautions
    )
    return _strongest_first(found)


def _caution(whose: str, rules: Rules, attributes: Iterable[str], override: Mapping[str, str] | None) -> Caution | None:
    if override:
        return Caution(whose, override["level"], (override["reason"],))
    hits = [rules[attribute] for attribute in attributes if attribute in rules]
    if not hits:
        return None
    level = min((hit["level"] for hit in hits), key=LEVELS.index)
    return Caution(whose, level, tuple(dict.fromkeys(hit["reason"] for hit in hits)))


def _strongest_first(found: Iterable[Caution | None]) -> list[Caution]:
    cautions = [caution for caution in found if caution is not None]
    return sorted(cautions, key=lambda caution: LEVELS.index(caution.level))
