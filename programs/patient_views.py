"""Today, and a patient's page: the pages that gather what all apps know of a patient."""

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, may, requires
from exercises import desk
from exercises.editors import edits_catalog
from patients import changes, screening
from patients.models import Assessment, Patient
from programs import at_home_panel, timeline, today_page
from programs.at_home_log import Summary
from programs.models import Issue, Program


@require_safe
def today(request: StaffRequest) -> HttpResponse:
    """Show what waits for this person: sign-offs, open red flags, mail that failed, who is due for review, drafts.

    Editors of the shared catalog see what waits there, too.
    """
    page = today_page.read(request.user, at=timezone.now())
    audit.listed(page.patients, "view today", by=request.user, subject="today")
    return render(
        request,
        "programs/today.html",
        {"page": page, "desk": desk.read(request.user) if edits_catalog(request.user) else None},
    )


@requires(Can.CONTACTS)
@require_safe
def patient(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Show contact data and handouts to all who may; screening, assessment, programs and timeline to clinicians."""
    patients = Patient.objects.visible_to(request.user).select_related("clinic")
    found = get_object_or_404(patients, pk=patient_id)
    audit.about(found, "view patient", by=request.user)
    issues = Issue.objects.visible_to(request.user).filter(program__patient=found).select_related("issued_by")
    issues = issues.defer("snapshot").prefetch_related("deliveries")
    clinical = may(request.user, Can.CLINICAL, found.clinic_id)
    at_home = at_home_panel.read(issues, clinical=clinical, at=timezone.now())
    shown = {
        "patient": found,
        "clinical": clinical,
        "may_sign_off": may(request.user, Can.SIGN_OFF, found.clinic_id),
        "issues": issues,
        "at_home": at_home,
        "changes": changes.of(found),
    }
    if clinical:
        noted = [part.noted for part in at_home.values() if part.noted]
        shown |= _clinical(request, found, issues, noted)
    return render(request, "programs/patient.html", shown)


def _clinical(
    request: StaffRequest, found: Patient, issues: Iterable[Issue], noted: Iterable[Summary]
) -> dict[str, object]:
    assessments = Assessment.objects.visible_to(request.user).filter(patient=found).select_related("driver", "by")
    programs = Program.objects.visible_to(request.user).filter(patient=found).select_related("protocol", "created_by")
    flags, programs = screening.flags_of(found), programs.defer("edits").with_progress()
    past = timeline.entries_of(found, flags=flags, programs=programs, issues=issues, noted=noted)
    return {
        "assessment": assessments.with_everything().first(),
        "screening_state": screening.state_of(found, timezone.now()),
        "flags": flags,
        "programs": programs,
        "timeline": timeline.merge(past, most=None if request.GET.get("all") == "1" else timeline.MOST),
    }
