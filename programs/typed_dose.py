"""What is typed into the builder's dose fields: read per item, judged against limits, told in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exercises.facts import ExerciseFacts
from programs.rows import ItemRow
from programs.vocabulary import ITEM_SIDES

LONGEST_NOTE = 240
MOST = {
    "sets": 10,
    "reps": 100,
    "hold_s": 600,
    "minutes": 120,
    "tempo_s": 10,
    "rest_s": 600,
    "times_per_day": 12,
    "days_per_week": 7,
}
MAY_BE_EMPTY = {"hold_s", "tempo_s", "rest_s"}
COUNTED = ("sets", "reps", "hold_s", "tempo_s", "rest_s")
LABELS = {
    "sets": "sets",
    "reps": "times",
    "hold_s": "hold in seconds",
    "minutes": "minutes",
    "tempo_s": "seconds each way",
    "rest_s": "seconds of rest",
    "times_per_day": "times a day",
    "days_per_week": "days a week",
    "side": "side",
    "note": "note for the patient",
}


class Impossible(Exception):
    """A typed dose can't be; `errors` has a sentence per field name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Applies:
    """Which fields an exercise has: timed ones have minutes, the others sets and repetitions."""

    timed: bool
    sided: bool

    def __contains__(self, name: str) -> bool:
        if name == "side":
            return self.sided
        if name in COUNTED:
            return not self.timed
        return name != "minutes" or self.timed


def applies_to(exercise: ExerciseFacts) -> Applies:
    return Applies(timed=exercise.dose.minutes is not None, sided=exercise.laterality != "bilateral")


def read(sent: Mapping[str, str], pattern: str, exercise: ExerciseFacts) -> dict[str, Any]:
    """Return the values that were sent for an item, by field; fields that weren't sent are left out.

    `pattern` names its inputs, “{}-17”. Raises Impossible with the inputs' names.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    applies = applies_to(exercise)
    for name in LABELS:
        text = sent.get(pattern.format(name))
        if text is None or name not in applies:
            continue
        try:
            values[name] = _value(name, text.replace("\0", "").strip())
        except ValueError as reason:
            errors[pattern.format(name)] = str(reason)
    if errors:
        raise Impossible(errors)
    return values


def _value(name: str, text: str) -> Any:
    """Return what a field's text means, or raise ValueError with the sentence to show."""
    if name == "side":
        if text not in {slug for slug, _ in ITEM_SIDES}:
            raise ValueError("Choose left, right or each side.")
        return text
    if name == "note":
        if len(text) > LONGEST_NOTE:
            raise ValueError(f"At most {LONGEST_NOTE} characters; this has {len(text)}.")
        return text
    if not text and name in MAY_BE_EMPTY:
        return None
    most = MOST[name]
    if not (text.isascii() and text.isdecimal()) or len(text) > 6 or not 1 <= int(text) <= most:
        raise ValueError(f"Between 1 and {most}{', or empty' if name in MAY_BE_EMPTY else ''}.")
    return int(text)


def words(row: ItemRow, name: str) -> str:
    """Return one field of an item in words: “reps” as “12 times”, an empty one as “no hold”."""
    value = getattr(row, name)
    if name == "note":
        return f"“{value}”" if value else "no note"
    if name == "side":
        return dict(ITEM_SIDES).get(value, "no side").lower()
    if name == "hold_s":
        return f"hold {value} {'second' if value == 1 else 'seconds'}" if value is not None else "no hold"
    unit, _, rest = LABELS[name].partition(" ")
    if value is None:
        return f"no {LABELS[name]}"
    return f"{value} {unit.removesuffix('s') if value == 1 else unit} {rest}".strip()
