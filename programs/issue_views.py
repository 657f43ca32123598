"""Preview, issue, and the stored PDF."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from clinics import audit, pdf
from clinics.access import Can, StaffRequest, requires
from clinics.page import not_drawn, sent_by_script
from programs import checking, drafting, handout_options, issuing, preview_page, sign_offs
from programs.models import Issue, Program
from programs.views import find_program, number_in, typed

REFUSED = {issuing.ChangedMeanwhile: 409, issuing.NotNow: 503}


@requires(Can.CLINICAL)
@require_safe
def preview(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show the handout as it would be issued now beside its options; for scripts the part of the page alone."""
    program = find_program(request, program_id)
    audit.about(program.patient, "preview handout", by=request.user, subject=program)
    options = handout_options.chosen(request.GET, by=request.user, patient=program.patient)
    shown = preview_page.read(program, options, by=request.user)
    page = {"program": program, "patient": program.patient, "preview": shown, "handout": shown.handout}
    return render(request, f"programs/{'beside_' if sent_by_script(request) else ''}preview.html", page)


@requires(Can.CLINICAL)
@require_safe
def preview_pdf(request: StaffRequest, program_id: int) -> HttpResponse:
    """Draw the PDF as it would be issued now, and keep nothing of it; scripts are told how long it is.

    How long it is says nothing of the patient, and a script asks it for a sheet whose look is in the log already.
    """
    program = find_program(request, program_id)
    options = handout_options.chosen(request.GET, by=request.user, patient=program.patient)
    try:
        pdf.look_for_room(program.patient.clinic_id)
        if not sent_by_script(request):
            audit.about(program.patient, "preview handout", by=request.user, subject=program)
        drawn = preview_page.draw(program, options, by=request.user)
    except pdf.CannotDraw as reason:
        if sent_by_script(request):
            return JsonResponse({"said": str(reason)})
        return not_drawn(request, reason, program.patient, program.get_absolute_url())
    if sent_by_script(request):
        return JsonResponse({"said": preview_page.length(drawn, options)})
    return _pdf(drawn.content, f"preview-{_slug_of(program)}.pdf")


@requires(Can.CLINICAL)
def issue(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show what stands in the way and take the reasons; then freeze the program and show the handout."""
    program = find_program(request, program_id)
    asked = request.POST if request.method == "POST" else request.GET
    options = handout_options.chosen(asked, by=request.user, patient=program.patient)
    refused, status = "", 200
    if request.method == "POST":
        try:
            made = issuing.issue(
                program,
                number=number_in(request, "number"),
                seen_version=number_in(request, "version"),
                reasons=_reasons(request),
                by=request.user,
                options=options,
            )
            return redirect(f"{reverse('patient', args=[program.patient_id])}#issue-{made.pk}")
        except issuing.CannotIssue as reason:
            refused, status = str(reason), REFUSED.get(type(reason), 422)
    return _issue_page(request, program, options, refused, status)


def _issue_page(
    request: StaffRequest, program: Program, options: handout_options.Options, refused: str, status: int
) -> HttpResponse:
    audit.about(program.patient, "view issue form", by=request.user, subject=program)
    verdicts = checking.verdicts_on(program, by=request.user, at=timezone.now())
    said = {verdict.key: checking.acceptance(program, verdict) for verdict in verdicts}
    accepted = {key: found["reason"] for key, found in said.items() if found}
    reasons = accepted | _reasons(request)
    page = {
        "program": program,
        "patient": program.patient,
        "refused": refused,
        "number": drafting.next_number(program),
        "skipped": drafting.skipped_stages(program),
        "look": preview_page.look_of(options),
        "stops": [verdict for verdict in verdicts if verdict.forbids],
        "warnings": [(verdict, reasons.get(verdict.key, "")) for verdict in verdicts if verdict.needs_reason],
        "notes": [verdict for verdict in verdicts if verdict.level == "note"],
        "needs_sign_off": any(verdict.rule == "sign_off" for verdict in verdicts),
        "waiting": sign_offs.waiting_on(program),
        "shortest": issuing.SHORTEST_REASON,
    }
    return render(request, "programs/issue.html", page, status=status)


@requires(Can.HANDOUTS)
@require_safe
def handout_pdf(request: StaffRequest, issue_id: int) -> HttpResponse:
    """Answer with the bytes that were issued, whatever has changed since."""
    issues = Issue.objects.visible_to(request.user).select_related("program__patient", "pdf")
    found = get_object_or_404(issues, pk=issue_id)
    audit.about(found.program.patient, "print handout", by=request.user, subject=found)
    how = "attachment" if "download" in request.GET else "inline"
    return _pdf(bytes(found.pdf.content), f"exercise-program-{_slug_of(found.program)}-v{found.number}.pdf", how)


def _pdf(content: bytes, name: str, how: str = "inline") -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    return response


def _slug_of(program: Program) -> str:
    return slugify(program.patient.name) or "patient"


def _reasons(request: StaffRequest) -> dict[str, str]:
    return {name.removeprefix("reason-"): typed(request, name) for name in request.POST if name.startswith("reason-")}
