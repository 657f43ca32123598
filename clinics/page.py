"""What every page knows, and the pages shown when something is refused or broken."""

import sys
from dataclasses import asdict
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.views.decorators.http import require_safe

from clinics import audit, carried, logs, outage, pdf
from clinics.access import ALLOWED, Can
from clinics.models import Membership, User

YEAR_S = 31_536_000
AGAIN_S = "5"
UNRECORDED = "Each look at a patient’s data is written into a log, and the log can’t be written at the moment."


class Named(Protocol):
    """A patient, as much of one as a page's title needs."""

    name: str


def shared(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: `demo`, the person's `memberships` and what the menu may show (`can`)."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"demo": settings.DEMO, "memberships": [], "can": {}}
    rows = Membership.objects.filter(user_id=user.pk).select_related("clinic")
    memberships = list(rows.order_by("clinic__name"))
    allowed = frozenset[Can]().union(*(ALLOWED[membership.role] for membership in memberships))
    return {
        "demo": settings.DEMO,
        "memberships": memberships,
        "can": {capability.name.lower(): capability in allowed for capability in Can},
    }


def keep_for_good(response: HttpResponse) -> HttpResponse:
    """Return a response that browsers keep for a year: for addresses that change with what they show."""
    patch_cache_control(response, private=True, max_age=YEAR_S, immutable=True)
    return response


def sent_by_script(request: HttpRequest) -> bool:
    """Whether a page's own script asks, which wants data or a part of a page."""
    return request.headers.get("X-Requested-With") == "fetch"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose secret token is missing or stale with a sentence and a way on."""
    if sent_by_script(request):
        return JsonResponse({"csrf": True}, status=403)
    return render(request, "403.html", {"csrf": True}, status=403)


@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """Say that one is signed in: where people come who sign in beside a page with unsent edits."""
    return render(request, "account/signed_in.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say in one sentence what this role may not do, after noting it in the log."""
    try:
        _note_refusal(request, 403)
    except audit.NotRecorded:
        return unrecorded(request)
    return render(request, "403.html", {"sentence": str(exception)}, status=403)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same answer, and the same entry in the log, for what isn't there and for another clinic's record."""
    try:
        _note_refusal(request, 404)
    except audit.NotRecorded:
        return unrecorded(request)
    return render(request, "404.html", status=404)


def not_drawn(request: HttpRequest, reason: pdf.CannotDraw, about: Named, back: str) -> HttpResponse:
    """Say why there is no sheet, and lead back; while too many are drawn, the browser asks again by itself.

    Then nobody is named: the log needn't tell of a sheet that wasn't begun.
    """
    is_busy = isinstance(reason, pdf.Busy)
    page = {"name": about.name, "reason": reason, "back": back, "is_busy": is_busy}
    response = render(request, "cannot_draw.html", page, status=503 if is_busy else 422)
    if is_busy:
        response["Retry-After"] = response["Refresh"] = AGAIN_S
    return response


def unrecorded(request: HttpRequest) -> HttpResponse:
    """Say that nothing is shown or done while the log can't be written; knows nothing of a patient."""
    return _later(request, f"{UNRECORDED} {outage.why(sys.exception())}".rstrip())


def _note_refusal(request: HttpRequest, status: int) -> None:
    """Note it for a person who is signed in; a missing page counts if its address names a record by number."""
    user, match = getattr(request, "user", None), request.resolver_match
    if not isinstance(user, User) or match is None:
        return
    asked = {name: value for name, value in match.kwargs.items() if isinstance(value, int)}
    if asked or status != 404:
        audit.refused(user, match.view_name, asked, status=status)


def broken(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault, or the machine's; asks no database, so that it can't fail too."""
    if why := outage.why(sys.exception()):
        return _later(request, why)
    return _failed("500.html", 500, number=logs.number(request))


def _later(request: HttpRequest, why: str) -> HttpResponse:
    """Say why it can't be done just now, and give a form back with what was typed, to be sent again."""
    if sent_by_script(request):  # the page keeps what was typed, and tries again itself
        response: HttpResponse = JsonResponse({"why": why}, status=503)
    else:
        is_form = request.method == "POST"
        form = carried.form(request) if is_form else carried.Form()
        response = _failed("503.html", 503, number=logs.number(request), why=why, is_form=is_form, **asdict(form))
    response["Retry-After"] = AGAIN_S
    return response


def _failed(template: str, status: int, **page: Any) -> HttpResponse:
    response = HttpResponse(loader.render_to_string(template, page), status=status)
    add_never_cache_headers(response)  # a failure outside the middleware for it has passed that by
    return response
