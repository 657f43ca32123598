"""The builder: one page, and one small form per edit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from exercises.models import Exercise, Protocol
from exercises.vocabulary import STAGES, Phase
from patients import assessing
from patients.models import Patient
from programs import builder as edit
from programs import builder_page, fixing, starting
from programs.forms import ItemForm
from programs.models import Item, Program, Stage


def find_program(request: StaffRequest, program_id: int) -> Program:
    """Return the program if this person may see it; else the same 404 as if it weren't there."""
    programs = Program.objects.visible_to(request.user).select_related("patient__clinic")
    return get_object_or_404(programs, pk=program_id)


def find_item(request: StaffRequest, item_id: int) -> Item:
    """Return the item if this person may see its program; else 404."""
    items = Item.objects.visible_to(request.user).select_related("exercise", "stage__program__patient__clinic")
    return get_object_or_404(items, pk=item_id)


def typed(request: StaffRequest, name: str) -> str:
    """Return a posted text without the one character that no database keeps."""
    return request.POST.get(name, "").replace("\0", "")


def number_in(request: StaffRequest, name: str) -> int:
    """Return a posted whole number of at most nine digits, or 0."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@requires(Can.CLINICAL)
def program_new(request: StaffRequest, patient_id: int) -> HttpResponse:
    """Start a program from one of the driver's protocols, or empty."""
    patient = get_object_or_404(
        Patient.objects.visible_to(request.user, Can.CLINICAL).select_related("clinic"), pk=patient_id
    )
    assessment = assessing.latest_of(patient)
    if assessment is None:
        messages.info(request, "First say what you found and what you suspect; the program starts from that.")
        return redirect("assessment", patient_id=patient.pk)
    protocols = Protocol.objects.for_driver(assessment.driver)
    if request.method == "POST":
        chosen = protocols.filter(slug=typed(request, "protocol")).first()
        try:
            return redirect(edit.start(patient, protocol=chosen, by=request.user))
        except edit.CannotEdit as reason:
            messages.error(request, str(reason))
    else:
        audit.about(patient, "view program start", by=request.user)
    offers = starting.offers(protocols, assessment, on=timezone.localdate())
    page = {"patient": patient, "assessment": assessment, "offers": offers}
    return render(request, "programs/new.html", page)


@requires(Can.CLINICAL)
@require_safe
def builder(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show the active stage in phases, the checks, and the catalog to add from."""
    program = find_program(request, program_id)
    audit.about(program.patient, "view program", by=request.user, subject=program)
    page = builder_page.read(program, by=request.user, at=timezone.now())
    text, phase = request.GET.get("q", "").replace("\0", "").strip()[:80], request.GET.get("phase", "")
    found = builder_page.search(text, phase, page.assessment.driver)
    shown = {
        "page": page,
        "program": program,
        "patient": program.patient,
        "assessment": page.assessment,
        "screening_state": page.state,
        "found": found,
        "phases": list(Phase),
        "stages": STAGES,
    }
    return render(request, "programs/builder.html", shown)


@requires(Can.CLINICAL)
@require_POST
def item_add(request: StaffRequest, program_id: int) -> HttpResponse:
    """Add an exercise to the active stage; it lands at the end of its phase."""
    program = find_program(request, program_id)
    exercise = get_object_or_404(Exercise.objects.published(), slug=typed(request, "exercise"))
    stage = get_object_or_404(Stage.objects.of(program), slug=program.stage_slug)
    item = edit.add(stage, exercise, by=request.user)
    messages.success(request, f"{exercise.name} added to {Phase(item.phase).label}.")
    return _back_to(request, program, anchor=f"item-{item.pk}")


@requires(Can.CLINICAL)
@require_POST
def item_move(request: StaffRequest, item_id: int) -> HttpResponse:
    """Move an item up or down within its phase."""
    item = find_item(request, item_id)
    edit.move(item, up=request.POST.get("to") == "up", by=request.user)
    return _back_to(request, item.stage.program, anchor=f"item-{item.pk}")


@requires(Can.CLINICAL)
@require_POST
def item_place(request: StaffRequest, item_id: int) -> HttpResponse:
    """Put an item into a phase: its own, or another as an override."""
    item = find_item(request, item_id)
    phase = request.POST.get("phase", "")
    if phase in set(Phase):
        edit.place(item, Phase(phase), by=request.user)
    return _back_to(request, item.stage.program, anchor=f"item-{item.pk}")


@requires(Can.CLINICAL)
@require_POST
def item_remove(request: StaffRequest, item_id: int) -> HttpResponse:
    """Take an item out of the program."""
    item = find_item(request, item_id)
    edit.remove(item, by=request.user)
    messages.success(request, f"{item.exercise.name} removed.")
    return _back_to(request, item.stage.program, anchor=f"phase-{item.phase}")


@requires(Can.CLINICAL)
def item_edit(request: StaffRequest, item_id: int) -> HttpResponse:
    """Edit dose, side and note; when somebody was quicker, show both and keep what was typed."""
    item = find_item(request, item_id)
    program = item.stage.program
    form = ItemForm(request.POST or None, instance=item)
    shown = {
        "form": form,
        "item": item,
        "program": program,
        "patient": program.patient,
        "phases": list(Phase),
    }
    if request.method != "POST":
        audit.about(program.patient, "view item", by=request.user, subject=item)
        return render(request, "programs/item.html", shown)
    if not form.is_valid():
        return render(request, "programs/item.html", shown, status=422)
    current = find_item(request, item_id)
    try:
        edit.change(current, form.values(), seen_version=form.cleaned_data["version"], by=request.user)
    except edit.EditedMeanwhile:
        retyped = request.POST.copy()
        retyped["version"] = str(current.version)
        form.data = retyped
        theirs = [(str(bound.label), getattr(current, bound.name)) for bound in form.visible_fields()]
        return render(request, "programs/item.html", shown | {"theirs": theirs}, status=409)
    messages.success(request, f"{item.exercise.name}: dose saved.")
    return _back_to(request, program, anchor=f"item-{item.pk}")


@requires(Can.CLINICAL)
@require_POST
def fix(request: StaffRequest, program_id: int) -> HttpResponse:
    """Carry out one of the fixes that a verdict offers, if it is still offered."""
    program = find_program(request, program_id)
    try:
        found = fixing.carry_out_offered(program, typed(request, "fix"), by=request.user, at=timezone.now())
    except (fixing.NoSuchFix, edit.CannotEdit) as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, f"Done: {found.label}.")
    return _back_to(request, program, anchor="checks")


@requires(Can.CLINICAL)
@require_POST
def stage_choose(request: StaffRequest, program_id: int) -> HttpResponse:
    """Make another stage the active one."""
    program = find_program(request, program_id)
    slug = request.POST.get("stage", "")
    if slug in dict(STAGES) and slug != program.stage_slug:
        edit.choose_stage(program, slug, by=request.user)
    return redirect(program)


@requires(Can.CLINICAL)
@require_POST
def next_visit(request: StaffRequest, program_id: int) -> HttpResponse:
    """Write the line about the next visit."""
    program = find_program(request, program_id)
    edit.set_next_visit(program, typed(request, "next_visit").strip()[:120], by=request.user)
    messages.success(request, "Next visit saved.")
    return _back_to(request, program, anchor="next-visit")


def _back_to(request: StaffRequest, program: Program, *, anchor: str) -> HttpResponse:
    """Return to the builder with the search as it was, at the place that was edited."""
    kept = {name: request.POST[name] for name in ("q", "phase_filter") if request.POST.get(name)}
    query = urlencode({"q": kept.get("q", ""), "phase": kept.get("phase_filter", "")}) if kept else ""
    return redirect(f"{program.get_absolute_url()}{'?' + query if query else ''}#{anchor}")
