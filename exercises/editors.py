"""Who edits the shared catalog: staff with the right to change exercises."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from clinics.access import StaffRequest
from clinics.models import User

P = ParamSpec("P")


def edits_catalog(user: User) -> bool:
    """Whether the person edits exercises of the shared catalog."""
    return user.is_staff and user.has_perm("exercises.change_exercise")


def for_editors(
    view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
) -> Callable[Concatenate[StaffRequest, P], HttpResponseBase]:
    """Let a view refuse everybody but editors of the shared catalog."""

    @wraps(view)
    def guarded(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not edits_catalog(request.user):
            raise PermissionDenied("Only editors of the shared catalog may do this.")
        return view(request, *args, **kwargs)

    return guarded
