"""Forms of patients; they validate and nothing else."""

import datetime
import secrets
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone

from clinics.models import Clinic
from exercises import languages
from exercises.evidence import Finding as CatalogFinding
from exercises.models import Driver, Equipment, Muscle, Precaution
from patients import vocabulary
from patients.assessing import Finding
from patients.models import Patient

OLDEST = 120
PREGNANCY = datetime.timedelta(weeks=42)
JUST_BORN = datetime.timedelta(weeks=2)


class PatientForm(forms.ModelForm):
    """Contact data. `clinics` are those the person may add patients to; asked only when there are several."""

    clinic = forms.ModelChoiceField(Clinic.objects.none())
    language = forms.ChoiceField()
    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    class Meta:
        model = Patient
        fields = ["name", "birth_date", "email", "phone", "language", "contact_note"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "birth_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "phone": forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        }

    def __init__(self, *args: Any, clinics: list[Clinic] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if clinics and len(clinics) > 1:
            keys = [clinic.pk for clinic in clinics]
            self.fields["clinic"] = forms.ModelChoiceField(Clinic.objects.filter(pk__in=keys))
        else:
            del self.fields["clinic"]
        spoken = _languages(self.instance.language)
        self.fields["language"] = forms.ChoiceField(label="Language of the handout", choices=spoken, required=False)
        self.fields["version"].initial = self.instance.version
        self.fields["form_key"].initial = secrets.token_urlsafe(24)
        self.order_fields(["clinic", *self.Meta.fields])

    def clean_birth_date(self) -> datetime.date | None:
        born: datetime.date | None = self.cleaned_data["birth_date"]
        today = timezone.localdate()
        if born and not today.year - OLDEST <= born.year <= today.year:
            raise forms.ValidationError(f"The year must be from {today.year - OLDEST} to {today.year}.")
        if born and born > today:
            raise forms.ValidationError("The date of birth can't be in the future.")
        return born

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or self.instance.language

    def values(self) -> dict[str, Any]:
        """Return the contact data alone."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def saved(self, patient: Patient) -> list[tuple[str, Any]]:
        """Return what is saved of a patient, each with its label."""
        values = {name: getattr(patient, name) for name in self.Meta.fields}
        values["language"] = dict(_languages(patient.language))[patient.language]
        return [(str(self.fields[name].label), value) for name, value in values.items()]


def _languages(now: str) -> list[tuple[str, str]]:
    """Return the known languages to choose from; one that isn't known any more stays the patient's."""
    known = {row.code: row.name for row in languages.known().values()}
    return list(({now: now} | known if now not in known else known).items())


class CloseFlagForm(forms.Form):
    """What came of a flag; whether the medical assessment is needed is the rule's to say."""

    outcome = forms.CharField(
        label="What came of it", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, required=False
    )
    assessed_by = forms.CharField(label="Medically assessed by", max_length=120, required=False)
    assessed_on = forms.DateField(
        label="Date of the medical assessment",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class AssessmentForm(forms.Form):
    """Findings of one visit, without the muscles, which the page lists in rows of their own."""

    affected_side = forms.ChoiceField(choices=vocabulary.SIDES, widget=forms.RadioSelect)
    driver = forms.ModelChoiceField(
        Driver.objects.all(),
        to_field_name="slug",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose what you suspect. It stays a suspicion, never a diagnosis."},
    )
    other_drivers = forms.ModelMultipleChoiceField(
        Driver.objects.all(), to_field_name="slug", widget=forms.CheckboxSelectMultiple, required=False
    )
    irritability = forms.ChoiceField(choices=vocabulary.IRRITABILITIES, widget=forms.RadioSelect)
    directional_preference = forms.ChoiceField(
        choices=vocabulary.DIRECTIONS, widget=forms.RadioSelect, initial="not_tested"
    )
    neurological_deficit = forms.BooleanField(label="Weakness, numbness or a lost reflex in the leg", required=False)
    precautions = forms.ModelMultipleChoiceField(
        Precaution.objects.all(), to_field_name="slug", widget=forms.CheckboxSelectMultiple, required=False
    )
    due_date = forms.DateField(
        label="Due date, in pregnancy",
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control short-field"}, format="%Y-%m-%d"),
    )
    equipment = forms.ModelMultipleChoiceField(
        Equipment.objects.all(),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Equipment at hand",
    )
    note = forms.CharField(
        label="Note for colleagues", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        pregnant = any(row.needs_due_date for row in cleaned.get("precautions") or [])
        due = cleaned.get("due_date")
        today = timezone.localdate()
        if pregnant and "due_date" not in self.errors:
            if due is None:
                self.add_error("due_date", "Pregnancy needs the due date, so that positions can be checked by week.")
            elif not today - JUST_BORN <= due <= today + PREGNANCY:
                self.add_error("due_date", "The due date must lie within the next 42 weeks, or the last two.")
        if not pregnant:
            cleaned["due_date"] = None
        return cleaned

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "based_on"}


@dataclass(frozen=True, slots=True)
class Typed:
    """All that a posted assessment holds; `answers` are findings of the catalog by slug, True when present."""

    form: AssessmentForm
    muscles: list[Finding]
    answers: dict[str, bool]


def typed_in(data: Any) -> Typed:
    """Return what was typed on the page of the assessment."""
    return Typed(AssessmentForm(data), findings_in(data), answers_in(data))


def answers_in(data: Any) -> dict[str, bool]:
    """Return the findings answered in a posted assessment, in the catalog's order; not asked is left out."""
    sent = {slug: data.get(f"answer-{slug}") for slug in CatalogFinding.objects.values_list("slug", flat=True)}
    return {slug: word == "present" for slug, word in sent.items() if word in {"present", "absent"}}


def findings_in(data: Any) -> list[Finding]:
    """Return the muscles marked in a posted assessment; a mark that isn't in the lists is left out."""
    kinds, sides = dict(vocabulary.MUSCLE_FINDINGS), dict(vocabulary.MUSCLE_SIDES)
    found = []
    for slug in Muscle.objects.values_list("slug", flat=True):
        kind, side = data.get(f"finding-{slug}", ""), data.get(f"side-{slug}", "both")
        if kind in kinds and side in sides:
            found.append(Finding(slug, kind, side))
    return found
