"""The shipped catalog into the database: all of it or nothing, and an editor's change is never overwritten."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from exercises import known, revisions
from exercises.catalog_files import Catalog
from exercises.entries import Rule
from exercises.evidence import CheckBasis, Citation, Claim, Finding, OutcomeMeasure
from exercises.exercise_entries import ExerciseEntry
from exercises.models import (
    Attribute,
    CatalogVersion,
    Driver,
    Equipment,
    Exercise,
    ExerciseText,
    Muscle,
    MusclePair,
    Precaution,
    Protocol,
    RedFlag,
    RedFlagGroup,
)
from exercises.row_values import (
    CITED,
    CLAIM_LINKS,
    DRIVER_LINKS,
    EXERCISE_LINKS,
    MUSCLE_LINKS,
    PROTOCOL_LINKS,
    RED_FLAG_LINKS,
    item_word,
)
from exercises.syncing import Report, Values, retire, sync
from exercises.vocabulary import MUSCLE_STATES

NEIGHBOURS = ("progression", "regression")
AT_ONCE = 2_000  # SQLite takes 32,766 values in one query


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
    _load_evidence(catalog, report)
    report.remember_kept()
    version.digest = catalog.digest
    if version.pk:
        version.save(update_fields=["digest", "loaded_at"])  # the edition is the admin's to count, too
    else:
        version.save()
    revisions.shipped(report.before)
    known.edited()
    return report


def _load_topics(catalog: Catalog, report: Report) -> None:
    for citation in catalog.citations:
        sync(Citation, {"slug": citation.slug}, _plain(citation, "text status note"), report)
    for attribute in catalog.attributes:
        sync(Attribute, {"slug": attribute.slug}, _plain(attribute, "name"), report)
    for thing in catalog.equipment:
        values = _plain(thing, "name household") | {"search_words": thing.search} | _translated(thing)
        sync(Equipment, {"slug": thing.slug}, values, report)
    for muscle in catalog.muscles:
        values = _plain(muscle, "name plain action") | {"search_words": muscle.search} | _translated(muscle)
        sync(Muscle, {"slug": muscle.slug}, values, report)
    for muscle in catalog.muscles:
        sync(Muscle, {"slug": muscle.slug}, {"antagonists": sorted(muscle.antagonists)}, report, MUSCLE_LINKS)
    for pair in catalog.pairs:
        key = {"tight": Muscle.objects.get(slug=pair.tight), "weak": Muscle.objects.get(slug=pair.weak)}
        sync(MusclePair, key, _plain(pair, "relation weight note"), report)
    for order, driver in enumerate(catalog.drivers):
        values = _plain(
            driver,
            "name short_name bias direction patient_name patient_words why_this_order icd10 supports opposes careful"
            " course progress regress stop",
        )
        states = {state: sorted(getattr(driver, state)) for state, _ in MUSCLE_STATES}
        values |= {"order": order, "attribute_rules": _rules(driver.attribute_rules), "muscles": states}
        values |= {"citations": sorted(driver.citations)} | _translated(driver)
        sync(Driver, {"slug": driver.slug}, values, report, DRIVER_LINKS)
    for order, precaution in enumerate(catalog.precautions):
        values = _plain(precaution, "name short_name source sign_off needs_due_date emergency stops") | {"order": order}
        values |= {"change": precaution.change or "", "rules": _rules(precaution.rules)} | _translated(precaution)
        sync(Precaution, {"slug": precaution.slug}, values, report)
    _load_red_flags(catalog, report)


def _load_red_flags(catalog: Catalog, report: Report) -> None:
    for order, group in enumerate(catalog.red_flags.groups):
        sync(
            RedFlagGroup,
            {"slug": group.slug},
            _plain(group, "title lead") | {"order": order} | _translated(group),
            report,
        )
        for inner, question in enumerate(group.questions):
            values = _plain(question, "question suspects urgency blocks action note")
            values |= {
                "order": inner,
                "group": group.slug,
                "citations": sorted(question.citations),
                "retired": False,
                **_translated(question),
            }
            sync(RedFlag, {"slug": question.slug}, values, report, RED_FLAG_LINKS)
    asked = {question.slug for group in catalog.red_flags.groups for question in group.questions}
    retire(RedFlag.objects.filter(retired=False).exclude(slug__in=asked), {"retired": True}, report)


def _load_exercises(catalog: Catalog, report: Report) -> None:
    for entry in catalog.exercises:
        drawn = catalog.poses.get(entry.slug)
        values = exercise_values(entry) | {"pose": drawn.pose if drawn else {}}
        values |= {link: None for link in NEIGHBOURS if getattr(entry, link) is None}
        exercise = sync(Exercise, {"slug": entry.slug}, values, report, EXERCISE_LINKS)
        for language, text in entry.text.items():
            values = _plain(text, "other_names steps feel stop_if mistakes") | {"name": text.name or entry.name}
            values["pictures"] = drawn.words.get(language, {}) if drawn else {}
            sync(ExerciseText, {"exercise": exercise, "language": language}, values, report)
    for entry in catalog.exercises:  # now that all of them are there
        neighbours = {link: getattr(entry, link) for link in NEIGHBOURS if getattr(entry, link)}
        if neighbours:
            sync(Exercise, {"slug": entry.slug}, neighbours, report, EXERCISE_LINKS)
    shipped = {entry.slug for entry in catalog.exercises}
    gone = Exercise.objects.published().exclude(slug__in=shipped).exclude(shipped={})
    retire(gone, {"status": "retired"}, report)
    refresh_search_text(Exercise.objects.all())


def _load_protocols(catalog: Catalog, report: Report) -> None:
    for protocol in catalog.protocols:
        values = _plain(protocol, "title rationale")
        values |= {
            "driver": protocol.driver,
            "citations": sorted(protocol.citations),
            "items": {
                stage: [item_word(item.exercise, item.only_with or "") for item in protocol.items(stage)]
                for stage in protocol.stages
            },
        }
        sync(Protocol, {"slug": protocol.slug}, values, report, PROTOCOL_LINKS)


def _load_evidence(catalog: Catalog, report: Report) -> None:
    for order, finding in enumerate(catalog.findings):
        values = _plain(finding, "name group how") | {"order": order}
        for name in ("present", "absent", "accuracy"):
            values[name] = [row.model_dump(exclude_none=True) for row in getattr(finding, name)]
        sync(Finding, {"slug": finding.slug}, values, report)
    for measure in catalog.outcome_measures:
        values = _plain(measure, "name items scoring meaningful_change licence use")
        values["citations"] = sorted(measure.citations)
        sync(OutcomeMeasure, {"slug": measure.slug}, values, report, CITED)
    for order, claim in enumerate(catalog.claims):
        values = _plain(claim, "kind claim finding we_say about") | {"order": order}
        values |= {"made_by": sorted(claim.made_by), "citations": sorted(claim.citations)}
        sync(Claim, {"slug": claim.slug}, values, report, CLAIM_LINKS)
    for order, check in enumerate(catalog.checks):
        values = _plain(check, "title asks basis certainty") | {"order": order, "citations": sorted(check.citations)}
        sync(CheckBasis, {"slug": check.slug}, values, report, CITED)


def _rules(rules: Mapping[str, Rule]) -> Values:
    return {slug: rule.model_dump() for slug, rule in rules.items()}


def _translated(entry: Any) -> Values:
    """Return the words in other languages than English, as `TranslatedRow` keeps them."""
    return {"translations": {"es": entry.es.model_dump(exclude_none=True)} if entry.es else {}}


def exercise_values(entry: ExerciseEntry) -> Values:
    """Return the values of an exercise's own row, but for its pose and its neighbours."""
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
        "driver_overrides": _rules(entry.driver_overrides),
        "precaution_overrides": _rules(entry.precaution_overrides),
        "citations": sorted(entry.citations),
    }


def refresh_search_text(exercises: Iterable[Exercise]) -> None:
    """Write what each exercise is found by: names, muscles in both kinds of words, equipment, position."""
    keys = [row.pk for row in exercises]
    for start in range(0, len(keys), AT_ONCE):
        _refresh_search_text(keys[start : start + AT_ONCE])


def _refresh_search_text(keys: list[int]) -> None:
    things = {thing.slug: " ".join([thing.name, *thing.search_words]) for thing in Equipment.objects.all()}
    changed = []
    for exercise in Exercise.objects.filter(pk__in=keys).with_names():
        muscles = [*exercise.releases.all(), *exercise.strengthens.all()]
        words = [exercise.name, *exercise.other_names]
        words += [word for text in exercise.texts.all() for word in (text.name, *text.other_names)]
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
