"""The forms of a clinic's own protocols: what a program is saved as, a protocol's words, the dose of an item."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict

from exercises.cards import words_of
from programs import clinic_protocols, dose_fields
from programs.dose import GIVEN
from programs.models import ClinicProtocol, ClinicProtocolItem, Program
from programs.typed_dose import COUNTED, MAY_BE_EMPTY, MOST

CHANGED = "That protocol was changed or retired meanwhile. Look at it, then choose again."
LONGEST_NOTE = 1000
SHORTEST_NAME = 3
UNITS = {name: label for name, label in dose_fields.LABELS.items() if name in GIVEN}


def _note() -> forms.CharField:
    return forms.CharField(
        label="Note for colleagues",
        help_text="For example when to use it. No patient's name.",
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )


class SaveForm(forms.Form):
    """What a program is saved as: a new protocol, or one that is there.

    That it refuses the patient's name is a reminder, not a guarantee: who types may still say who is meant.
    """

    title = forms.CharField(max_length=120, required=False, widget=forms.TextInput(attrs={"class": "form-control"}))
    note = _note()
    shared = forms.BooleanField(label="Share with the clinic", required=False)

    def __init__(self, program: Program, protocols: list[ClinicProtocol], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.patient = program.patient.name
        self.protocols = {f"{row.pk}-{row.version}": row for row in protocols}
        there = [(key, f"In place of “{row.title}” ({row.driver.short_name})") for key, row in self.protocols.items()]
        self.fields["instead_of"] = forms.ChoiceField(
            label="Save it as",
            choices=[("", "A new protocol"), *there],
            initial="",
            required=False,
            error_messages={"invalid_choice": CHANGED},
            widget=forms.RadioSelect,
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("instead_of") == "" and cleaned.get("title") == "":
            self.add_error("title", "Give it a title that colleagues will recognize.")
        for name in ("title", "note"):
            part = _name_in(cleaned.get(name, ""), self.patient)
            if part:
                self.add_error(name, f"Leave the patient's name out (“{part}”): the protocol is used for others.")
        return cleaned


def _name_in(text: str, name: str) -> str:
    """Return what a text has of a name: all of it, or a part of three letters or more as a word; else “”."""
    said = set(words_of(text))
    if len(words_of(name)) > 1 and said.issuperset(words_of(name)):
        return name
    parts = (part for part in name.split() if any(len(word) >= SHORTEST_NAME for word in said & {*words_of(part)}))
    return next(parts, "")


class WordsForm(forms.ModelForm):
    """What a protocol says besides its exercises."""

    note = _note()

    class Meta:
        model = ClinicProtocol
        fields = clinic_protocols.WORDS
        labels = {"driver": "Suspected driver", "shared": "Shared with the clinic"}
        widgets = {
            "title": forms.TextInput(attrs={"class": "form-control"}),
            "driver": forms.Select(attrs={"class": "form-select"}),
        }


class DoseForm(forms.ModelForm):
    """The dose of one item, by repetitions or by minutes, and whether it is taken out."""

    remove = forms.BooleanField(required=False)

    class Meta:
        model = ClinicProtocolItem
        fields = tuple(UNITS)
        labels = UNITS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted, timed = self.instance.reps is not None, self.instance.minutes is not None
        for name in (() if counted else COUNTED) + (() if timed else ("minutes",)):
            del self.fields[name]
        for name in self.dose_names:
            field = self.fields[name]
            field.required = name not in MAY_BE_EMPTY
            field.validators += [MinValueValidator(1), MaxValueValidator(MOST[name])]
            field.widget.attrs.update({"min": 1, "max": MOST[name], "inputmode": "numeric", "class": "form-control"})

    @property
    def dose_names(self) -> list[str]:
        return [name for name in UNITS if name in self.fields]

    @property
    def dose_fields(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in self.dose_names)

    @property
    def dose(self) -> dict[str, Any]:
        """The values that were sent, by field."""
        return {name: self.cleaned_data[name] for name in self.dose_names if self.add_prefix(name) in self.data}
