"""What tests of signing in share: a person with a password, codes of an app, mails that were handed over."""

import time

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.mail import EmailMessage
from django.http import HttpResponse
from django.test import Client

from clinics import sign_in
from clinics.models import Clinic, Role, User
from tests.conftest import make_user

PASSWORD = "a long enough password"


def make_person(*, clinic: Clinic | None = None) -> User:
    """Return a therapist who can sign in with PASSWORD."""
    user = make_user(Role.THERAPIST, clinic=clinic)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def give_app(user: User) -> str:
    """Set up an authenticator app for the person and return its seed."""
    seed = generate_totp_secret()
    TOTP.activate(user, seed)
    return seed


def give_recovery_codes(user: User) -> list[str]:
    return RecoveryCodes.activate(user).generate_codes()


def code_of(seed: str, *, steps: int = 0) -> str:
    """Return what the app shows now, or that many steps of 30 s later."""
    return format_hotp_value(hotp_value(seed, int(time.time()) // 30 + steps))


def log_in(client: Client, user: User, password: str = PASSWORD, **more: str) -> HttpResponse:
    return client.post("/accounts/login/", {"login": user.email, "password": password}, **more)


def is_in(client: Client) -> bool:
    """Return whether a page that needs a sign-in opens."""
    return client.get("/exercises/").status_code == 200


def mails() -> list[EmailMessage]:
    """Return the mails so far, when all that wait are handed over."""
    sign_in.POST_OFFICE.submit(int).result()
    return mail.outbox
