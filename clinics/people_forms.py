"""The forms about who works in a clinic; they validate and nothing else."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password

from clinics.models import Invitation, Membership, User


class InviteForm(forms.ModelForm):
    """Whom to invite, and as what."""

    class Meta:
        model = Invitation
        fields = ["email", "role"]
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off"})}
        help_texts: ClassVar[dict[str, str]] = {"email": ""}


class RoleForm(forms.ModelForm):
    """What a person is to be in the clinic."""

    class Meta:
        model = Membership
        fields = ["role"]
        widgets = {"role": forms.Select(attrs={"class": "form-select"})}


class JoinForm(forms.ModelForm):
    """Name and password of somebody who was invited and has no account yet."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text="12 characters or more. A sentence is easy to keep in mind.",
    )
    again = forms.CharField(
        label="The password again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    class Meta:
        model = User
        fields = ["name", "credentials"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password")
        if password and "again" in cleaned and cleaned["again"] != password:
            self.add_error("again", "The two passwords are not the same.")
        if password:
            try:
                validate_password(password, User(email=self.email, name=cleaned.get("name", "")))
            except forms.ValidationError as reasons:
                self.add_error("password", reasons)
        return cleaned
