"""Who works in a clinic, and as what: invited, in another role, gone. Only this module writes it, for those who may.

What somebody may do is read anew for each request, so that a change counts from their next one on, in every session.
A clinic always has an admin, unless who runs the site closes the only one's account; `manage.py clinic` then invites
another.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from clinics import audit, wall
from clinics.access import Can, check_may
from clinics.models import Clinic, Invitation, Membership, Role, User

WORKS_FOR = timedelta(hours=72)
TOKEN_BYTES = 32


class CannotChange(Exception):
    """It can't be done; the text is the sentence the page shows."""


class Gone(Exception):
    """The invitation was taken, withdrawn or is too old."""


@transaction.atomic
def invite(clinic: Clinic, *, email: str, role: str, by: User | None, at: datetime | None = None) -> str:
    """Keep an invitation and return its token, which is kept nowhere; an earlier one to this address ends.

    Nothing tells whether the address has an account. `by` is None for who runs the site.
    """
    at, email = at or timezone.now(), email.strip().lower()
    if by is not None:
        check_may(by, Can.PEOPLE, clinic.pk)
    if Membership.objects.filter(clinic=clinic, user__email=email).exists():
        raise CannotChange("Somebody with this address works here already. You can change the role in the list.")
    Invitation.objects.filter(clinic=clinic, email=email, ended_at=None).update(ended_at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = Invitation.objects.create(
        clinic=clinic, email=email, role=role, digest=_digest(token), made_at=at, made_by=by, expires_at=at + WORKS_FOR
    )
    audit.record("invite person", by=by, clinic_id=clinic.pk, subject=made, role=role)
    return token


def admins_of(clinic_id: int) -> QuerySet[Membership]:
    """Return a clinic's admins whose accounts are open."""
    return Membership.objects.filter(clinic_id=clinic_id, role=Role.CLINIC_ADMIN, user__is_active=True)


def open_invitations(at: datetime | None = None) -> QuerySet[Invitation]:
    """Return those that can still be taken."""
    return Invitation.objects.filter(ended_at=None, expires_at__gt=at or timezone.now()).select_related("clinic")


def members(clinic: Clinic) -> QuerySet[Membership]:
    """Return who works there, each with the `browsers` in which they are signed in, and when one was `last_seen`."""
    still = timezone.now() - timedelta(minutes=clinic.idle_minutes)
    rows = clinic.memberships.select_related("user").annotate(
        browsers=Count("user__usersession", filter=Q(user__usersession__last_seen_at__gte=still)),
        last_seen=Max("user__usersession__last_seen_at"),
    )
    return rows.order_by("user__name", "pk")


def find(token: str) -> Invitation:
    """Return the open invitation with this token. Raises Gone."""
    found = open_invitations().filter(digest=_digest(token)).first()
    if found is None:
        raise Gone
    return found


def account_of(invitation: Invitation) -> User | None:
    """Return the account of the invited address, if somebody can sign in to it."""
    user = User.objects.filter(email=invitation.email).first()
    return user if user is not None and user.has_usable_password() else None


@transaction.atomic
def join(invitation: Invitation, user: User) -> Membership:
    """Take the invitation, once, for the person of that address. Raises Gone."""
    if user.email != invitation.email or not user.is_active:
        raise Gone
    if not open_invitations().filter(pk=invitation.pk).update(ended_at=timezone.now()):
        raise Gone
    membership, is_new = Membership.objects.get_or_create(
        clinic=invitation.clinic, user=user, defaults={"role": invitation.role}
    )
    if is_new:
        said: dict[str, Any] = {"person": user.pk, "role": membership.role}
        with wall.only(invitation.clinic_id):  # which wasn't theirs when the request began
            audit.record("join clinic", by=user, clinic_id=invitation.clinic_id, subject=invitation, **said)
    return membership


@transaction.atomic
def join_anew(invitation: Invitation, *, name: str, credentials: str, password: str) -> Membership:
    """Make the account of the invited address, or give it its first password, and take the invitation. Raises Gone."""
    if account_of(invitation) is not None:
        raise Gone
    user = User.objects.filter(email=invitation.email).first()
    if user is None:
        user = User.objects.create_user(invitation.email, password, name=name, credentials=credentials)
    else:
        user.name, user.credentials = name, credentials
        user.set_password(password)
        user.save(update_fields=["name", "credentials", "password"])
    return join(invitation, user)


@transaction.atomic
def withdraw(invitation: Invitation, *, by: User) -> None:
    """End an invitation that nobody has taken."""
    check_may(by, Can.PEOPLE, invitation.clinic_id)
    if open_invitations().filter(pk=invitation.pk).update(ended_at=timezone.now()):
        audit.record("withdraw invitation", by=by, clinic_id=invitation.clinic_id, subject=invitation)


@transaction.atomic
def change_role(membership: Membership, role: str, *, by: User) -> bool:
    """Give a person another role; return whether it is another. Raises CannotChange for the last admin."""
    kept = _locked(membership, by=by)
    if kept.role == role:
        return False
    _check_admin_stays(kept)
    was, kept.role = kept.role, role
    kept.save(update_fields=["role"])
    audit.record("change role", by=by, clinic_id=kept.clinic_id, subject=kept, person=kept.user_id, was=was, role=role)
    return True


@transaction.atomic
def end(membership: Membership, *, by: User) -> None:
    """End a person's access to the clinic; their account and what they wrote stay. Raises CannotChange."""
    kept = _locked(membership, by=by)
    _check_admin_stays(kept)
    audit.record("end membership", by=by, clinic_id=kept.clinic_id, subject=kept, person=kept.user_id, role=kept.role)
    kept.delete()


@transaction.atomic
def sign_out(membership: Membership, *, by: User) -> None:
    """End all sessions of a person; their next page asks to sign in and keeps what they typed."""
    check_may(by, Can.PEOPLE, membership.clinic_id)
    for session in UserSession.objects.filter(user_id=membership.user_id):
        session.end()
    audit.record("end sessions", by=by, clinic_id=membership.clinic_id, subject=f"user:{membership.user_id}")


def _locked(membership: Membership, *, by: User) -> Membership:
    """Return the row as it is now; the clinic is locked, so that two admins can't remove each other at once."""
    Clinic.objects.select_for_update().get(pk=membership.clinic_id)
    check_may(by, Can.PEOPLE, membership.clinic_id)
    kept = Membership.objects.filter(pk=membership.pk).first()
    if kept is None:
        raise CannotChange("This person doesn't work here any more.")
    return kept


def _check_admin_stays(leaving: Membership) -> None:
    if leaving.role == Role.CLINIC_ADMIN and not admins_of(leaving.clinic_id).exclude(pk=leaving.pk).exists():
        raise CannotChange("This is the clinic’s only admin. Make somebody else an admin first.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
