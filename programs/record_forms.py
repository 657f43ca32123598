"""The forms of a patient's record: hold it, note a disclosure, erase it."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from patients.models import Disclosure, LegalHold, Patient, fold
from patients.vocabulary import ERASE_REASONS


class HoldForm(forms.ModelForm):
    class Meta:
        model = LegalHold
        fields = ["why", "until"]
        widgets = {"until": forms.DateInput({"type": "date"})}

    def clean_until(self) -> datetime.date | None:
        until: datetime.date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("This day is over.")
        return until


class DisclosureForm(forms.ModelForm):
    class Meta:
        model = Disclosure
        fields = ["on", "recipient", "what", "why"]
        widgets = {"on": forms.DateInput({"type": "date"})}

    def clean_on(self) -> datetime.date:
        on: datetime.date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError("This day is still to come.")
        return on


class EraseForm(forms.Form):
    """The name, typed by hand, so that nobody erases by a slip."""

    name = forms.CharField(
        label="Type the patient’s full name", max_length=120, widget=forms.TextInput({"autocomplete": "off"})
    )
    reason = forms.ChoiceField(
        label="Why", choices=[choice for choice in ERASE_REASONS if choice[0] != "retention"], widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, patient: Patient) -> None:
        super().__init__(data)
        self._patient = patient

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if fold(" ".join(typed.split())) != fold(self._patient.name):
            raise forms.ValidationError(f"This isn’t the name of this patient, {self._patient.name}.")
        return typed
