"""Screening, red flags, assessment and the referral sheet."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics import audit, pdf
from clinics.access import Can, StaffRequest, check_may, requires
from clinics.page import not_drawn
from patients import assessing, findings_page, referral, referring, screening
from patients.assessment_page import page_of
from patients.forms import CloseFlagForm, Typed, typed_in
from patients.models import Patient, RaisedFlag
from patients.questions import Sheet, sheet_from, sheet_of


@requires(Can.CLINICAL)
def screening_round(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Ask the red-flag questions; what is answered is kept even when it isn't finished."""
    patient = _find(request, patient_id)
    groups = screening.groups()
    if request.method != "POST":
        current = screening.open_round(patient)
        return _screening_page(request, patient, sheet_of(groups, screening.answers_of(current)))
    sheet = sheet_from(groups, request.POST)
    if sheet.contradicts:
        return _screening_page(request, patient, sheet, status=422)
    finish = request.POST.get("then") != "later"
    try:
        saved = screening.save(
            patient,
            sheet.answers,
            seen_version=_number(request.POST.get("version", "")),
            finish=finish,
            at=timezone.now(),
            by=request.user,
        )
    except screening.EditedMeanwhile:
        return _screening_page(request, patient, sheet, status=409, conflict=True)
    if finish and not saved.completed_at:
        return _screening_page(request, patient, sheet_of(groups, sheet.answers), status=422, unfinished=True)
    return _after_screening(request, patient, finished=saved.completed_at is not None)


def _after_screening(request: StaffRequest, patient: Patient, *, finished: bool) -> HttpResponse:
    state = screening.state_of(patient, timezone.now())
    if state.status == "flagged":
        return redirect("screening", patient_id=patient.pk)
    if not finished:
        messages.success(request, "Saved. The screening isn't finished yet.")
        return redirect(patient)
    messages.success(request, state.sentence)
    return redirect("patient" if assessing.latest_of(patient) else "assessment", patient_id=patient.pk)


def _screening_page(
    request: StaffRequest,
    patient: Patient,
    sheet: Sheet,
    *,
    status: int = 200,
    conflict: bool = False,
    unfinished: bool = False,
) -> HttpResponse:
    audit.about(patient, "view screening", by=request.user)
    current = screening.open_round(patient)
    shown = {
        "patient": patient,
        "sheet": sheet,
        "screening_state": screening.state_of(patient, timezone.now()),
        "assessment": assessing.latest_of(patient),
        "version": current.version if current else 0,
        "conflict": conflict,
        "theirs": _theirs(sheet, screening.answers_of(current)) if conflict else None,
        "unfinished": sheet.unfinished if unfinished else [],
    }
    return render(request, "patients/screening.html", shown, status=status)


def _theirs(mine: Sheet, saved: dict[str, bool]) -> Sheet:
    """Return what somebody else answered otherwise than the page that was sent."""
    different = {slug: yes for slug, yes in saved.items() if mine.answers.get(slug) != yes}
    return sheet_of([row.group for row in mine.groups], different)


@requires(Can.SIGN_OFF)
def flag_close(request: StaffRequest, flag_id: int) -> HttpResponse:
    """A therapist closes a red flag with outcome and, where it takes one, the medical assessment."""
    flags = RaisedFlag.objects.visible_to(request.user).select_related("patient", "red_flag", "raised_by", "closed_by")
    flag = get_object_or_404(flags, pk=flag_id)
    check_may(request.user, Can.SIGN_OFF, flag.patient.clinic_id)
    form = CloseFlagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            screening.close(flag, **form.cleaned_data, at=timezone.now(), by=request.user)
        except screening.CannotClose as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, f"Closed: {flag.red_flag.suspects}.")
            return redirect(flag.patient)
    audit.about(flag.patient, "view red flag", by=request.user, subject=flag)
    page = {"form": form, "flag": flag, "patient": flag.patient}
    return render(request, "patients/flag_close.html", page, status=422 if form.errors else 200)


@requires(Can.CLINICAL)
def assessment(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Take the findings; each save is a new assessment on top of the one on the page."""
    patient = _find(request, patient_id)
    if "weigh" in request.POST:
        return _weighed(request, patient, typed_in(request.POST))
    latest = assessing.latest_of(patient)
    if request.method != "POST":
        return _assessment_page(request, patient, page_of(patient, latest))
    typed = typed_in(request.POST)
    if "refill" in request.POST:
        return _assessment_page(request, patient, page_of(patient, latest, typed=typed, refill=True))
    if not typed.form.is_valid():
        return _assessment_page(request, patient, page_of(patient, latest, typed=typed), status=422)
    return _save_assessment(request, patient, typed, first=latest is None)


def _assessment_page(
    request: StaffRequest, patient: Patient, page: dict[str, object], *, status: int = 200
) -> HttpResponse:
    audit.about(patient, "view assessment", by=request.user)
    return render(request, "patients/assessment.html", page, status=status)


def _weighed(request: StaffRequest, patient: Patient, typed: Typed) -> HttpResponse:
    """Show what the ticked findings say, on the page or, for its script, in the panel alone; save nothing."""
    audit.about(patient, "weigh findings", by=request.user)
    if request.POST["weigh"] == "panel":
        weights = findings_page.weights_of(findings_page.catalog_findings(), typed.answers)
        return render(request, "patients/weights.html", {"weights": weights})
    page = page_of(patient, assessing.latest_of(patient), typed=typed, weigh=True)
    return render(request, "patients/assessment.html", page)


def _save_assessment(request: StaffRequest, patient: Patient, typed: Typed, *, first: bool) -> HttpResponse:
    """Save a valid assessment; the first one without a marked muscle takes the driver's usual ones.

    It goes back to the patient or, when asked to, on to the choice of a program.
    """
    values = typed.form.values()
    usual = first and not typed.muscles
    muscles = assessing.usual_findings(values["driver"], values["affected_side"]) if usual else typed.muscles
    try:
        assessing.save(
            patient,
            values,
            findings=muscles,
            answers=typed.answers,
            based_on=typed.form.cleaned_data["based_on"],
            at=timezone.now(),
            by=request.user,
        )
    except assessing.EditedMeanwhile:
        shown = replace(typed, muscles=muscles)
        page = page_of(patient, assessing.latest_of(patient), typed=shown, conflict=True)
        return _assessment_page(request, patient, page, status=409)
    if usual:
        words = f"You marked no muscles, so the usual ones for {values['driver'].short_name} were taken."
        messages.info(request, words)
    messages.success(request, "Assessment saved.")
    if request.POST.get("next") == "program":
        return redirect("program_new", patient_id=patient.pk)
    return redirect(patient)


@requires(Can.CLINICAL)
@require_safe
def referral_pdf(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Print the open red flags for a doctor."""
    patient = _find(request, patient_id)
    flags = [flag for flag in screening.flags_of(patient) if flag.closed_at is None]
    action = "print referral" if flags else "view patient"
    audit.about(patient, action, by=request.user)
    if not flags:
        return render(request, "patients/no_referral.html", {"patient": patient}, status=404)
    sheet = referring.sheet_for(patient, flags, assessing.latest_of(patient), by=request.user, on=timezone.localdate())
    try:
        content = referral.render_pdf(sheet, whose=patient.clinic_id)
    except pdf.CannotDraw as reason:
        return not_drawn(request, reason, patient, patient.get_absolute_url())
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="referral.pdf"'
    return response


def _find(request: StaffRequest, patient_id: int) -> Patient:
    patients = Patient.objects.visible_to(request.user, Can.CLINICAL).select_related("clinic")
    return get_object_or_404(patients, pk=patient_id)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
