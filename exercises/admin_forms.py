"""The forms of the catalog's admin. What they let through, the pages and the loader can read."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from exercises import languages, row_rules
from exercises.models import Attribute, Driver, Equipment, ExerciseText, Precaution

SIGNS = ("emergency", "stops")


class LineListField(forms.CharField):
    """A list of short lines, edited as one line each."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 80})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(line) for line in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """A list has none of a text's limits."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool((initial or []) != self.to_python(data))


class ExerciseTextForm(forms.ModelForm):
    """A patient text, held to the rules of the shipped ones: a known language, three to six steps, side words."""

    class Meta:
        model = ExerciseText
        fields = ("language", "name", "other_names", "steps", "feel", "stop_if", "mistakes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {row.code: row.name for row in languages.known().values()}
        # A text stays in a language that was taken away, else its exercise couldn't be saved any more.
        now = self.instance.language or languages.ENGLISH
        self.fields["language"] = forms.ChoiceField(choices=list((known | {now: known.get(now, now)}).items()))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        parts = {name: values.get(name) for name in row_rules.PATIENT_PARTS}
        for field, reason in row_rules.patient_text(parts):
            if field not in self.errors:
                self.add_error(field, reason)
        return values


class EnglishFirst(forms.BaseInlineFormSet):
    """The texts of one exercise: English is always among them."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        languages = {row.get("language") for row in kept if row and not row.get("DELETE")}
        if "en" not in languages:
            raise ValidationError("An exercise needs its English text.")


class ExerciseForm(forms.ModelForm):
    """An exercise whose lists and rules name things that exist."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors and bool(values.get("reps")) == bool(values.get("minutes")):
            raise ValidationError("Give either repetitions or minutes.")
        return values

    def clean_attributes(self) -> list[str]:
        return row_rules.known(self.cleaned_data["attributes"], Attribute)

    def clean_equipment(self) -> list[list[str]]:
        groups: list[list[str]] = self.cleaned_data["equipment"] or []
        if not all(isinstance(group, list) for group in groups):
            raise ValidationError('Each group is a list in brackets, for example [["mat", "bed"], ["strap"]].')
        return [row_rules.known(group, Equipment) for group in groups]

    def clean_driver_overrides(self) -> dict[str, Any]:
        return row_rules.rules_without_care(self.cleaned_data["driver_overrides"], Driver)

    def clean_precaution_overrides(self) -> dict[str, Any]:
        return row_rules.rules_with_care(self.cleaned_data["precaution_overrides"], Precaution)


class DriverForm(forms.ModelForm):
    """A driver whose rules name attributes that exist."""

    def clean_translations(self) -> dict[str, Any]:
        return _translations(self.cleaned_data["translations"])

    def clean_attribute_rules(self) -> dict[str, Any]:
        return row_rules.rules_without_care(self.cleaned_data["attribute_rules"], Attribute)


class PrecautionForm(forms.ModelForm):
    """A precaution whose rules name attributes that exist, and whose signs are all there in each language."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for field in SIGNS:
            for code, words in (values.get("translations") or {}).items():
                signs, english = words.get(field, []), values.get(field) or []
                if field in words and (not _is_lines(signs) or len(signs) != len(english)):
                    complaint = f"“{field}” in “{code}” must be a list of {len(english)} lines, as the English is."
                    self.add_error("translations", complaint)
        return values

    def clean_rules(self) -> dict[str, Any]:
        return row_rules.rules_with_care(self.cleaned_data["rules"], Attribute)

    def clean_translations(self) -> dict[str, Any]:
        return _translations(self.cleaned_data["translations"])


def _translations(given: Any) -> dict[str, Any]:
    if not isinstance(given or {}, dict) or not all(isinstance(words, dict) for words in (given or {}).values()):
        raise ValidationError('Give the words by language: {"es": {"name": "…"}}.')
    return given or {}


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(line, str) and line.strip() for line in value)
