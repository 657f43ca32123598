"""How far a driver or a precaution objects to an exercise; its own word overrules its attributes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from exercises.facts import CautionLevel, DriverFacts, ExerciseFacts, PrecautionFacts, Rule
from exercises.vocabulary import CAUTIONS

LEVELS = [level for level, _ in CAUTIONS]
WORDS = dict(CAUTIONS)


@dataclass(frozen=True, slots=True)
class Caution:
    """One objection: whose, how strong, why, and by which sources; the strongest level is `avoid`.

    `decisive` are the reasons of that level alone.
    """

    whose: str
    level: CautionLevel
    reasons: tuple[str, ...]
    citations: tuple[str, ...] = ()
    decisive: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The level as a clinician reads it."""
        return WORDS[self.level]


def from_drivers(exercise: ExerciseFacts, drivers: Iterable[DriverFacts]) -> list[Caution]:
    """Return what suspected drivers object to in an exercise, the strongest first."""
    return strongest_first(summed_up(driver.name, driver_rules(exercise, driver).values()) for driver in drivers)


def from_precautions(exercise: ExerciseFacts, precautions: Iterable[PrecautionFacts]) -> list[Caution]:
    """Return what precautions object to in an exercise, the strongest first."""
    met = ((row.name, precaution_rules(exercise, row).values()) for row in precautions)
    return strongest_first(summed_up(name, map(_with_week, rules)) for name, rules in met)


def _with_week(rule: Rule) -> Rule:
    """Return the rule with the week of pregnancy from which it holds in its reason."""
    return replace(rule, reason=f"From week {rule.from_week}: {rule.reason}") if rule.from_week else rule


def driver_rules(exercise: ExerciseFacts, driver: DriverFacts) -> dict[str, Rule]:
    """Return the driver's rules that the exercise meets, by attribute, or its own override under “”."""
    return _met(exercise.attributes, driver.rules, exercise.driver_overrides.get(driver.slug))


def precaution_rules(exercise: ExerciseFacts, precaution: PrecautionFacts) -> dict[str, Rule]:
    """Return the precaution's rules that the exercise meets, by attribute, or its own override under “”."""
    return _met(exercise.attributes, precaution.rules, exercise.precaution_overrides.get(precaution.slug))


def summed_up(whose: str, rules: Iterable[Rule]) -> Caution | None:
    """Return one caution at the strongest level of the rules with all their reasons, or None without rules."""
    met = list(rules)
    if not met:
        return None
    strongest = min((rule.level for rule in met), key=LEVELS.index)
    return Caution(
        whose,
        strongest,
        tuple(dict.fromkeys(rule.reason for rule in met)),
        tuple(dict.fromkeys(slug for rule in met for slug in rule.citations)),
        tuple(dict.fromkeys(rule.reason for rule in met if rule.level == strongest)),
    )


def strongest_first(found: Iterable[Caution | None]) -> list[Caution]:
    cautions = [caution for caution in found if caution is not None]
    return sorted(cautions, key=lambda caution: LEVELS.index(caution.level)) if len(cautions) > 1 else cautions


def _met(attributes: frozenset[str], rules: Mapping[str, Rule], override: Rule | None) -> dict[str, Rule]:
    if override:
        return {"": override}
    return {attribute: rule for attribute, rule in rules.items() if attribute in attributes}
