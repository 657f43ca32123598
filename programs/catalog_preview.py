"""What becomes of a row of the catalog as it is being typed: its card, its part of a handout, how it reads.

Nothing here is saved: the row is what the form made of it in memory.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from django import forms
from django.urls import reverse

from clinics.models import User
from exercises import gates, known, languages, pictures
from exercises.cards import Card, card_of, named_equipment, named_muscles
from exercises.figures.poses import BadPose
from exercises.languages import ENGLISH, Language
from exercises.models import Driver, Equipment, Exercise, Muscle, Precaution
from exercises.said_levels import Note, notes, whole
from exercises.vocabulary import Phase
from exercises.word_forms import TEXT_FIELDS, language_name, others, twin
from programs import drafting, handout

MEASURED = ("steps", "feel", "stop_if", "mistakes")
MANY = ("releases", "strengthens", "suits_primary", "suits_secondary", "citations")
# An exercise that isn't stored yet has no key and no slug; what is linked to it is what the form holds.
NO_KEY, NO_SLUG = 0, "new"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A row's part of a handout in one language: the exercise, or the sentences that a patient gets."""

    language: Language
    name: str
    item: handout.HandoutItem | None = None
    lines: Sequence[tuple[str, Sequence[str]]] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the preview shows. `missing` is what stands against publishing."""

    notes: Sequence[Note]
    wholes: Sequence[tuple[str, Note]]
    errors: Sequence[str]
    missing: Sequence[str]
    sheets: Sequence[Sheet]
    card: Card | None = None
    picture: str = ""

    @property
    def summary(self) -> str:
        """The whole in one sentence, for those who hear the page."""
        hard = sum(note.kind == "hard" for note in self.notes)
        easy = "Easy to read" if any(note.kind == "fine" for note in self.notes) else "Nothing to read yet"
        said = [f"{hard} too hard to read" if hard else easy]
        said += [f"{len(self.missing)} missing"] if self.missing else []
        wrong = len(self.errors) + sum(note.kind == "wrong" for note in self.notes)
        return ", ".join([*said, *([f"{wrong} wrong"] if wrong else [])]) + "."


def of_exercise(form: Any, *, by: User) -> Shown:
    """Return an exercise as typed; `form` was cleaned."""
    typed = _typed(form)
    row = _in_memory(form, typed)
    fields = [(twin(code, field), field, code) for code in languages.known() for field in MEASURED]
    codes = [text.language for text in row.texts.all() if text.language in languages.known()]
    return Shown(
        notes=[*notes(fields, typed), *_wrong(form)],
        wholes=[(language_name(code), whole(code, MEASURED, typed)) for code in codes],
        errors=list(form.non_field_errors()),
        missing=gates.problems(row),
        sheets=[_sheet(row, code, by) for code in codes],
        card=_card(row),
        picture=_picture(row),
    )


def of_driver(form: Any, *, by: User) -> Shown:
    """Return a driver as typed: what the head of a handout says of it."""
    row: Driver = form.instance

    def said(language: Language) -> list[tuple[str, Sequence[str]]]:
        words = language.words
        line = languages.fill(
            words.for_line, where=words.where["left"], driver=row.said_in(language.code, "patient_name")
        )
        about = [row.said_in(language.code, name) for name in ("patient_words", "why_this_order")]
        return [("", [line, *about])]

    return _of_words(form, ("patient_name", "patient_words", "why_this_order"), said)


def of_precaution(form: Any, *, by: User) -> Shown:
    """Return a precaution as typed: what it adds to a handout."""
    row: Precaution = form.instance

    def said(language: Language) -> list[tuple[str, Sequence[str]]]:
        words, code = language.words, language.code
        cares = [rule.get("care", {}) for rule in (row.rules or {}).values()]
        return [
            (words.for_you, [row.said_in(code, "change")] if row.change else []),
            (words.take_care, [care.get(code) or care.get(ENGLISH, "") for care in cares if care]),
            (words.own_emergency_heading, row.lines_in(code, "emergency")),
            (words.own_stops_heading, row.lines_in(code, "stops")),
        ]

    return _of_words(form, ("change", "emergency", "stops"), said)


PREVIEWS = {"exercise": of_exercise, "driver": of_driver, "precaution": of_precaution}


def _of_words(form: Any, measured: Sequence[str], said: Any) -> Shown:
    typed = _typed(form)
    fields = [(name, name, ENGLISH) for name in measured]
    fields += [(twin(code, name), name, code) for code in others() for name in measured]
    sheets = [
        Sheet(language, language_name(code), lines=[(head, lines) for head, lines in said(language) if any(lines)])
        for code, language in languages.known().items()
    ]
    missing = [
        f"Write “{form.fields[name].label}” in {language_name(code)}."
        for code in others()
        for name in measured
        if typed.get(name) and not typed.get(twin(code, name))
    ]
    if "citations" in form.fields and not typed.get("citations"):
        missing.append("Name a citation.")
    said_notes = [*notes(fields, typed), *_wrong(form)]
    return Shown(said_notes, [], list(form.non_field_errors()), missing, sheets)


def _typed(form: forms.BaseForm) -> dict[str, Any]:
    """Return what each field holds; words that can't be kept as they are can be read all the same."""
    wrong = [name for name in form.errors if isinstance(form.fields.get(name), forms.CharField)]
    return {name: form.fields[name].to_python(form[name].value()) for name in wrong} | form.cleaned_data


def _wrong(form: forms.BaseForm) -> Iterator[Note]:
    """Yield what is wrong in fields that something was typed in; empty ones are told when the form is saved."""
    for name, errors in form.errors.items():
        if name in form.fields and form[name].value():
            yield Note(name, " ".join(map(str, errors)), "wrong")


def _in_memory(form: Any, typed: Mapping[str, Any]) -> Exercise:
    """Return the exercise as the form holds it, refused words too, with what is linked to it."""
    row: Exercise = form.instance
    texts = form.texts()
    for text, field in product(texts, TEXT_FIELDS):
        if twin(text.language, field) in typed:
            setattr(text, field, typed[twin(text.language, field)])
    uploads = list(row.uploads.all()) if row.pk else []
    row.pk, row.slug = row.pk or NO_KEY, row.slug or NO_SLUG
    row.position = row.position or "standing"
    row._prefetched_objects_cache = {  # type: ignore[attr-defined]  # as Django keeps what it prefetched
        **{name: _chosen(form, name) for name in MANY},
        "texts": texts,
        "uploads": uploads,
    }
    return row


def _chosen(form: Any, name: str) -> list[Any]:
    return list(form.cleaned_data.get(name) or [])


def _sheet(row: Exercise, code: str, by: User) -> Sheet:
    language = languages.of(code)
    try:
        item = drafting.sample(row, language, by=by)
        if row.pk == NO_KEY:  # the site has no address for its pictures yet
            drawn = {key: _drawn(row, frame, item.side) for key, frame in pictures.keys(row, item.side).items()}
            item = replace(item, figures=tuple(replace(figure, src=drawn[figure.key]) for figure in item.figures))
    except BadPose:  # what is missing says so
        return Sheet(language, language_name(code))
    return Sheet(language, language_name(code), item)


def _drawn(row: Exercise, frame: str, side: str = "") -> str:
    """Return a drawing as its own address."""
    return f"data:image/svg+xml;base64,{b64encode(pictures.drawing(row, frame, side).encode()).decode()}"


def _picture(row: Exercise) -> str:
    try:
        address = reverse("exercise_figure", args=[row.slug])
        return _drawn(row, pictures.frames(row)[0]) if row.pk == NO_KEY else f"{address}?v={pictures.version(row)}"
    except BadPose:
        return ""


def _card(row: Exercise) -> Card | None:
    if row.phase not in set(Phase):
        return None
    return card_of(
        row,
        known.exercise_facts(row),
        muscles=named_muscles(Muscle.objects.all()),
        equipment=named_equipment(Equipment.objects.all()),
    )
