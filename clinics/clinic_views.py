"""A clinic's settings, for its admins; its logo, for its people."""

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinics import branding, records
from clinics.access import Can, StaffRequest, clinics_of, clinics_where, requires
from clinics.forms import ClinicForm
from clinics.page import keep_for_good


@requires(Can.SETTINGS)
@require_safe
def own(request: StaffRequest) -> HttpResponse:
    """Go to the settings of the person's clinic; those of several choose."""
    clinics = list(clinics_where(request.user, Can.SETTINGS))
    if len(clinics) == 1:
        return redirect("clinic", clinic_id=clinics[0].pk)
    return render(request, "clinics/list.html", {"clinics": clinics})


@requires(Can.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """Show and save what a clinic says of itself and how its handouts look; “look” shows it without saving.

    When somebody was quicker, show what they changed beside what was typed.
    """
    clinic = get_object_or_404(clinics_where(request.user, Can.SETTINGS), pk=clinic_id)
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ClinicForm(*typed, instance=clinic)
    shown = {"form": form, "clinic": form.instance}
    if not form.is_valid() or "look" in request.POST:
        return render(request, "clinics/settings.html", shown, status=422 if form.errors else 200)
    try:
        changed = records.update(clinic, form.values(), seen_version=form.cleaned_data["version"], by=request.user)
    except records.EditedMeanwhile as quicker:
        shown |= {"theirs": form.beside(quicker.clinic, quicker.fields), "were_quicker": True}
        return render(request, "clinics/settings.html", shown, status=409)
    messages.success(request, "Saved." if changed else "Nothing was changed.")
    return redirect("clinic", clinic_id=clinic.pk)


@require_safe
def logo(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """Send the clinic's logo to its people; browsers keep it for good when `v` names this one."""
    clinic = get_object_or_404(clinics_of(request.user), pk=clinic_id)
    if not clinic.logo:
        raise Http404("This clinic has no logo.")
    response = HttpResponse(clinic.logo, content_type="image/png")
    return keep_for_good(response) if request.GET.get("v") == branding.key(clinic.logo) else response


@require_safe
def colour(request: HttpRequest, digits: str) -> HttpResponse:
    """Send a style sheet that gives handouts on the page this colour: the page itself may hold no style."""
    if not re.fullmatch(r"[0-9a-f]{6}", digits):
        raise Http404("This isn't a colour.")
    return keep_for_good(HttpResponse(f".handout {{ --accent: #{digits}; }}\n", content_type="text/css; charset=utf-8"))
