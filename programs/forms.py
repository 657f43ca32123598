"""Forms of programs; they validate and nothing else."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from programs.models import Item

MOST = {"sets": 10, "reps": 100, "hold_s": 600, "minutes": 120, "times_per_day": 12, "days_per_week": 7}


class ItemForm(forms.ModelForm):
    """Dose, side and note of one item."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Item
        fields = ["sets", "reps", "hold_s", "minutes", "times_per_day", "days_per_week", "side", "note"]
        labels = {
            "hold_s": "Hold (seconds)",
            "reps": "Repetitions",
            "minutes": "Minutes",
            "note": "Note for the patient",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        timed = self.instance.exercise.minutes is not None
        for name in ("sets", "reps", "hold_s") if timed else ("minutes",):
            del self.fields[name]
        self.fields["minutes" if timed else "reps"].required = True
        if self.instance.exercise.laterality == "bilateral":
            del self.fields["side"]
        for name, most in MOST.items():
            if name in self.fields:
                self.fields[name].widget.attrs.update(min=1, max=most, inputmode="numeric")
                self.fields[name].validators.append(MaxValueValidator(most))
                self.fields[name].validators.append(MinValueValidator(1))
        self.fields["version"].initial = self.instance.version

    def values(self) -> dict[str, Any]:
        """Return the cleaned values of all editable fields, those not shown as they were."""
        names = [name for name in self._meta.fields or [] if name != "version"]
        return {
            name: self.cleaned_data.get(name, self.initial.get(name, getattr(self.instance, name))) for name in names
        }


class SendForm(forms.Form):
    """Where a handout goes."""

    to = forms.EmailField(label="Send to")
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40)


class SignOffQuestionForm(forms.Form):
    question = forms.CharField(
        label="Message to the therapist",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SignOffAnswerForm(forms.Form):
    """A yes may be silent; a no needs a sentence the trainer can act on."""

    approved = forms.TypedChoiceField(
        label="Your answer",
        choices=[("yes", "Yes, it may be issued"), ("no", "No, change it first")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="Message to the trainer",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("approved") is False and not cleaned.get("answer", "").strip():
            self.add_error("answer", "Say what should change, so that the trainer can act on it.")
        return cleaned
