"""Preview, issue, and the stored PDF."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from programs import checking, issuing, sign_offs
from programs.models import Issue, Program
from programs.views import find_program, number_in, typed


@requires(Can.CLINICAL)
@require_safe
def preview(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show the handout as it would be issued now, by the template that the PDF uses."""
    program = find_program(request, program_id)
    audit.about(program.patient, "preview handout", by=request.user, subject=program)
    items = issuing.active_items(program)
    assessment = issuing.current_assessment(program)
    draft = issuing.draft(program, items, assessment, by=request.user, on=timezone.localdate())
    pictures = issuing.picture_addresses(items)
    page = {
        "program": program,
        "patient": program.patient,
        "handout": draft.with_figures_at(pictures.__getitem__),
    }
    return render(request, "programs/preview.html", page)


@requires(Can.CLINICAL)
def issue(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show what stands in the way and take the reasons; then freeze the program and show the handout."""
    program = find_program(request, program_id)
    refused, status = "", 200
    if request.method == "POST":
        try:
            made = issuing.issue(
                program,
                number=number_in(request, "number"),
                seen_version=number_in(request, "version"),
                reasons=_reasons(request),
                by=request.user,
            )
            return redirect(f"{reverse('patient', args=[program.patient_id])}#issue-{made.pk}")
        except issuing.CannotIssue as reason:
            refused, status = str(reason), 409 if isinstance(reason, issuing.ChangedMeanwhile) else 422
    else:
        audit.about(program.patient, "view issue form", by=request.user, subject=program)
    return _issue_page(request, program, refused, status)


def _issue_page(request: StaffRequest, program: Program, refused: str, status: int) -> HttpResponse:
    verdicts = checking.verdicts_on(program, by=request.user, at=timezone.now())
    said = {verdict.key: checking.acceptance(program, verdict) for verdict in verdicts}
    accepted = {key: found["reason"] for key, found in said.items() if found}
    typed = accepted | _reasons(request)
    page = {
        "program": program,
        "patient": program.patient,
        "refused": refused,
        "number": issuing.next_number(program),
        "stops": [verdict for verdict in verdicts if verdict.forbids],
        "warnings": [(verdict, typed.get(verdict.key, "")) for verdict in verdicts if verdict.needs_reason],
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
    patient = found.program.patient
    audit.about(patient, "print handout", by=request.user, subject=found)
    name = f"exercise-program-{slugify(patient.name) or 'patient'}-v{found.number}.pdf"
    response = HttpResponse(bytes(found.pdf.content), content_type="application/pdf")
    how = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f'{how}; filename="{name}"'
    return response


def _reasons(request: StaffRequest) -> dict[str, str]:
    return {name.removeprefix("reason-"): typed(request, name) for name in request.POST if name.startswith("reason-")}
