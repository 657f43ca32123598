"""Forms of programs; they validate and nothing else."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from patients.models import Patient
from patients.vocabulary import MAIL_CONSENTS, MAIL_WAYS
from programs import mails


class SendForm(forms.Form):
    """What goes where, and what the patient agreed to; `to` must be the address on record or one just given."""

    to = forms.EmailField(label="Send to", max_length=mails.LONGEST_ADDRESS)
    address_given = forms.BooleanField(label="The patient gave me this address", required=False)
    consent = forms.ChoiceField(
        label="The patient agrees to get by e-mail", choices=MAIL_CONSENTS, widget=forms.RadioSelect
    )
    how = forms.ChoiceField(label="What goes out", widget=forms.RadioSelect, required=False)
    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40)
    again = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, patient: Patient, ways: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient
        how = cast(forms.ChoiceField, self.fields["how"])
        how.choices = [(way, words) for way, words in MAIL_WAYS if way in ways]
        how.required = bool(ways)

    def clean_to(self) -> str:
        to = str(self.cleaned_data["to"])
        try:
            mails.check_address(to)
        except mails.BadAddress as reason:
            raise forms.ValidationError(str(reason)) from reason
        return to

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        consent, how, to = (cleaned.get(name) for name in ("consent", "how", "to"))
        if consent == "none":  # where it would have gone is beside the point
            for name in ("to", "how"):
                self.errors.pop(name, None)
            return cleaned
        if consent == "link" and how == "attach":
            self.add_error("how", "The patient agreed to a link alone.")
        if to and to.casefold() != self.patient.email.casefold() and not cleaned.get("address_given"):
            self.add_error("address_given", "This isn’t the address on record. Tick it if the patient gave it to you.")
        return cleaned


class CameBackForm(forms.Form):
    """What a mail came back with."""

    note = forms.CharField(
        label="What came back",
        max_length=240,
        help_text="For example “mailbox full” or “no such user”. Nothing clinical.",
    )


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
