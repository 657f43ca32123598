"""Finding a program for a person, and starting one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from exercises.models import Protocol
from patients import assessing
from patients.models import Patient
from programs import builder, clinic_protocols, starting
from programs.models import Program


def find_program(request: StaffRequest, program_id: int) -> Program:
    """Return the program if this person may see it; else the same 404 as if it weren't there."""
    programs = Program.objects.visible_to(request.user).select_related("patient__clinic")
    return get_object_or_404(programs, pk=program_id)


def typed(request: StaffRequest, name: str) -> str:
    """Return a posted text without the one character that no database keeps."""
    return request.POST.get(name, "").replace("\0", "")


def number_in(request: StaffRequest, name: str) -> int:
    """Return a posted whole number of at most nine digits, or 0."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@requires(Can.CLINICAL)
def program_new(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Start a program from one of the clinic's or the catalog's protocols for the driver, or empty."""
    patient = get_object_or_404(
        Patient.objects.visible_to(request.user, Can.CLINICAL).select_related("clinic"),
        pk=patient_id,
    )
    assessment = assessing.latest_of(patient)
    if assessment is None:
        messages.info(request, "First say what you found and what you suspect; the program starts from that.")
        return redirect("assessment", patient_id=patient.pk)
    protocols = Protocol.objects.for_driver(assessment.driver)
    if request.method == "POST":
        try:
            if "clinic_protocol" in request.POST:
                number = number_in(request, "clinic_protocol")
                return redirect(clinic_protocols.start(patient, number, assessment, by=request.user))
            chosen = protocols.filter(slug=typed(request, "protocol")).first()
            return redirect(builder.start(patient, protocol=chosen, by=request.user))
        except (builder.CannotEdit, clinic_protocols.CannotSave) as reason:
            messages.error(request, str(reason))
    audit.about(patient, "view program start", by=request.user)
    ours, today = clinic_protocols.to_start_from(patient, assessment.driver, by=request.user), timezone.localdate()
    page = {
        "patient": patient,
        "assessment": assessment,
        "clinic_offers": starting.clinic_offers(ours, assessment, on=today),
        "offers": starting.offers(protocols, assessment, on=today),
    }
    return render(request, "programs/new.html", page)
