"""The shipped catalog into the database: all of it or nothing, and an editor's change is never overwritten.

Each row remembers in `shipped` what was last loaded. A field that still holds that value takes the new one;
a field that an editor changed is kept, and the report says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction

from exercises.catalog_files import Catalog, ExerciseEntry
from exercises.models import (
    Attribute,
    CatalogVersion,
    Citation,
    Driver,
    DriverMuscle,
    Equipment,
    Exercise,
    ExerciseText,
    Muscle,
    MusclePair,
    Precaution,
    Protocol,
    ProtocolItem,
    RedFlag,
    RedFlagGroup,
)
from exercises.vocabulary import MUSCLE_STATES

Values = dict[str, Any]


@dataclass(slots=True)
class Report:
    """What loading did; `kept` names each edited field that was left alone although the shipped one changed."""

    created: int = 0
    updated: int = 0
    retired: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Link:
    """A value that lives in another table: how to read it as slugs, and how to write it."""

    read: Callable[[Any], Any]
    write: Callable[[Any, Any], None]


@transaction.atomic
def load(catalog: Catalog, *, again: bool = False) -> Report:
    """Bring the database in step with the files; does nothing when these files were loaded last.

    `again` compares row by row even then.
    """
    report = Report()
    version = CatalogVersion.objects.first() or CatalogVersion()
    if version.digest == catalog.digest and not again:
        return report
    _load_topics(catalog, report)
    _load_exercises(catalog, report)
    _load_protocols(catalog, report)
    version.digest = catalog.digest
    version.save()
    return report


def _load_topics(catalog: Catalog, report: Report) -> None:
    for citation in catalog.citations:
        _sync(Citation, {"slug": citation.slug}, _plain(citation, "text status note"), report)
    for attribute in catalog.attributes:
        _sync(Attribute, {"slug": attribute.slug}, _plain(attribute, "name"), report)
    for thing in catalog.equipment:
        values = _plain(thing, "name household") | {"search_words": thing.search}
        _sync(Equipment, {"slug": thing.slug}, values, report)
    for muscle in catalog.muscles:
        values = _plain(muscle, "name plain action") | {"search_words": muscle.search}
        _sync(Muscle, {"slug": muscle.slug}, values, report)
    for muscle in catalog.muscles:
        _sync(Muscle, {"slug": muscle.slug}, {"antagonists": sorted(muscle.antagonists)}, report, MUSCLE_LINKS)
    for pair in catalog.pairs:
        key = {"tight": Muscle.objects.get(slug=pair.tight), "weak": Muscle.objects.get(slug=pair.weak)}
        _sync(MusclePair, key, _plain(pair, "relation weight note"), report)
    for order, driver in enumerate(catalog.drivers):
        values = _plain(
            driver,
            "name short_name bias direction patient_name patient_words why_this_order icd10 supports opposes careful"
            " course progress regress stop",
        )
        rules = {slug: rule.model_dump() for slug, rule in driver.attribute_rules.items()}
        states = {state: sorted(getattr(driver, state)) for state, _ in MUSCLE_STATES}
        values |= {"order": order, "attribute_rules": rules, "muscles": states}
        _sync(Driver, {"slug": driver.slug}, values, report, DRIVER_LINKS)
    for order, precaution in enumerate(catalog.precautions):
        values = _plain(precaution, "name source sign_off needs_due_date") | {"order": order}
        values["rules"] = {slug: rule.model_dump() for slug, rule in precaution.rules.items()}
        _sync(Precaution, {"slug": precaution.slug}, values, report)
    _load_red_flags(catalog, report)


def _load_red_flags(catalog: Catalog, report: Report) -> None:
    for order, group in enumerate(catalog.red_flags.groups):
        _sync(RedFlagGroup, {"slug": group.slug}, _plain(group, "title lead") | {"order": order}, report)
        for inner, question in enumerate(group.questions):
            values = _plain(question, "question suspects urgency blocks action note")
            values |= {
                "order": inner,
                "group": group.slug,
                "citations": sorted(question.citations),
                "retired": False,
            }
            _sync(RedFlag, {"slug": question.slug}, values, report, RED_FLAG_LINKS)
    asked = {question.slug for group in catalog.red_flags.groups for question in group.questions}
    _retire(RedFlag.objects.filter(retired=False).exclude(slug__in=asked), {"retired": True}, report)


def _load_exercises(catalog: Catalog, report: Report) -> None:
    for entry in catalog.exercises:
        drawn = catalog.poses.get(entry.slug)
        values = _exercise_values(entry) | {"pose": drawn.pose if drawn else {}}
        _sync(Exercise, {"slug": entry.slug}, values, report, EXERCISE_LINKS)
        exercise = Exercise.objects.get(slug=entry.slug)
        for language, text in entry.text.items():
            values = _plain(text, "steps feel stop_if mistakes") | {"name": text.name or entry.name}
            values["pictures"] = drawn.words.get(language, {}) if drawn else {}
            _sync(ExerciseText, {"exercise": exercise, "language": language}, values, report)
    for entry in catalog.exercises:
        neighbours = {"progression": entry.progression, "regression": entry.regression}
        _sync(Exercise, {"slug": entry.slug}, neighbours, report, EXERCISE_LINKS)
    shipped = {entry.slug for entry in catalog.exercises}
    gone = Exercise.objects.published().exclude(slug__in=shipped).exclude(shipped={})
    _retire(gone, {"status": "retired"}, report)
    refresh_search_text(Exercise.objects.all())


def _load_protocols(catalog: Catalog, report: Report) -> None:
    for protocol in catalog.protocols:
        values = _plain(protocol, "title rationale")
        values |= {
            "driver": protocol.driver,
            "citations": sorted(protocol.citations),
            "items": {stage: list(slugs) for stage, slugs in protocol.stages.items()},
        }
        _sync(Protocol, {"slug": protocol.slug}, values, report, PROTOCOL_LINKS)


def _exercise_values(entry: ExerciseEntry) -> Values:
    values = _plain(
        entry,
        "name other_names family phase kind level position bed_ok equipment laterality nerves spinal_loading"
        " attributes evidence note",
    )
    values |= _plain(entry.dose, "sets reps reps_max hold_s hold_s_max minutes minutes_max times_per_day days_per_week")
    return values | {
        "dose_source": entry.dose.source,
        "releases": sorted(entry.releases),
        "strengthens": sorted(entry.strengthens),
        "suits_primary": sorted(entry.suits.primary),
        "suits_secondary": sorted(entry.suits.secondary),
        "driver_overrides": {slug: rule.model_dump() for slug, rule in entry.driver_overrides.items()},
        "precaution_overrides": {slug: rule.model_dump() for slug, rule in entry.precaution_overrides.items()},
        "citations": sorted(entry.citations),
    }


def refresh_search_text(exercises: Iterable[Exercise]) -> None:
    """Write what each exercise is found by: names, muscles in both kinds of words, equipment, position."""
    things = {thing.slug: " ".join([thing.name, *thing.search_words]) for thing in Equipment.objects.all()}
    changed = []
    for exercise in Exercise.objects.filter(pk__in=[row.pk for row in exercises]).with_everything():
        muscles = [*exercise.releases.all(), *exercise.strengthens.all()]
        words = [exercise.name, *exercise.other_names, *(text.name for text in exercise.texts.all())]
        words += [exercise.get_position_display(), exercise.get_kind_display(), *exercise.nerves]
        words += [" ".join([muscle.name, muscle.plain, *muscle.search_words]) for muscle in muscles]
        words += [things.get(slug, "") for group in exercise.equipment for slug in group]
        text = " ".join(words).casefold()
        if text != exercise.search_text:
            exercise.search_text = text
            changed.append(exercise)
    Exercise.objects.bulk_update(changed, ["search_text"])


def _plain(entry: Any, names: str) -> Values:
    values = entry.model_dump(include=set(names.split()))
    return {name: "" if value is None and name == "note" else value for name, value in values.items()}


def _sync(
    model: type[models.Model],
    key: Values,
    values: Values,
    report: Report,
    links: dict[str, Link] | None = None,
) -> None:
    """Create the row, or take over each value that an editor left as it was shipped."""
    links = links or {}
    manager = model._default_manager
    row: Any = manager.filter(**key).first()
    plain = {name: value for name, value in values.items() if name not in links or links[name] is ONE}
    if row is None:
        row = manager.create(**key, **_resolved(model, plain, links), shipped=values)
        for name in values.keys() - plain.keys():
            links[name].write(row, values[name])
        report.created += 1
        return
    news = {name: value for name, value in values.items() if name not in row.shipped or row.shipped[name] != value}
    taken = [name for name in news if _take(row, name, news[name], links, report)]
    if news:
        row.shipped = {**row.shipped, **values}
        columns = [name for name in taken if name in plain]
        row.save(update_fields=[*columns, "shipped"])
        report.updated += bool(taken)


def _take(row: Any, name: str, value: Any, links: dict[str, Link], report: Report) -> bool:
    """Set the new value unless an editor changed the old one; return whether it was set."""
    link = links.get(name)
    current = _slug_of(row, name) if link is ONE else link.read(row) if link else getattr(row, name)
    edited = name in row.shipped and current != row.shipped[name]
    if edited and current != value:
        report.kept.append(f"{row._meta.verbose_name} “{row}”: {name.replace('_', ' ')} was edited here and is kept")
        return False
    if link is ONE:
        setattr(row, name, _resolved(type(row), {name: value}, {name: ONE})[name])
    elif link:
        link.write(row, value)
    else:
        setattr(row, name, value)
    return True


def _retire(rows: models.QuerySet[Any], values: Values, report: Report) -> None:
    report.retired += [str(row) for row in rows]
    rows.update(**values)


def _resolved(model: type[models.Model], values: Values, links: dict[str, Link]) -> Values:
    """Turn the slugs of foreign keys into rows."""
    resolved = dict(values)
    for name, slug in values.items():
        if links.get(name) is ONE:
            target: Any = model._meta.get_field(name).related_model
            resolved[name] = None if slug is None else target.objects.get(slug=slug)
    return resolved


def _slug_of(row: Any, name: str) -> str | None:
    other = getattr(row, name)
    return None if other is None else other.slug


def _many(name: str) -> Link:
    """A many-to-many field, as a sorted list of slugs."""

    def write(row: Any, slugs: Sequence[str]) -> None:
        manager = getattr(row, name)
        manager.set(manager.model.objects.filter(slug__in=slugs))

    return Link(read=lambda row: sorted(other.slug for other in getattr(row, name).all()), write=write)


def _read_driver_muscles(driver: Driver) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {state: [] for state, _ in MUSCLE_STATES}
    for row in driver.muscle_states.select_related("muscle"):
        found[row.state].append(row.muscle.slug)
    return {state: sorted(slugs) for state, slugs in found.items()}


def _write_driver_muscles(driver: Driver, states: dict[str, list[str]]) -> None:
    muscles = {muscle.slug: muscle for muscle in Muscle.objects.all()}
    driver.muscle_states.all().delete()
    DriverMuscle.objects.bulk_create(
        DriverMuscle(driver=driver, muscle=muscles[slug], state=state)
        for state, slugs in states.items()
        for slug in slugs
    )


def _read_protocol_items(protocol: Protocol) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in protocol.items.select_related("exercise"):
        found.setdefault(item.stage, []).append(item.exercise.slug)
    return found


def _write_protocol_items(protocol: Protocol, stages: dict[str, list[str]]) -> None:
    exercises = {exercise.slug: exercise for exercise in Exercise.objects.all()}
    protocol.items.all().delete()
    ProtocolItem.objects.bulk_create(
        ProtocolItem(protocol=protocol, stage=stage, position=position, exercise=exercises[slug])
        for stage, slugs in stages.items()
        for position, slug in enumerate(slugs, start=1)
    )


ONE = Link(read=lambda row: None, write=lambda row, value: None)  # marks a foreign key; see _resolved
MUSCLE_LINKS = {"antagonists": _many("antagonists")}
DRIVER_LINKS = {"muscles": Link(_read_driver_muscles, _write_driver_muscles)}
RED_FLAG_LINKS = {"group": ONE, "citations": _many("citations")}
EXERCISE_LINKS = {
    "progression": ONE,
    "regression": ONE,
    **{name: _many(name) for name in ("releases", "strengthens", "suits_primary", "suits_secondary", "citations")},
}
PROTOCOL_LINKS = {
    "driver": ONE,
    "citations": _many("citations"),
    "items": Link(_read_protocol_items, _write_protocol_items),
}
