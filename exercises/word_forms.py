"""Forms with the words of all languages side by side: each English field has its twins beside it.

A twin of “name” is called “es__name”. Words in languages that nobody knows any more have no field and stay.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property

from exercises import help_texts, languages
from exercises.admin_fields import LineListField
from exercises.languages import ENGLISH
from exercises.models import ExerciseText
from exercises.row_rules import PATIENT_PARTS, patient_text

IN_ENGLISH = {"en": "English", "es": "Spanish"}
TEXT_FIELDS = ("name", "steps", "feel", "stop_if", "mistakes", "other_names")
LISTS = {"steps", "mistakes", "other_names", "search_words", "emergency", "stops"}
LONG = {"patient_words", "why_this_order", "question"}
# What the field of a model is called among the words of another language.
KEYS = {"search_words": "search"}
AS_MANY = ("emergency", "stops")


def language_name(code: str) -> str:
    """Return what editors call a language."""
    return IN_ENGLISH.get(code) or languages.of(code).name


def twin(code: str, field: str) -> str:
    return f"{code}__{field}"


def others() -> list[str]:
    """Return the codes of all languages but English."""
    return [code for code in languages.known() if code != ENGLISH]


def row_of(field: str) -> tuple[str, ...]:
    """Return an English field and its twins, which stand in one row."""
    return (field, *(twin(code, field) for code in others()))


def text_rows() -> list[tuple[str, ...]]:
    """Return the rows of an exercise's texts, a column for each language."""
    return [tuple(twin(code, field) for code in languages.known()) for field in TEXT_FIELDS]


class TranslatedForm(forms.ModelForm):
    """A row whose words in other languages stand in `translations`; `words` are the fields that have any."""

    words: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, field in self._twins():
            said = self.instance.translations.get(code, {}).get(KEYS.get(field, field))
            self.initial.setdefault(twin(code, field), said)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        told = {code: dict(words) for code, words in self.instance.translations.items()}
        for code, field in self._twins():
            key, said = KEYS.get(field, field), values.get(twin(code, field))
            if said:
                told.setdefault(code, {})[key] = said
            elif told.get(code, {}).get(key):
                del told[code][key]
            self._check_as_many(code, field, values)
        self.instance.translations = {code: words for code, words in told.items() if words}
        return values

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the fields that were changed, with the column that other languages stand in."""
        changed = super().changed_data
        return [*changed, "translations"] if {twin(*pair) for pair in self._twins()} & {*changed} else changed

    def _check_as_many(self, code: str, field: str, values: Mapping[str, Any]) -> None:
        said, english = values.get(twin(code, field)), values.get(field) or []
        if field in AS_MANY and said and len(said) != len(english):
            lines = f"{len(said)} line{'s' if len(said) != 1 else ''}"
            self.add_error(twin(code, field), f"There must be {len(english)}, as in English; here are {lines}.")

    def _twins(self) -> Iterator[tuple[str, str]]:
        return ((code, field) for code in others() for field in self.words if twin(code, field) in self.fields)


def with_twins(form: type[TranslatedForm], model: Any) -> type[TranslatedForm]:
    """Return the form with a field for each of its words in each other language."""
    made = {twin(code, field): _translation(model, code, field) for code in others() for field in form.words}
    return type(form.__name__, (form,), made)


class ExerciseTexts(forms.ModelForm):
    """The texts of an exercise in all languages; English is always among them, a language left empty has none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stored = {text.language: text for text in self.instance.texts.all()} if self.instance.pk else {}
        for code, text in self._stored.items():
            for field in TEXT_FIELDS:
                self.initial.setdefault(twin(code, field), getattr(text, field))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for code in languages.known():
            if code == ENGLISH or self._given(code):
                self._check_text(code, values)
        return values

    def texts(self) -> list[ExerciseText]:
        """Return the texts as they were typed, unsaved; what couldn't be read is left as it was."""
        kept = [text for code, text in self._stored.items() if code not in languages.known()]
        return [self._text(code) for code in languages.known() if code == ENGLISH or self._given(code)] + kept

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # the stubs don't know what Django's forms call
        for code in languages.known():
            text = self._text(code)
            if not self._given(code):
                if text.pk:
                    text.delete()
            elif not text.pk:
                text.exercise = self.instance
                text.save()
            elif changed := [field for field in TEXT_FIELDS if twin(code, field) in self.changed_data]:
                text.save(update_fields=changed)

    def _text(self, code: str) -> ExerciseText:
        text = self._stored.get(code) or ExerciseText(language=code)
        for field in TEXT_FIELDS:
            if twin(code, field) in self.cleaned_data:
                setattr(text, field, self.cleaned_data[twin(code, field)])
        if not isinstance(text.steps, list):
            text.steps = []
        return text

    def _given(self, code: str) -> bool:
        """Whether anything was typed in a language, right or wrong."""
        return any(self[twin(code, field)].value() for field in TEXT_FIELDS if twin(code, field) in self.fields)

    def _check_text(self, code: str, values: Mapping[str, Any]) -> None:
        for field, reason in patient_text({field: values.get(twin(code, field)) for field in PATIENT_PARTS}):
            name = twin(code, field) if field else None
            if name not in self.errors:
                self.add_error(name, reason)
        if not values.get(twin(code, "name")) and twin(code, "name") not in self.errors:
            self.add_error(twin(code, "name"), "Give the name, too.")


def with_texts(form: type[ExerciseTexts]) -> type[ExerciseTexts]:
    """Return the form with the fields of a text in each language."""
    made = {twin(code, field): _text_field(code, field) for code in languages.known() for field in TEXT_FIELDS}
    return type(form.__name__, (form,), made)


def _translation(model: Any, code: str, field: str) -> forms.Field:
    stored: Any = model._meta.get_field(field)
    return _field(
        code,
        field,
        f"{stored.verbose_name.capitalize()} in {language_name(code)}",
        help_texts.for_translation(model._meta.model_name, field, code, language_name(code)),
        stored.max_length,
    )


def _text_field(code: str, field: str) -> forms.Field:
    stored: Any = ExerciseText._meta.get_field(field)
    english = f"{'One line each. ' if field in LISTS else ''}{help_texts.for_field('exercisetext', field)}"
    translated = help_texts.for_translation("exercisetext", field, code, language_name(code))
    return _field(
        code,
        field,
        f"{stored.verbose_name.capitalize()} in {language_name(code)}",
        english if code == ENGLISH else translated,
        stored.max_length,
        is_needed=code == ENGLISH and field in {"name", "steps", "feel", "stop_if"},
    )


def _field(
    code: str, field: str, label: str, help_text: str, max_length: int | None, *, is_needed: bool = False
) -> forms.Field:
    given: dict[str, Any] = {"label": label, "help_text": help_text, "required": is_needed}
    attrs = {"lang": code}
    if field in LISTS:
        return LineListField(**given, widget=forms.Textarea(attrs=attrs | {"rows": 6 if field == "steps" else 3}))
    if field in LONG:
        return forms.CharField(**given, widget=forms.Textarea(attrs=attrs | {"rows": 4}))
    return forms.CharField(
        **given, max_length=max_length, widget=forms.TextInput(attrs=attrs | {"class": "vTextField"})
    )
