"""What those who run the site change of a person's account: whether it is open, and what it may do in the admin.

Each change is in the log, for each clinic that it concerns, and who should know of it is told. Roles in clinics are
not theirs to give: `clinics.people` has them.
"""

from collections.abc import Collection

from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from clinics import audit, people, people_mails
from clinics.models import Clinic, Role, User

RIGHTS = ("is_active", "is_staff", "is_superuser")


@transaction.atomic
def added(user: User, *, by: User) -> None:
    """Write that an account was made."""
    _record("add account", user, RIGHTS, by)


@transaction.atomic
def changed(user: User, fields: Collection[str], *, by: User) -> list[EmailMultiAlternatives]:
    """Write which fields of an account were changed, and return the mails that say so to those whom it concerns.

    A clinic is told that an account of its people was closed or opened by its own log, and of an admin by mail, too.
    """
    if not fields:
        return []
    _record("change account", user, fields, by)
    roles = user.memberships.select_related("clinic").order_by("clinic_id") if "is_active" in fields else []
    for role in roles:
        action = "open account" if user.is_active else "close account"
        audit.record(action, by=by, clinic_id=role.clinic_id, subject=role, person=user.pk, role=role.role)
    mails = [people_mails.new_admin(role, by) for role in roles if user.is_active and role.role == Role.CLINIC_ADMIN]
    if user.is_active and user.is_superuser and not {"is_active", "is_superuser"}.isdisjoint(fields):
        mails.append(people_mails.new_owner(user, by))
    return mails


def left_alone(user: User) -> list[Clinic]:
    """Return the clinics of which a closed account was the only admin."""
    if user.is_active:
        return []
    ruled = Clinic.objects.filter(memberships__user_id=user.pk, memberships__role=Role.CLINIC_ADMIN).order_by("name")
    return [clinic for clinic in ruled if not people.admins_of(clinic.pk).exists()]


def _record(action: str, user: User, fields: Collection[str], by: User) -> None:
    may = [right for right in RIGHTS if getattr(user, right)]
    audit.record(action, by=by, clinic_id=None, subject=f"user:{user.pk}", fields=sorted(fields), may=may)
