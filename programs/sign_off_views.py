"""A trainer asks, a therapist answers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from programs import bench, builder_page, checking, sign_offs
from programs.forms import SignOffAnswerForm, SignOffQuestionForm
from programs.models import SignOff
from programs.views import find_program


@requires(Can.CLINICAL)
def ask(request: StaffRequest, program_id: int) -> HttpResponse:
    """Say why a therapist must look, take a message, and put it on the therapists' Today page."""
    program = find_program(request, program_id)
    patient = program.patient
    now = timezone.now()
    at_hand = bench.read(program.pk, by=request.user)
    reasons = checking.sign_off_reasons(at_hand, checking.facts_of(at_hand, at=now), now)
    form = SignOffQuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sign_offs.ask(program, reasons=reasons, question=form.cleaned_data["question"], by=request.user)
        except sign_offs.CannotAsk as reason:
            messages.info(request, str(reason))
        else:
            messages.success(request, "Asked. It waits on the therapists' Today page.")
        return redirect(program)
    audit.about(patient, "view sign-off form", by=request.user, subject=program)
    page = {"form": form, "program": program, "patient": patient, "reasons": reasons}
    return render(request, "programs/sign_off_ask.html", page, status=422 if form.errors else 200)


@requires(Can.SIGN_OFF)
def decide(request: StaffRequest, sign_off_id: int) -> HttpResponse:
    """Show a therapist the program with its checks and the trainer's words, and take the answer."""
    rows = SignOff.objects.visible_to(request.user, Can.SIGN_OFF).select_related(
        "program__patient__clinic", "asked_by", "decided_by"
    )
    waiting = get_object_or_404(rows, pk=sign_off_id)
    program, refused, status = waiting.program, "", 200
    form = SignOffAnswerForm(request.POST or None, initial={"version": program.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            sign_offs.decide(
                waiting,
                approved=given["approved"],
                answer=given["answer"],
                seen_version=given["version"],
                by=request.user,
            )
        except sign_offs.CannotDecide as reason:
            refused, status = str(reason), 409
            waiting = get_object_or_404(rows, pk=sign_off_id)
            program = waiting.program
            retyped = request.POST.copy()
            retyped["version"] = str(program.version)
            form.data = retyped
        else:
            messages.success(request, f"{waiting.asked_by} has your answer.")
            return redirect("today")
    audit.about(program.patient, "view sign-off", by=request.user, subject=waiting)
    page = builder_page.read(program, by=request.user, at=timezone.now())
    shown = {
        "form": form,
        "refused": refused,
        "waiting": waiting,
        "program": program,
        "patient": program.patient,
        "page": page,
    }
    return render(request, "programs/sign_off.html", shown, status=422 if form.errors else status)
