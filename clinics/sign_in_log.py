"""What of signing in goes into the audit log: who came in and how, who was refused, what was changed of an account.

Never what was typed: people type passwords where an address belongs.
"""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from clinics import audit
from clinics.addresses import client_address
from clinics.models import User

TOO_MANY = "too_many_login_attempts"
# By the mail that tells a person of it; the library sends one with each change.
CHANGES = {
    "mfa/email/totp_activated": ("add second factor", "totp"),
    "mfa/email/totp_deactivated": ("remove second factor", "totp"),
    "mfa/email/webauthn_added": ("add second factor", "webauthn"),
    "mfa/email/webauthn_removed": ("remove second factor", "webauthn"),
    "mfa/email/recovery_codes_generated": ("add second factor", "recovery_codes"),
}


def came_in(request: HttpRequest, user: User) -> list[str]:
    """Write that a person signed in, and with what; return that."""
    methods = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
    by_person("sign in", user, methods=methods)
    return methods


def confirmed(user: User, *, method: str) -> None:
    """Write that a person said once more who they are, and give the session another key, as at a sign-in."""
    session = context.request.session
    before = session.session_key
    session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=session.session_key)
    by_person("confirm sign-in", user, method=method)


def refused(email: str, *, method: str, why: ValidationError | None = None) -> None:
    """Write that a try failed: 1 query more, whether or not there is such an account.

    Tries that aren't even looked at are noted once a minute and address, so that nobody fills the log with them.
    """
    if why is not None and why.code == TOO_MANY:
        locked(email, method=method)
    else:
        _write("refuse sign-in", email, method)


def locked(email: str, *, method: str) -> None:
    """Write that somebody used up their tries, once a minute and address."""
    if ratelimit.consume(context.request, app="allauth.account", action="lock_noted"):
        _write("lock sign-in", email, method)


def changed(user: User, mail: str) -> None:
    """Write which factor a person changed, if that is what the library is about to tell them."""
    if mail in CHANGES and context.request.user == user:
        action, method = CHANGES[mail]
        by_person(action, user, method=method)


def by_person(action: str, user: User, **detail: Any) -> None:
    """Write one entry about a person's own account."""
    clinic, address = _clinic_of(pk=user.pk)[1], client_address(context.request)
    audit.record(action, by=user, clinic_id=clinic, subject=f"user:{user.pk}", address=address, **detail)


def _write(action: str, email: str, method: str) -> None:
    pk, clinic = _clinic_of(email=email.strip().lower())
    subject, address = f"user:{pk or 'unknown'}", client_address(context.request)
    audit.record(action, by=None, clinic_id=clinic, subject=subject, method=method, address=address)


def _clinic_of(**who: Any) -> tuple[int | None, int | None]:
    """Return the account and its first clinic, in whose chain the entry goes: 1 query."""
    found = User.objects.filter(**who).order_by("memberships__clinic_id").values_list("pk", "memberships__clinic_id")
    return found.first() or (None, None)
