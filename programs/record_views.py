"""A patient's record as a whole: exported, held, erased, and to whom something of it went."""

import csv
import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, clinics_where, may, requires
from clinics.sign_in import confirmed_lately
from exercises.exchange import formulas
from patients import holding, searching
from patients.models import Patient
from programs import disclosures, erasing, exporting
from programs.record_forms import DisclosureForm, EraseForm, HoldForm

ON_A_PAGE = 50
NOT_CLEAN = (
    "The rows are deleted. The database’s file still has to be cleaned of their traces: "
    "ask who runs the site to call “manage.py erase --clean” when nobody is at work."
)


@requires(Can.ERASE)
@require_http_methods(["GET", "HEAD", "POST"])
def records(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """List the clinic's patients by name, archived ones too, for those who hold or erase records; a POST searches."""
    clinic = get_object_or_404(clinics_where(request.user, Can.ERASE), pk=clinic_id)
    if request.method == "POST":
        return searching.begin(request)
    text = searching.words(request)
    found = Patient.objects.visible_to(request.user, Can.ERASE).filter(clinic=clinic).matching(text)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    audit.listed(page.object_list, "list records", by=request.user, subject="patients")
    held = set(holding.standing(timezone.localdate()).filter(patient__in=page.object_list).values_list("patient"))
    rows = [(patient, (patient.pk,) in held) for patient in page.object_list]
    return render(request, "record/list.html", {"clinic": clinic, "page": page, "rows": rows, "text": text})


@requires(Can.RECORD)
@confirmed_lately
@require_safe
def record(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Show what may be done with a record as a whole."""
    patient = _find(request, patient_id, Can.RECORD)
    audit.about(patient, "view record", by=request.user)
    return _page(request, patient, HoldForm())


@requires(Can.EXPORT)
@confirmed_lately
@require_safe
def export(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Send the whole record as a ZIP."""
    patient = _find(request, patient_id, Can.EXPORT)
    packed = io.BytesIO()  # never a file: a disk would keep it
    exporting.write(patient, packed, by=request.user)
    response = HttpResponse(packed.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="record-{patient.pk}.zip"'
    return response


@requires(Can.ERASE)
@require_POST
def hold(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Keep a record from being erased."""
    patient = _find(request, patient_id, Can.ERASE)
    form = HoldForm(request.POST)
    if not form.is_valid():
        audit.about(patient, "view record", by=request.user)
        return _page(request, patient, form, status=422)
    holding.place(patient, **form.cleaned_data, by=request.user)
    messages.success(request, "The record is held. Nobody can erase it now.")
    return redirect("record", patient_id=patient.pk)


@requires(Can.ERASE)
@require_POST
def lift(request: StaffRequest, patient_id: int, hold_id: int) -> HttpResponse:
    """End a hold."""
    patient = _find(request, patient_id, Can.ERASE)
    holding.lift(get_object_or_404(patient.holds.select_related("patient"), pk=hold_id), by=request.user)
    messages.success(request, "The hold is lifted.")
    return redirect("record", patient_id=patient.pk)


@requires(Can.ERASE)
@confirmed_lately
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Ask for the name and the reason, then erase the record for good."""
    patient = _find(request, patient_id, Can.ERASE)
    form = EraseForm(request.POST if request.method == "POST" else None, patient=patient)
    if not form.is_valid():
        audit.about(patient, "view erase form", by=request.user)
        status = 422 if form.errors else 200
        return render(request, "record/erase.html", {"form": form, "patient": patient}, status=status)
    try:
        erasing.erase(patient, reason=form.cleaned_data["reason"], by=request.user)
    except erasing.CannotErase as reason:
        messages.error(request, str(reason))
        return redirect("record", patient_id=patient.pk)
    if not erasing.leave_no_trace(at_work=True):
        messages.warning(request, NOT_CLEAN)
    messages.success(request, f"The record of patient {patient_id} is erased.")
    return redirect("records", clinic_id=patient.clinic_id)


@requires(Can.RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def disclosed(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Show to whom something of the record went, and note what this site doesn't see."""
    patient = _find(request, patient_id, Can.RECORD)
    form = DisclosureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        disclosures.note(patient, **form.cleaned_data, by=request.user)
        messages.success(request, "Noted.")
        return redirect("disclosures", patient_id=patient.pk)
    audit.about(patient, "view disclosures", by=request.user)
    shown = {"patient": patient, "form": form, "lines": disclosures.lines(patient, at=timezone.now())}
    return render(request, "record/disclosures.html", shown, status=422 if form.errors else 200)


@requires(Can.RECORD)
@require_safe
def disclosed_csv(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Send the same as a table."""
    patient = _find(request, patient_id, Can.RECORD)
    audit.about(patient, "export disclosures", by=request.user)
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(disclosures.COLUMNS)
    for line in disclosures.lines(patient, at=timezone.now()):
        table.writerow([formulas.marked(cell) for cell in line.cells])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="disclosures-{patient.pk}.csv"'
    return response


def _page(request: StaffRequest, patient: Patient, form: HoldForm, *, status: int = 200) -> HttpResponse:
    holds = patient.holds.select_related("placed_by", "lifted_by")
    standing = set(holding.standing(timezone.localdate()).filter(patient=patient).values_list("pk", flat=True))
    shown = {
        "patient": patient,
        "form": form,
        "holds": [(one, one.pk in standing) for one in holds],
        "held": bool(standing),
        "may_export": may(request.user, Can.EXPORT, patient.clinic_id),
        "may_erase": may(request.user, Can.ERASE, patient.clinic_id),
    }
    return render(request, "record/record.html", shown, status=status)


def _find(request: StaffRequest, patient_id: int, can: Can) -> Patient:
    patients = Patient.objects.visible_to(request.user, can).select_related("clinic")
    return get_object_or_404(patients, pk=patient_id)
