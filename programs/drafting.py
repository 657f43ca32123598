"""What the handout of a program will show: the draft that is previewed, compared with the last issue, and frozen."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from django.urls import reverse

from clinics import branding
from clinics.models import Clinic, User
from exercises import known, languages, pictures, uploaded, uploads, wording
from exercises.facts import CatalogFacts, Rule
from exercises.languages import Language
from exercises.models import CatalogVersion, Exercise, ExerciseText, Precaution
from exercises.vocabulary import STAGES, Phase
from patients.models import Assessment
from programs import checking, dose, handout, handout_options
from programs.checks.mending import usual_side
from programs.checks.suitability import objections
from programs.handout_options import Options
from programs.models import Item, Program


class _Said(NamedTuple):
    """What the patient's precautions say of an exercise: what is done otherwise, and what to take care of."""

    modify: tuple[str, ...]
    care: tuple[str, ...]


def active_items(program: Program) -> list[Item]:
    """Return the items of the active stage in order, with their exercises: 1 query."""
    items = Item.objects.filter(stage__program=program, stage__slug=program.stage_slug).select_related("exercise")
    return list(items.order_by("position"))


def next_number(program: Program) -> int:
    latest = program.issues.order_by("-number").first()
    return latest.number + 1 if latest else 1


def skipped_stages(program: Program) -> list[str]:
    """Return the labels of the stages before the active one that the patient never got a handout of: 1 query."""
    issued = {program.stage_slug, *program.issues.values_list("stage_slug", flat=True)}
    slugs = [slug for slug, _ in STAGES]
    return [label for slug, label in STAGES[: slugs.index(program.stage_slug)] if slug not in issued]


def draft(
    program: Program,
    items: Sequence[Item],
    assessment: Assessment,
    *,
    by: User,
    on: datetime.date,
    options: Options | None = None,
) -> handout.Handout:
    """Return the handout as it would be issued by this person on this day, without a printed code.

    Without options it looks as this person chose last, in the patient's language.
    """
    patient, driver = program.patient, assessment.driver
    options = options or handout_options.chosen({}, by=by, patient=patient)
    language = languages.of(options.language)
    words = language.words
    prefetch_related_objects(items, "exercise__texts")
    facts = known.catalog(known.current_edition(patient.clinic_id))
    uploaded.tell((item.exercise for item in items), facts.uploads)
    said = _said(items, assessment, language, on, program.stage_slug, facts)
    precautions = list(assessment.precautions.all())
    numbered = list(enumerate(items, start=1))
    groups = [(Phase(phase), list(group)) for phase, group in groupby(numbered, key=lambda pair: pair[1].phase)]
    catalog = CatalogVersion.objects.first()
    return handout.Handout(
        clinic=clinic_of(patient.clinic),
        patient_name=patient.name,
        clinician_name=by.name,
        clinician_credentials=by.credentials,
        date=on,
        version=next_number(program),
        stage_label=words.stages[program.stage_slug],
        for_line=languages.fill(
            words.for_line,
            where=words.where[assessment.affected_side],
            driver=driver.said_in(language.code, "patient_name"),
        ),
        about=driver.said_in(language.code, "patient_words"),
        why_order=driver.said_in(language.code, "why_this_order"),
        picture_key=pictures.key((item.exercise for item in items), language.code),
        phases=tuple(
            _phase(number, phase, group, language, by, said) for number, (phase, group) in enumerate(groups, start=1)
        ),
        own_emergency=_signs(precautions, "emergency", language),
        own_stops=_signs(precautions, "stops", language),
        weeks=options.weeks,
        next_visit=program.next_visit,
        catalog_version=catalog.digest[:12] if catalog else "",
        language=language.code,
        paper=options.paper,
        layout=options.layout,
    )


def sample(exercise: Exercise, language: Language, *, by: User) -> handout.HandoutItem:
    """Return an exercise as a handout shows it with its usual dose, for the right side; pictures are at the site's.

    It needs its text in that language. Raises BadPose when it can't be drawn.
    """
    dosed = {name: getattr(exercise, name) for name in dose.DOSE}
    item = Item(exercise=exercise, phase=exercise.phase, side=usual_side(exercise.laterality, "right"), **dosed)
    shown = _item(1, item, language, by, _Said((), ()))
    addresses = picture_addresses([item])
    return replace(shown, figures=tuple(replace(figure, src=addresses[figure.key]) for figure in shown.figures))


def clinic_of(clinic: Clinic) -> handout.HandoutClinic:
    """Return the clinic as it signs its sheets."""
    return handout.HandoutClinic(
        clinic.name,
        clinic.phone,
        clinic.address,
        clinic.email,
        clinic.website,
        branding.key(clinic.logo),
        clinic.colour,
    )


def drawings(items: Iterable[Item], clinic: Clinic) -> dict[str, bytes]:
    """Return the pictures of the items, and the clinic's logo, by the hash that the handout knows them by."""
    found = {key: picture for item in items for key, picture in _printed(item)}
    return found | ({branding.key(clinic.logo): clinic.logo} if clinic.logo else {})


def picture_addresses(items: Iterable[Item]) -> dict[str, str]:
    """Return where the site shows each picture of the items, by the picture's hash."""
    return {
        key: f"{reverse('exercise_figure', args=[item.exercise.slug])}?"
        + urlencode({"frame": frame, "side": item.side, "v": pictures.version(item.exercise)})
        for item in items
        for key, frame in pictures.keys(item.exercise, item.side).items()
    }


def _printed(item: Item) -> Iterator[tuple[str, bytes]]:
    """Yield the item's pictures with their keys; of an upload as much as paper needs, under the whole one's key."""
    for key, frame in pictures.keys(item.exercise, item.side).items():
        picture = pictures.shown(item.exercise, frame, item.side)
        yield key, uploads.for_print(picture) if pictures.is_uploaded(item.exercise, frame) else picture


def _signs(precautions: Iterable[Precaution], field: str, language: Language) -> tuple[str, ...]:
    """Return the precautions' own signs, each once."""
    return tuple(dict.fromkeys(sign for row in precautions for sign in row.lines_in(language.code, field)))


def _said(
    items: Iterable[Item],
    assessment: Assessment,
    language: Language,
    on: datetime.date,
    stage: str,
    catalog: CatalogFacts,
) -> dict[int, _Said]:
    """Return what the patient's precautions say of each item, by the item's key."""
    patient = checking.patient_facts(assessment, catalog, stage=stage, on=on)
    rows = {row.slug: row for row in assessment.precautions.all()}
    said = {}
    for item in items:
        found = objections(catalog.exercise(item.exercise.slug), patient)
        changed = [rows[objection.precaution.slug] for objection in found if objection.modify]
        careful = [rule for objection in found for rule in objection.careful if rule.care]
        said[item.pk] = _Said(
            tuple(row.said_in(language.code, "change") for row in changed if row.change),
            tuple(dict.fromkeys(_care(rule, language) for rule in careful)),
        )
    return said


def _care(rule: Rule, language: Language) -> str:
    """Return a rule's care in the language, in English where it has none, and with the day from which it holds."""
    care = rule.care.get(language.code) or rule.care["en"]
    begins = rule.begins
    return languages.fill(language.words.from_day, date=language.date(begins), care=care) if begins else care


def _phase(
    number: int,
    phase: Phase,
    group: Sequence[tuple[int, Item]],
    language: Language,
    by: User,
    said: Mapping[int, _Said],
) -> handout.HandoutPhase:
    words = language.words.phases[phase.value]
    return handout.HandoutPhase(
        slug=phase.value,
        number=number,
        name=words.name,
        patient_name=words.purpose,
        minutes=dose.minutes(sum(dose.seconds_a_day(item, item.side) for _, item in group)),
        items=tuple(_item(place, item, language, by, said[item.pk]) for place, item in group),
    )


def _item(number: int, item: Item, language: Language, by: User, said: _Said) -> handout.HandoutItem:
    text = item.exercise.text_in(language.code)
    return handout.HandoutItem(
        number=number,
        name=text.name,
        dose_chips=tuple(dose.words_of(item, item.side, language.code)),
        steps=tuple(wording.steps_for(text.steps, item.side, text.language)),
        feel=wording.line_for(text.feel, item.side, text.language),
        stop_if=(wording.line_for(text.stop_if, item.side, text.language),) if text.stop_if else (),
        mistakes=tuple(wording.line_for(line, item.side, text.language) for line in text.mistakes),
        modify=said.modify,
        care=said.care,
        note=item.note,
        note_by=" ".join(by.name.split()[:1]) if item.note else "",
        figures=tuple(_figure(item, text, frame, language) for frame in pictures.frames(item.exercise)),
        language=text.language if text.language != language.code else "",
        exercise=item.exercise.slug,
        side=item.side,
        hold_s=item.hold_s or 0,
    )


def _figure(item: Item, text: ExerciseText, frame: str, language: Language) -> handout.HandoutFigure:
    alone = len(pictures.frames(item.exercise)) == 1
    return handout.HandoutFigure(
        key=pictures.key_of(item.exercise, frame, item.side),
        alt=pictures.words(text, item.exercise, frame, item.side),
        caption="" if alone else language.caption(frame),
        photo=pictures.is_uploaded(item.exercise, frame),
        side_shown=pictures.side_shown(item.exercise, frame, item.side, language.code),
    )
