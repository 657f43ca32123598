"""Copy from another patient: search, look, take over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from patients import searching
from programs import builder, copy_page, copying
from programs.copying import Copied
from programs.models import Program, Stage
from programs.views import find_program, number_in, typed


@requires(Can.CLINICAL)
def copy(request: StaffRequest, program_id: int) -> HttpResponse:
    """Search, show what other patients' programs hold and what of it suits this patient; then take one stage over."""
    program = find_program(request, program_id)
    if "q" in request.POST:
        return searching.begin(request)
    if request.method == "POST":
        return _take_over(request, program)
    return _page(request, copy_page.read(program, searching.words(request), by=request.user, at=timezone.now()))


def _take_over(request: StaffRequest, program: Program) -> HttpResponse:
    source = _find_source(request, program)
    ticked = bool(request.POST.get("unsuitable"))
    try:
        copied = copying.copy(
            source,
            program,
            append=request.POST.get("mode") != "replace",
            unsuitable=ticked,
            seen_version=number_in(request, "version"),
            at=timezone.now(),
            by=request.user,
        )
    except copying.NothingToCopy as reason:
        messages.warning(request, str(reason))
        return redirect(request.get_full_path())
    except builder.EditedMeanwhile:
        page = copy_page.read(program, searching.words(request), by=request.user, at=timezone.now())
        return _page(request, copy_page.with_choice(page, source.pk, ticked=ticked), changed=True)
    messages.success(request, _said(copied))
    return redirect(program)


def _find_source(request: StaffRequest, program: Program) -> Stage:
    """Return the other patient's stage that was chosen, if this person may see it; else 404."""
    others = Program.objects.visible_to(request.user).exclude(patient=program.patient_id)
    theirs = get_object_or_404(others.select_related("patient"), pk=number_in(request, "source"))
    stages = Stage.objects.of(theirs).select_related("program__patient")
    return get_object_or_404(stages, slug=typed(request, "stage"))


def _page(request: StaffRequest, page: copy_page.CopyPage, *, changed: bool = False) -> HttpResponse:
    """Show the page, after noting in the log whose programs it shows."""
    audit.about(page.program.patient, "view copy page", by=request.user, subject=page.program)
    for owner in page.owners:
        programs = [source.program.pk for source in owner.sources]
        audit.about(owner.patient, "view program for copying", by=request.user, programs=programs)
    shown = {"page": page, "program": page.program, "patient": page.program.patient, "changed": changed}
    return render(request, "programs/copy.html", shown, status=409 if changed else 200)


def _said(copied: Copied) -> str:
    """Return in a sentence what came over and what didn't."""
    count = len(copied.taken)
    took = f"{count} exercise{'s' if count != 1 else ''} came over."
    return f"{took} Left out: {', '.join(copied.left_out)}." if copied.left_out else took
