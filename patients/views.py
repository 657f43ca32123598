"""Contact data: the list, new, edit, archive."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinics import audit
from clinics.access import Can, StaffRequest, clinics_where, requires
from patients import records, searching
from patients.forms import PatientForm
from patients.list_page import rows_of
from patients.models import Patient

ON_A_PAGE = 50


@requires(Can.CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def patient_list(request: StaffRequest) -> HttpResponse:
    """List patients by name, clinicians also see driver and screening; a POST searches."""
    if request.method == "POST":
        return searching.begin(request, archived="1" if request.POST.get("archived") == "1" else "")
    text = searching.words(request)
    archived = request.GET.get("archived") == "1"
    patients = Patient.objects.visible_to(request.user).filter(archived_at__isnull=not archived).matching(text)
    page = Paginator(patients.select_related("clinic"), ON_A_PAGE).get_page(request.GET.get("page"))
    audit.listed(page.object_list, "list patients", by=request.user, subject="patients")
    rows = rows_of(list(page.object_list), by=request.user, at=timezone.now())
    shown = {"page": page, "rows": rows, "text": text, "archived": archived}
    return render(request, "patients/list.html", shown)


@requires(Can.CONTACTS)
def patient_new(request: StaffRequest) -> HttpResponse:
    """Add a patient to the person's clinic, and go on to the screening."""
    clinics = list(clinics_where(request.user, Can.CONTACTS))
    form = PatientForm(request.POST or None, clinics=clinics)
    if request.method == "POST" and form.is_valid():
        clinic = form.cleaned_data.get("clinic") or clinics[0]
        patient = records.create(clinic, form.values(), by=request.user, form_key=form.cleaned_data["form_key"])
        messages.success(request, f"{patient.name} is added.")
        clinical = clinics_where(request.user, Can.CLINICAL).filter(pk=clinic.pk).exists()
        return redirect("screening" if clinical else "patient", patient_id=patient.pk)
    return render(request, "patients/form.html", {"form": form}, status=422 if form.errors else 200)


@requires(Can.CONTACTS)
def patient_edit(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Change contact data; when somebody was quicker, show theirs beside what was typed."""
    patient = _find(request, patient_id)
    form = PatientForm(request.POST or None, instance=_find(request, patient_id))
    if not form.is_valid():
        audit.about(patient, "view patient form", by=request.user)
        status = 422 if request.method == "POST" else 200
        return render(request, "patients/form.html", {"form": form, "patient": patient}, status=status)
    try:
        records.update(patient, form.values(), seen_version=form.cleaned_data["version"], by=request.user)
    except records.EditedMeanwhile:
        audit.about(patient, "view patient form", by=request.user)
        retyped = request.POST.copy()
        retyped["version"] = str(patient.version)
        form.data = retyped
        theirs = form.saved(patient)
        return render(request, "patients/form.html", {"form": form, "patient": patient, "theirs": theirs}, status=409)
    messages.success(request, "Saved.")
    return redirect(patient)


@requires(Can.CONTACTS)
@require_POST
def patient_archive(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Take a patient off the lists, or bring one back."""
    patient = _find(request, patient_id)
    if request.POST.get("bring_back"):
        records.bring_back(patient, by=request.user)
        messages.success(request, f"{patient.name} is back on the list.")
        return redirect(patient)
    records.archive(patient, by=request.user)
    messages.success(request, f"{patient.name} is archived. Nothing was deleted.")
    return redirect("patients")


def _find(request: StaffRequest, patient_id: int) -> Patient:
    patients = Patient.objects.visible_to(request.user).select_related("clinic")
    return get_object_or_404(patients, pk=patient_id)
