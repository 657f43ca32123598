"""The forms of the catalog's admin. What they let through, the pages and the loader can read."""

from typing import Any

from django import forms

from exercises import row_rules
from exercises.admin_fields import GroupsField
from exercises.catalog_rows import AccuracyField, RulesField, names_of, voices, with_unknown_care
from exercises.help_texts import for_field
from exercises.models import Attribute, Citation, Driver, Equipment, Precaution
from exercises.own_forms import OwnExerciseForm
from exercises.word_forms import ExerciseTexts, TranslatedForm


class ExerciseForm(ExerciseTexts):
    """An exercise whose lists and rules name things that exist."""

    equipment = GroupsField(names=names_of(Equipment), required=False, help_text=for_field("exercise", "equipment"))
    attributes = forms.MultipleChoiceField(
        choices=names_of(Attribute),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=for_field("exercise", "attributes"),
        error_messages={"invalid_choice": "There is no attribute called “%(value)s”."},
    )
    driver_overrides = RulesField(model=Driver, care=False, help_text=for_field("exercise", "driver_overrides"))
    precaution_overrides = RulesField(
        model=Precaution, care=True, help_text=for_field("exercise", "precaution_overrides")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Call each field as a clinic's own form does: who keeps both shouldn't have to translate."""
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & OwnExerciseForm.base_fields.keys():
            self.fields[name].label = OwnExerciseForm.base_fields[name].label or self.fields[name].label

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for field, reason in row_rules.dose_mistakes(values):
            if field not in self.errors and not (field == "reps" and "minutes" in self.errors):
                self.add_error(field, reason)
        return values

    def clean_attributes(self) -> list[str]:
        """Return what was ticked; what was there stays in its order, as ticking has none."""
        ticked, before = self.cleaned_data["attributes"], self.instance.attributes
        return [slug for slug in before if slug in ticked] + [slug for slug in ticked if slug not in before]

    def clean_driver_overrides(self) -> dict[str, Any]:
        return row_rules.rules_without_care(self.cleaned_data["driver_overrides"], Driver)

    def clean_precaution_overrides(self) -> dict[str, Any]:
        given = with_unknown_care(self.cleaned_data["precaution_overrides"], self.instance.precaution_overrides)
        return row_rules.rules_with_care(given, Precaution)


class MuscleForm(TranslatedForm):
    """A muscle with its plain words in all languages."""

    words = ("plain", "search_words")


class EquipmentForm(TranslatedForm):
    """A thing with its names in all languages."""

    words = ("name", "search_words")


class RedFlagGroupForm(TranslatedForm):
    """A heading of the screening in all languages."""

    words = ("title", "lead")


class RedFlagForm(TranslatedForm):
    """A question of the screening in all languages."""

    words = ("question",)


class DriverForm(TranslatedForm):
    """A driver whose rules name attributes that exist. The handout has no place for a care of theirs."""

    words = ("patient_name", "patient_words", "why_this_order")
    attribute_rules = RulesField(model=Attribute, care=False, help_text=for_field("driver", "attribute_rules"))

    def clean_attribute_rules(self) -> dict[str, Any]:
        return row_rules.rules_without_care(self.cleaned_data["attribute_rules"], Attribute)


class PrecautionForm(TranslatedForm):
    """A precaution whose rules name attributes that exist, and whose signs are all there in each language."""

    words = ("name", "change", "emergency", "stops")
    rules = RulesField(model=Attribute, care=True, help_text=for_field("precaution", "rules"))

    def clean_rules(self) -> dict[str, Any]:
        given = with_unknown_care(self.cleaned_data["rules"], self.instance.rules)
        return row_rules.rules_with_care(given, Attribute)


class FindingForm(forms.ModelForm):
    """What a finding says, and what studies measured of it, a row each."""

    present = voices(help_text=for_field("finding", "present"))
    absent = voices(help_text=for_field("finding", "absent"))
    accuracy = AccuracyField(help_text=for_field("finding", "accuracy"))

    def clean_accuracy(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.cleaned_data["accuracy"]
        row_rules.known([row["citation"] for row in rows], Citation)
        return rows
