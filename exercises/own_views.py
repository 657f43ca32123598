"""The pages on which a clinic's admin keeps the clinic's own exercises."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.access import Can, StaffRequest, clinics_where, requires
from clinics.models import Clinic
from exercises import own, reviewing, row_values
from exercises.models import Exercise
from exercises.own_forms import OwnExerciseForm, ProposeForm


@requires(Can.EXERCISES)
@require_safe
def own_list(request: StaffRequest) -> HttpResponse:
    """Show the own exercises of the person's clinics, drafts first."""
    order = {"draft": 0, "in_review": 0, "published": 1, "retired": 2}
    rows = sorted(_own(request), key=lambda row: (order[row.status], row.name.casefold(), row.pk))
    page = {"rows": rows, "clinics": list(clinics_where(request.user, Can.EXERCISES))}
    return render(request, "catalog/own_list.html", page)


@requires(Can.EXERCISES)
@require_http_methods(["GET", "HEAD", "POST"])
def own_new(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """Add an exercise to a clinic: a draft until it is published."""
    clinic = get_object_or_404(clinics_where(request.user, Can.EXERCISES), pk=clinic_id)
    form = OwnExerciseForm(request.POST if request.method == "POST" else None, clinic=clinic)
    if form.is_valid():
        made = own.create(form.values(), clinic=clinic, by=request.user, pictures_of=form.pictures_of())
        _say(request, made, "Saved as a draft.")
        return redirect("own_exercise", slug=made.slug)
    page = {"form": form, "clinic": clinic, "exercise": None}
    return render(request, "catalog/own_edit.html", page, status=422 if form.is_bound else 200)


@requires(Can.EXERCISES)
@require_http_methods(["GET", "HEAD", "POST"])
def own_exercise(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and save one of the clinic's own exercises."""
    exercise = get_object_or_404(_own(request), slug=slug)
    form = _form(exercise, request.POST if request.method == "POST" else None)
    problems: list[str] = []
    theirs = False
    if form.is_valid():
        try:
            seen, pictures_of = form.cleaned_data["seen"], form.pictures_of()
            changed = own.change(exercise, form.values(), seen=seen, by=request.user, pictures_of=pictures_of)
        except reviewing.NotReady as reason:
            problems = reason.problems
        except own.EditedMeanwhile:
            theirs = True
        else:
            _say(request, exercise, "Saved." if changed else "Nothing was changed.")
            return redirect("own_exercise", slug=exercise.slug)
    page = _page(exercise, form) | {"not_saved": problems, "theirs": theirs}
    return render(request, "catalog/own_edit.html", page, status=422 if form.is_bound else 200)


@requires(Can.EXERCISES)
@require_POST
def own_clone(request: StaffRequest, slug: str) -> HttpResponse:
    """Make a draft of the clinic of an exercise that the person may read."""
    clinic = get_object_or_404(clinics_where(request.user, Can.EXERCISES), pk=_number(request.POST.get("clinic", "")))
    exercise = get_object_or_404(Exercise.objects.readable_by(request.user), slug=slug)
    made = own.clone(exercise, clinic=clinic, by=request.user)
    messages.success(request, f"This is {clinic.name}’s own copy, a draft. Change it, then publish it.")
    return redirect("own_exercise", slug=made.slug)


@requires(Can.EXERCISES)
@require_POST
def own_move(request: StaffRequest, slug: str) -> HttpResponse:
    """Publish an own exercise, retire it or take it back to draft."""
    exercise = get_object_or_404(_own(request), slug=slug)
    verb = request.POST.get("do", "")
    try:
        if own.move(exercise, verb, by=request.user):
            messages.success(request, own.SAID[verb])
    except reviewing.NotReady:
        messages.warning(request, "Not published yet: what it lacks stands below.")
    return redirect("own_exercise", slug=slug)


@requires(Can.EXERCISES)
@require_POST
def own_propose(request: StaffRequest, slug: str) -> HttpResponse:
    """Offer a copy of an own exercise to the shared catalog."""
    exercise = get_object_or_404(_own(request), slug=slug)
    form = ProposeForm(request.POST)
    if not form.is_valid():
        return render(request, "catalog/own_edit.html", _page(exercise, _form(exercise), form), status=422)
    try:
        own.propose(exercise, note=form.cleaned_data["note"], by=request.user)
    except reviewing.NotReady:
        messages.warning(request, "Not proposed yet: what it lacks stands below.")
    else:
        messages.success(request, "Proposed. The catalog’s editors look at a copy; yours stays as it is.")
    return redirect("own_exercise", slug=slug)


def _say(request: StaffRequest, exercise: Exercise, saved: str) -> None:
    """Say what came of saving, and of publishing if that was asked for in one go."""
    if request.POST.get("do") != "publish":
        messages.success(request, saved)
        return
    try:
        own.move(exercise, "publish", by=request.user)
    except reviewing.NotReady:
        messages.warning(request, "Saved, but not published yet: what it lacks stands below.")
    else:
        messages.success(request, own.SAID["publish"])


def _own(request: StaffRequest) -> QuerySet[Exercise]:
    """The exercises that belong to the clinics whose exercises the person keeps."""
    rows = Exercise.objects.visible_to(request.user).with_everything().select_related("clinic")
    return rows.filter(clinic__in=clinics_where(request.user, Can.EXERCISES))


def _form(exercise: Exercise, typed: QueryDict | None = None) -> OwnExerciseForm:
    clinic, stored, seen = _clinic_of(exercise), row_values.read(exercise), own.state_of(exercise)
    return OwnExerciseForm(typed, clinic=clinic, stored=stored, slug=exercise.slug, seen=seen)


def _page(exercise: Exercise, form: OwnExerciseForm, propose: ProposeForm | None = None) -> dict[str, object]:
    return {
        "form": form,
        "clinic": exercise.clinic,
        "exercise": exercise,
        "problems": reviewing.problems(exercise),
        "moves": own.MOVES[exercise.status],
        "propose": propose or ProposeForm(),
    }


def _clinic_of(exercise: Exercise) -> Clinic:
    if exercise.clinic is None:
        raise ValueError("A shared exercise is no clinic's own.")
    return exercise.clinic


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
