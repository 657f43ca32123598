"""Copy and progress: the next stage from the one that was done."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from programs import builder, progress_page
from programs.models import Stage
from programs.views import find_program, number_in, typed


@requires(Can.CLINICAL)
def progress(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show what each item could become and why; then write the next stage as chosen."""
    program = find_program(request, program_id)
    pace = progress_page.pace_of(typed(request, "pace") or request.GET.get("pace", ""))
    page = progress_page.read(program, pace, by=request.user, at=timezone.now())
    if request.method != "POST":
        audit.about(program.patient, "view progress", by=request.user, subject=program)
        return render(request, "programs/progress.html", _shown(page))
    stage = get_object_or_404(Stage.objects.of(program).select_related("program"), slug=page.target)
    chosen, seen = progress_page.chosen(page, request.POST), number_in(request, "version")
    try:
        builder.fill(stage, chosen, seen_version=seen, by=request.user)
    except builder.EditedMeanwhile:
        audit.about(program.patient, "view progress", by=request.user, subject=program)
        shown = _shown(progress_page.with_choices(page, request.POST)) | {"changed": True}
        return render(request, "programs/progress.html", shown, status=409)
    messages.success(request, f"{page.target_label} is ready to look over.")
    return redirect(program)


def _shown(page: progress_page.ProgressPage) -> dict[str, object]:
    return {
        "page": page,
        "program": page.program,
        "patient": page.program.patient,
        "leave_out": progress_page.LEAVE_OUT,
    }
