"""Who may do what: one table of roles and capabilities, and the questions that are asked of it."""

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from clinics.models import Clinic, Role, User

P = ParamSpec("P")


class Can(Enum):
    """A thing a role may do in its clinic, worded to follow “You may not”."""

    CONTACTS = "see or edit patients' contact data"
    CLINICAL = "see or edit screenings, assessments and programs"
    HANDOUTS = "print or send handouts"
    SIGN_OFF = "close red flags or sign programs off"
    SETTINGS = "change the clinic's settings"
    EXERCISES = "edit the clinic's own exercises"


ALLOWED: dict[str, frozenset[Can]] = {
    Role.THERAPIST: frozenset({Can.CONTACTS, Can.CLINICAL, Can.HANDOUTS, Can.SIGN_OFF}),
    Role.TRAINER: frozenset({Can.CONTACTS, Can.CLINICAL, Can.HANDOUTS}),
    Role.ASSISTANT: frozenset({Can.CONTACTS, Can.HANDOUTS}),
    Role.CLINIC_ADMIN: frozenset({Can.SETTINGS, Can.EXERCISES}),
}


class StaffRequest(HttpRequest):
    """A request of somebody who is signed in; the login middleware lets no other through."""

    user: User


def clinics_where(user: User, can: Can) -> QuerySet[Clinic]:
    """Return the clinics in which the user's role allows `can`; a logo is read only when it is asked for."""
    roles = [role for role, allowed in ALLOWED.items() if can in allowed]
    clinics = Clinic.objects.filter(memberships__user_id=user.pk, memberships__role__in=roles)
    return clinics.order_by("name", "id").defer("logo")


def clinics_of(user: User) -> QuerySet[Clinic]:
    """Return the clinics that the person belongs to, whatever the role."""
    return Clinic.objects.filter(memberships__user_id=user.pk).order_by("name", "id").defer("logo")


def may(user: User, can: Can, clinic_id: int) -> bool:
    """Return whether the user's role in that clinic allows `can`."""
    return clinics_where(user, can).filter(pk=clinic_id).exists()


def check_may(user: User, can: Can, clinic_id: int) -> None:
    """Raise PermissionDenied, with a sentence for the page, unless the user may do that in the clinic."""
    if not may(user, can, clinic_id):
        raise PermissionDenied(f"Your role in this clinic may not {can.value}.")


def requires(
    can: Can,
) -> Callable[
    [Callable[Concatenate[StaffRequest, P], HttpResponse]],
    Callable[Concatenate[StaffRequest, P], HttpResponse],
]:
    """Return a view decorator that refuses people whose role allows `can` in no clinic at all.

    Which records they reach is still decided by `visible_to`.
    """

    def decorate(
        view: Callable[Concatenate[StaffRequest, P], HttpResponse],
    ) -> Callable[Concatenate[StaffRequest, P], HttpResponse]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not clinics_where(request.user, can).exists():
                raise PermissionDenied(f"Your role may not {can.value}.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
