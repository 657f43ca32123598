"""Forms of programs; they validate and nothing else."""

from typing import Any

from django import forms


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
