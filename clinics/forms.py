"""The form of a clinic's settings; it validates and nothing else."""

import base64
from collections.abc import Callable
from typing import Any

from django import forms

from clinics import branding
from clinics.models import Clinic
from clinics.uploads import decoded

LONGEST_LINK_DAYS = 366
PICTURES = ".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp"
ONE_LINE = ("name", "phone", "address", "website")


# What a column of whole numbers holds.
MOST_VERSIONS = 2_147_483_647


class SeenVersion(forms.IntegerField):
    """The version that a page was filled from, hidden in it; what can't be one is as none, and asks to look again."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, min_value=0, max_value=MOST_VERSIONS)

    def clean(self, value: Any) -> int | None:
        try:
            found: int | None = super().clean(value)
        except forms.ValidationError:
            return None
        return found


class ClinicForm(forms.ModelForm):
    """What a clinic says of itself and how its handouts look.

    A logo that was uploaded beside a mistake elsewhere comes back in `kept_logo`, so that it isn't chosen twice.
    `use_colour` is pressed to take the colour that was offered instead of the typed one.
    """

    logo = forms.FileField(
        required=False,
        widget=forms.FileInput(attrs={"accept": PICTURES}),
        help_text="PNG, JPEG or WebP, up to 2 MB. It is printed at most 600 × 240 pixels large, on white.",
    )
    version = SeenVersion()
    kept_logo = forms.CharField(required=False, widget=forms.HiddenInput)
    remove_logo = forms.BooleanField(label="Take the logo off", required=False)
    colour = forms.CharField(
        label="Colour of the handout’s head",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short-field", "spellcheck": "false"}),
        help_text="For example #0b5f66. It must read well on white.",
    )
    link_days = forms.IntegerField(
        label="Days that a patient’s link works",
        min_value=1,
        max_value=LONGEST_LINK_DAYS,
        widget=forms.NumberInput(attrs={"class": "short-field"}),
    )

    idle_minutes = forms.IntegerField(
        label="Minutes without use until people are signed out",
        min_value=2,
        max_value=60,
        widget=forms.NumberInput(attrs={"class": "short-field"}),
        help_text="From 2 to 60. What was typed is kept.",
    )

    retention_years = forms.IntegerField(
        label="Years that a record is kept after its last entry",
        required=False,
        min_value=1,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "short-field"}),
        help_text=Clinic._meta.get_field("retention_years").help_text,
    )

    class Meta:
        model = Clinic
        fields = [
            "name",
            "phone",
            "email",
            "address",
            "website",
            "colour",
            "paper",
            "mail_policy",
            "prints_links",
            "link_days",
            "requires_second_factor",
            "idle_minutes",
            "retention_years",
        ]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "address": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "website": forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
            "paper": forms.RadioSelect,
            "mail_policy": forms.RadioSelect,
        }

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data and data.get("use_colour"):
            data = data.copy()
            data["colour"] = data["use_colour"]
        super().__init__(data, *args, **kwargs)
        self.fields["version"].initial = self.instance.version
        self.nearest_colour = ""

    def clean_colour(self) -> str:
        try:
            return branding.readable(self.cleaned_data["colour"])
        except branding.BadColour as reason:
            self.nearest_colour = reason.nearest
            raise forms.ValidationError(str(reason)) from reason

    def clean_logo(self) -> bytes | None:
        """Return the new logo, or None when there is none."""
        uploaded = self.cleaned_data["logo"]
        content = uploaded.read() if uploaded else decoded(self.data.get("kept_logo", ""))
        if not content:
            return None
        try:
            return branding.clean_logo(content)
        except branding.BadLogo as reason:
            raise forms.ValidationError(str(reason)) from reason

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ONE_LINE:
            if name in cleaned:
                cleaned[name] = " ".join(cleaned[name].split())
        if cleaned.get("remove_logo") and not cleaned.get("logo"):
            self.instance.logo = b""
        elif cleaned.get("logo"):
            self.instance.logo = cleaned["logo"]
        return cleaned

    def said(self) -> list[forms.BoundField]:
        """What patients read of the clinic."""
        return [self[name] for name in ("name", "phone", "email", "address", "website")]

    @property
    def unsaved_logo(self) -> str:
        """The logo that was uploaded and isn't saved yet, in base64, or “”."""
        new = self.cleaned_data.get("logo") if self.is_bound else None
        return base64.b64encode(new).decode() if new else ""

    def values(self) -> dict[str, Any]:
        """Return all that is kept of the form, under the clinic's own names."""
        kept = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return kept | {"logo": self.instance.logo}

    def beside(self, kept: Clinic, fields: list[str]) -> list[tuple[str, str]]:
        """Return what is saved of these fields, each with its label; from now on the form is about that version."""
        typed: Any = self.data
        retyped = typed.copy()
        retyped["version"] = str(kept.version)
        self.data = retyped
        return [(str(self[name].label), _shown(kept, name)) for name in fields]


def _shown(clinic: Clinic, name: str) -> str:
    value = getattr(clinic, name)
    if name == "logo":
        return "another one" if value else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    choice: Callable[[], str] | None = getattr(clinic, f"get_{name}_display", None)
    return choice() if choice else str(value)
