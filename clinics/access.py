"""Who may do what: a table of roles and actions, `clinics/actions.csv`, and the questions that are asked of it."""

import csv
from collections.abc import Callable
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from clinics.models import Clinic, Role, User

P = ParamSpec("P")


class Can(Enum):
    """A thing a role may do in its clinic, worded to follow “You may not”."""

    CONTACTS = "see or edit patients' contact data"
    CLINICAL = "see or edit screenings, assessments and programs"
    HANDOUTS = "print or send handouts"
    SIGN_OFF = "close red flags or sign programs off"
    SETTINGS = "change the clinic's settings"
    PEOPLE = "say who works in the clinic"
    LOG = "see who looked at whom"
    EXERCISES = "edit the clinic's own exercises"
    RECORD = "see what was given out of a patient's record, or note it"
    EXPORT = "export a patient's whole record"
    ERASE = "hold or erase patients' records"


def _read() -> dict[str, frozenset[Can]]:
    """Return what each role may do. Raises KeyError or ValueError if an action or a role has no cell."""
    with Path(__file__).with_name("actions.csv").open(encoding="utf-8", newline="") as file:
        rows = {Can[row["action"].upper()]: row for row in csv.DictReader(file, strict=True)}
    if set(rows) != set(Can):
        raise ValueError("clinics/actions.csv must have a row for each action.")
    return {role: frozenset(can for can, row in rows.items() if row[role] == "yes") for role in Role.values}


ALLOWED = _read()


class StaffRequest(HttpRequest):
    """A request of somebody who is signed in; the login middleware lets no other through."""

    user: User


def clinics_where(user: User, can: Can) -> QuerySet[Clinic]:
    """Return the clinics in which the user's role allows `can`."""
    roles = [role for role, allowed in ALLOWED.items() if can in allowed]
    clinics = Clinic.objects.filter(memberships__user_id=user.pk, memberships__role__in=roles)
    return clinics.order_by("name", "id")


def clinics_of(user: User) -> QuerySet[Clinic]:
    """Return the clinics that the person belongs to, whatever the role."""
    return Clinic.objects.filter(memberships__user_id=user.pk).order_by("name", "id")


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
    [Callable[Concatenate[StaffRequest, P], HttpResponseBase]],
    Callable[Concatenate[StaffRequest, P], HttpResponseBase],
]:
    """Return a view decorator that refuses people whose role allows `can` in no clinic at all.

    Which records they reach is still decided by `visible_to`.
    """

    def decorate(
        view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[StaffRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not clinics_where(request.user, can).exists():
                raise PermissionDenied(f"Your role may not {can.value}.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
