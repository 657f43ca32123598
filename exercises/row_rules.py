"""What a catalog row must obey before it is kept: the same for a form and for an old version brought back."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from pydantic import ValidationError as Unreadable

from exercises import languages
from exercises.entries import Rule
from exercises.exercise_entries import PatientText
from exercises.models import Attribute, Citation, Driver, Equipment, Exercise, ExerciseText, Precaution

# What each part of a rule must be, as its row on the form calls it.
RULE_PARTS = {
    "level": "choose how far it objects",
    "reason": "say why, for clinicians",
    "citations": "name the sources by their slugs, with commas between",
    "from_week": "the week of pregnancy is a whole number from 0 to 40",
}
RANGES = {"reps": "reps_max", "hold_s": "hold_s_max", "minutes": "minutes_max"}
MOST = {"times_per_day": 12, "days_per_week": 7}
PATIENT_PARTS = ("steps", "feel", "stop_if", "mistakes")


def known(slugs: list[str] | None, model: Any) -> list[str]:
    """Return the slugs of existing rows; raise ValidationError for one that isn't there."""
    there = set(model.objects.values_list("slug", flat=True))
    for slug in slugs or []:
        if slug not in there:
            raise ValidationError(f"There is no {model._meta.verbose_name} called “{slug}”.")
    return slugs or []


def rules_with_care(given: Any, model: Any) -> dict[str, Any]:
    """Return a precaution's rules by the slugs of `model`, complete.

    A patient is told what to take care of wherever one asks for caution. Raises ValidationError for what pages couldn't
    read or a handout would lack.
    """
    read = _rules(given, model)
    for slug, rule in read.items():
        if rule["level"] == "caution" and not rule["care"]:
            raise ValidationError(f"“{slug}” asks for caution, and so needs a care, grade 6 at most.")
    return read


def rules_without_care(given: Any, model: Any) -> dict[str, Any]:
    """Return a driver's rules, as `rules_with_care`; the handout has no place for what they'd ask of the patient."""
    read = _rules(given, model)
    if caring := [slug for slug, rule in read.items() if rule["care"]]:
        raise ValidationError(f"“{caring[0]}” has a care. Only a precaution’s is printed, so leave it out here.")
    return read


def _rules(given: Any, model: Any) -> dict[str, Any]:
    if not isinstance(given or {}, dict):
        raise ValidationError("Rules stand under the slug of what they object to.")
    known(list(given or {}), model)
    read = {slug: _rule(slug, rule) for slug, rule in (given or {}).items()}
    known([citation for rule in read.values() for citation in rule.citations], Citation)
    return {slug: rule.model_dump() for slug, rule in read.items()}


def _rule(slug: str, rule: Any) -> Rule:
    try:
        return Rule.model_validate(rule)
    except Unreadable as trouble:
        error = trouble.errors()[0]
        part = str(error["loc"][0]) if error["loc"] else ""
        raise ValidationError(f"“{slug}”: {RULE_PARTS.get(part) or _said(error['msg'])}.") from trouble


def dose_mistakes(dose: Mapping[str, int | None]) -> Iterator[tuple[str, str]]:
    """Yield field and reason of each number of a usual dose that nobody could do; as `exercise_entries.Dose`."""
    if bool(dose.get("reps")) == bool(dose.get("minutes")):
        yield "reps", "Give either repetitions or minutes."
    for name in ("sets", "reps", "hold_s", "minutes", "times_per_day", "days_per_week"):
        number, most = dose.get(name), MOST.get(name)
        if number == 0:
            yield name, "Give 1 or more, or leave it empty." if name in RANGES else "Give 1 or more."
        elif number and most and number > most:
            yield name, f"Give {most} at most."
    for low, high in RANGES.items():
        least, largest = dose.get(low), dose.get(high)
        if largest is not None and (least is None or largest < least):
            yield high, "The upper end can’t be below the usual number."


def patient_text(parts: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    """Yield field and reason of each mistake in a patient's text."""
    try:
        PatientText.model_validate(parts)
    except Unreadable as trouble:
        for error in trouble.errors():
            yield str(error["loc"][0]) if error["loc"] else None, _in_lines(error)


def mistakes_in(row: models.Model) -> list[str]:
    """Return what is wrong with a stored row and what belongs to it, a sentence each."""
    found: list[str] = []
    for check in (mistakes_in_columns, _named_rows, _texts):
        try:
            found += check(row)
        except ValidationError as trouble:
            found += trouble.messages
    return found


def mistakes_in_columns(row: models.Model) -> list[str]:
    """Return what is wrong with a row's own columns; it needn't be stored yet."""
    by_the_app = [field.name for field in row._meta.concrete_fields if not field.editable]
    try:
        row.full_clean(exclude=by_the_app)
    except ValidationError as trouble:
        return [
            message if name == NON_FIELD_ERRORS else f"{_label(row, name)}: {message}"
            for name, messages in trouble.message_dict.items()
            for message in messages
        ]
    return []


def _named_rows(row: models.Model) -> list[str]:
    """Check the slugs that stand in JSON, where the database can't."""
    if isinstance(row, Exercise):
        known(row.attributes, Attribute)
        known([slug for group in row.equipment for slug in group], Equipment)
        rules_without_care(row.driver_overrides, Driver)
        rules_with_care(row.precaution_overrides, Precaution)
        dose = {name: getattr(row, name) for name in ("sets", *RANGES, *RANGES.values(), *MOST)}
        return [f"{_label(row, name)}: {why}" for name, why in dose_mistakes(dose)]
    if isinstance(row, Driver):
        rules_without_care(row.attribute_rules, Attribute)
    elif isinstance(row, Precaution):
        rules_with_care(row.rules, Attribute)
    return []


def _texts(row: models.Model) -> list[str]:
    if not isinstance(row, Exercise):
        return []
    texts = {text.language: text for text in row.texts.all()}
    found = [] if "en" in texts else ["An exercise needs its English text."]
    for language, text in texts.items():
        if language not in languages.known():
            found.append(f"There is no language “{language}”.")
        parts = {name: getattr(text, name) for name in PATIENT_PARTS}
        found += [f"{_label(text, name or 'steps')} ({language}): {why}" for name, why in patient_text(parts)]
    return found


def _label(row: models.Model | ExerciseText, name: str) -> str:
    words = str(getattr(row._meta.get_field(name), "verbose_name", name))
    return words[:1].upper() + words[1:]


def _in_lines(error: Any) -> str:
    """Return a mistake in words about lines: a list is typed as one line each."""
    given = error.get("ctx", {})
    if error["type"] == "too_short":
        return f"At least {given['min_length']} lines are needed; here are {given['actual_length']}."
    if error["type"] == "too_long":
        return f"At most {given['max_length']} lines fit; here are {given['actual_length']}."
    return _said(error["msg"])


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")
