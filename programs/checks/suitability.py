"""Whether one exercise suits one patient in one stage: what drivers, direction, precautions and equipment say."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace

from exercises import cautions
from exercises.cautions import Caution
from exercises.facts import DriverFacts, ExerciseFacts, PrecautionFacts, Rule
from programs.checks.facts import Level, PatientFacts, StageFacts

TERM = datetime.timedelta(weeks=40)
WEEK = datetime.timedelta(weeks=1)
OPPOSITE = {"extension": "flexion", "flexion": "extension"}
# The attributes that load the spine one way; at end range, and under load.
DIRECTION_OF = {
    "spinal_extension_end": "extension",
    "spinal_extension_loaded": "extension",
    "spinal_flexion_end": "flexion",
    "spinal_flexion_loaded": "flexion",
}
BED = "bed"


@dataclass(frozen=True, slots=True)
class Objection:
    """What a precaution says of an exercise: its caution, or only a change that makes it suitable.

    `careful` are the rules that leave the exercise to the patient, with care.
    """

    precaution: PrecautionFacts
    caution: Caution
    modify: bool = False
    careful: tuple[Rule, ...] = ()


def level_of(caution: Caution, stage: StageFacts) -> Level:
    """Return how a caution counts in this stage: avoid stops, avoid early stops early, the rest is a note."""
    if caution.level == "avoid" or (caution.level == "avoid_early" and stage.early):
        return "stop"
    return "note"


def driver_caution(exercise: ExerciseFacts, patient: PatientFacts) -> Caution | None:
    """Return the strongest objection of the kept drivers, or None.

    With a tested preference for its direction a rule falls to caution, but `avoid` never does.
    """
    found = (_of_driver(exercise, driver, patient.direction) for driver in patient.drivers)
    return next(iter(cautions.strongest_first(found)), None)


def _of_driver(exercise: ExerciseFacts, driver: DriverFacts, direction: str) -> Caution | None:
    met = cautions.driver_rules(exercise, driver)
    rules = [_softened(rule, attribute, direction) for attribute, rule in met.items()]
    if "" not in met:
        rules += _against_bias(exercise, driver, direction)
    return cautions.summed_up(driver.short_name or driver.name, rules)


def _softened(rule: Rule, attribute: str, direction: str) -> Rule:
    tested = DIRECTION_OF.get(attribute) == direction
    return Rule("caution", rule.reason, rule.citations) if tested and rule.level == "avoid_early" else rule


def _against_bias(exercise: ExerciseFacts, driver: DriverFacts, direction: str) -> list[Rule]:
    loading = exercise.spinal_loading
    if loading == direction or OPPOSITE.get(driver.bias) != loading:
        return []
    return [Rule("caution", f"It moves the spine into {loading}, and {driver.bias} is the usual preference here.")]


def direction_caution(exercise: ExerciseFacts, patient: PatientFacts) -> Caution | None:
    """Return what a tested directional preference says against an exercise: at end range, avoid early."""
    against = OPPOSITE.get(patient.direction)
    if against is None:
        return None
    met = {attribute for attribute in exercise.attributes if DIRECTION_OF.get(attribute) == against}
    if not met and exercise.spinal_loading != against:
        return None
    end = f"spinal_{against}_end" in met
    how = f"takes the spine to the end of {against}" if end else f"loads the spine toward {against}"
    reason = f"It {how}, and testing found a preference for {patient.direction}."
    return cautions.summed_up("Tested direction", [Rule("avoid_early" if end else "caution", reason, ("long2004",))])


def objections(exercise: ExerciseFacts, patient: PatientFacts) -> list[Objection]:
    """Return what the patient's precautions say of an exercise, one objection each."""
    bed = on_bed(exercise, patient)
    found = (_objection(exercise, row, patient, bed=bed) for row in patient.precautions)
    return [objection for objection in found if objection is not None]


def on_bed(exercise: ExerciseFacts, patient: PatientFacts) -> bool:
    """Whether the patient does it on a firm bed because the floor is out of reach."""
    if not exercise.bed_ok or "floor" not in exercise.attributes or not patient.has(BED):
        return False
    rules = (row.rules.get("floor") for row in patient.precautions)
    return any(rule is not None and rule.level == "avoid" for rule in rules)


def _objection(
    exercise: ExerciseFacts, precaution: PrecautionFacts, patient: PatientFacts, *, bed: bool
) -> Objection | None:
    met = cautions.precaution_rules(exercise, precaution)
    floor = met.pop("floor", None) if bed else None
    rules = [dated for rule in met.values() for dated in _on_these_days(rule, patient)]
    caution = cautions.summed_up(precaution.name, rules)
    if caution is None and floor is not None and floor.level == "avoid":
        return Objection(precaution, Caution(precaution.name, "caution", (floor.reason,), floor.citations), modify=True)
    careful = tuple(rule for rule in rules if rule.level == "caution")
    return Objection(precaution, caution, careful=careful) if caution else None


def _on_these_days(rule: Rule, patient: PatientFacts) -> Iterable[Rule]:
    """A rule of pregnancy holds from its week on; when that begins within the stage, it is a caution with the date."""
    if not rule.from_week or patient.due_date is None or patient.first_day is None or patient.last_day is None:
        return [rule]
    begins = patient.due_date - TERM + rule.from_week * WEEK
    if begins <= patient.first_day:
        return [rule]
    if begins > patient.last_day:
        return []
    reason = f"From {begins.day} {begins:%B} (week {rule.from_week}): {rule.reason}"
    return [replace(rule, level="caution", reason=reason, begins=begins)]


def missing_equipment(exercise: ExerciseFacts, patient: PatientFacts) -> list[frozenset[str]]:
    """Return the any-of groups of which the patient has nothing; a bed replaces the mat of a bed version."""
    if patient.equipment is None:
        return []
    at_hand = patient.equipment | ({"mat"} if on_bed(exercise, patient) else set())
    return [group for group in exercise.equipment if not group & at_hand]


def too_hard(exercise: ExerciseFacts, patient: PatientFacts) -> Level | None:
    """Return what high irritability says of the exercise's level: 2 is a note, 3 a warning."""
    if patient.irritability != "high" or exercise.level < 2:
        return None
    return "note" if exercise.level == 2 else "warn"


def fits(exercise: ExerciseFacts, stage: StageFacts) -> bool:
    """Whether nothing about this exercise alone would stop or warn in this stage; a retired one never fits.

    It is worked out once per patient and exercise, as fixes and substitutes ask it of many again and again.
    """
    kept = stage.patient.suited
    key = (stage.slug, id(exercise))
    if key not in kept:
        kept[key] = (exercise, exercise.slug not in stage.catalog.retired and _fits(exercise, stage))
    return kept[key][1]


def _fits(exercise: ExerciseFacts, stage: StageFacts) -> bool:
    patient = stage.patient
    if too_hard(exercise, patient) == "warn" or missing_equipment(exercise, patient):
        return False
    found = [driver_caution(exercise, patient), direction_caution(exercise, patient)]
    found += [objection.caution for objection in objections(exercise, patient)]
    return all(caution is None or level_of(caution, stage) == "note" for caution in found)
