"""The second factor of a sign-in: who needs one, and how the library for it is fitted to this site.

Seeds are sealed in the database, and a code works once.
"""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError

from clinics import secrets, sign_in_log
from clinics.models import Clinic, User

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
SEED = "second factor"
# A code is taken a step of 30 s before and after its own.
CODE_LIVES_S = 90


def is_required(user: User) -> bool:
    """Return whether a clinic of this person asks for one, or what they may do for the whole site: 1 query."""
    if user.is_staff and settings.STAFF_NEED_SECOND_FACTOR:
        return True
    return Clinic.objects.filter(memberships__user_id=user.pk, requires_second_factor=True).exists()


def is_missing(user: User) -> bool:
    """Return whether this person must set one up before anything else: 2 queries at most."""
    return is_required(user) and not is_mfa_enabled(user, FACTORS)


class Adapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "This is your last second factor, and your clinic asks for one. "
        "Add another first.",
    }

    def encrypt(self, text: str) -> str:
        return secrets.seal(text, about=SEED)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.unseal(encrypted_text, about=SEED)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last one stays where one is needed."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS).exclude(
            pk=authenticator.pk
        )
        return others.exists() or not is_required(authenticator.user)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "ReleaseFirst"}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"


class WorksOnce:
    """A code of an app that was taken isn't taken again while it lives, by no worker process."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        try:
            return self._taken(super().clean_code())  # type: ignore[misc]  # the form it is mixed into
        except ValidationError as why:
            sign_in_log.refused(self.user.email, method="code", why=why)
            raise

    def _taken(self, code: str) -> str:
        if self.authenticator.type == Authenticator.Type.TOTP:
            digits = "".join(filter(str.isdigit, code))
            if not cache.add(f"code-taken:{self.user.pk}:{digits}", "y", timeout=CODE_LIVES_S):
                raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(WorksOnce, AuthenticateForm):
    """A code at sign-in."""


class CodeAgainForm(WorksOnce, ReauthenticateForm):
    """A code asked for once more, before something that can't be undone."""

    def save(self) -> None:
        super().save()
        sign_in_log.confirmed(self.user, method=self.authenticator.type)


class RefusalsNoted:
    """A passkey that doesn't open is in the log; one that is none is refused like it."""

    user: User | None

    def clean_credential(self) -> Authenticator:
        try:
            return self._opened()
        except ValidationError as why:
            sign_in_log.refused(self.user.email if self.user else "", method="webauthn", why=why)
            raise

    def _opened(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]  # the form it is mixed into
        except (AttributeError, LookupError, TypeError, ValueError) as malformed:  # as the library reads what was sent
            raise get_adapter().validation_error("incorrect_code") from malformed


class PasskeyForm(RefusalsNoted, AuthenticateWebAuthnForm):
    """A passkey after the password."""


class PasskeyAloneForm(RefusalsNoted, LoginWebAuthnForm):
    """A passkey in place of the password."""


class PasskeyAgainForm(RefusalsNoted, ReauthenticateWebAuthnForm):
    """A passkey asked for once more."""

    def save(self) -> None:
        super().save()
        sign_in_log.confirmed(self.cleaned_data["credential"].user, method="webauthn")
