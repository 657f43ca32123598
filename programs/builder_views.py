"""The builder: a page, one address for every edit, and what opens beside it."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.access import StaffRequest
from clinics.page import sent_by_script
from exercises import known
from exercises.leaflet import leaflet_of
from exercises.models import Exercise
from programs import bench as benches
from programs import builder_page, catalog_panel, changing, commands, favourites, swapping, typed_dose
from programs.bench import Bench
from programs.builder import CannotEdit
from programs.checks.mending import usual_side
from programs.clashes import Clash, Sent
from programs.commands import Done
from programs.dose_fields import Typed

REGIONS = {"bar": "programs/bar.html", "program": "programs/stage.html", "side": "programs/side.html"}


@require_safe
def builder(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show the active stage in phases, the checks, and the catalog to add from."""
    bench = benches.read(program_id, by=request.user)
    _log(bench, "view program")
    return _page(request, bench)


@require_safe
def catalog(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show what the catalog finds: the part of the page alone for its script, else the page."""
    bench = benches.read(program_id, by=request.user)
    if not sent_by_script(request):
        return redirect(f"{bench.program.get_absolute_url()}?{request.GET.urlencode()}#catalog")
    _log(bench, "search for program")
    panel = catalog_panel.read(bench, request.GET, at=timezone.now())
    return render(request, "programs/catalog_found.html", {"panel": panel, "program": bench.program})


@require_safe
def exercise(request: StaffRequest, program_id: int, slug: str) -> HttpResponse:
    """Show an exercise beside the program: steps, dose, evidence, and what speaks against it for this patient."""
    bench = benches.read(program_id, by=request.user)
    found = Exercise.objects.published(bench.program.patient.clinic_id).with_everything().filter(slug=slug).first()
    if found is None:
        raise Http404
    _log(bench, "view exercise for program")
    suits = catalog_panel.suitability(bench, timezone.localdate())
    side = usual_side("affected_side", bench.assessed.affected_side)
    shown = {
        "bench": bench,
        "program": bench.program,
        "patient": bench.program.patient,
        "exercise": found,
        "leaflet": leaflet_of(found, side),
        "side": side,
        "words": suits.words(known.index(bench.edition).card(slug)),
        "in_program": any(row.exercise == slug for row in bench.rows),
        "liked": favourites.likes(request.user, found.pk),
    }
    return _beside(request, "exercise", shown)


@require_safe
def swaps(request: StaffRequest, program_id: int, key: int) -> HttpResponse:
    """Show what could take an item's place: easier, harder, and others for the same muscles."""
    bench = benches.read(program_id, by=request.user)
    _log(bench, "view substitutes")
    offered = swapping.offered(bench, key, at=timezone.now())
    if offered is None:
        raise Http404
    shown = {"bench": bench, "program": bench.program, "patient": bench.program.patient, "offered": offered}
    return _beside(request, "swaps", shown)


@require_safe
def changes(request: StaffRequest, program_id: int) -> HttpResponse:
    """Show how the active stage differs from the handout that was issued last."""
    bench = benches.read(program_id, by=request.user)
    _log(bench, "view changes")
    shown = {"bench": bench, "program": bench.program, "patient": bench.program.patient}
    return _beside(request, "changes", shown | {"difference": changing.since_issue(bench)})


@require_POST
def edit(request: StaffRequest, program_id: int) -> HttpResponse:
    """Carry out one edit and show what the checks say then; for the page's script only the parts that changed."""
    do, sent = request.POST.get("do", ""), Sent(request.POST)
    try:
        if not sent_by_script(request):
            # In a transaction of its own, so that what was typed stays when the button's own edit isn't possible.
            with transaction.atomic():
                bench = benches.lock(program_id, by=request.user)
                sent = commands.with_typed_doses(bench, do, sent, at=timezone.now())
        with transaction.atomic():
            bench = benches.lock(program_id, by=request.user)
            done = commands.carry_out(bench, do, sent, at=timezone.now())
    except Clash as clash:
        return _clash(request, program_id, clash)
    except typed_dose.Impossible as impossible:
        return _impossible(request, program_id, impossible)
    except CannotEdit as reason:
        return _cannot(request, program_id, reason)
    if done.single_keys is not None:
        request.session["single_keys"] = done.single_keys
    if sent_by_script(request):
        if not done.changed:
            _log(done.bench, "view program")
        return _regions(request, done.bench, said=done.said, focus=done.focus)
    if done.said:
        messages.success(request, done.said)
    return _back(request, done)


def _clash(request: StaffRequest, program_id: int, clash: Clash) -> HttpResponse:
    """Show both people's edits and let the second choose."""
    bench = _read_again(request, program_id)
    shown = {"clash": clash, "program": bench.program, "patient": bench.program.patient}
    if sent_by_script(request):
        merge = render_to_string("programs/merge.html", shown, request)
        return _regions(request, bench, status=409, said=str(clash), merge=merge)
    return render(request, "programs/merge_page.html", shown, status=409)


def _impossible(request: StaffRequest, program_id: int, impossible: typed_dose.Impossible) -> HttpResponse:
    """Say at each field what is wrong with it; nothing was written, and nothing typed is lost."""
    if sent_by_script(request):
        return JsonResponse({"said": str(impossible), "errors": impossible.errors}, status=422)
    typed = Typed({name: text for name, text in request.POST.items() if isinstance(text, str)}, impossible.errors)
    return _page(request, _read_again(request, program_id), typed, status=422)


def _cannot(request: StaffRequest, program_id: int, reason: CannotEdit) -> HttpResponse:
    """Say why the edit isn't possible, beside the program as it stands."""
    if sent_by_script(request):
        return _regions(request, _read_again(request, program_id), said=str(reason), warning=True)
    messages.warning(request, str(reason))
    return redirect("builder", program_id=program_id)


def _read_again(request: StaffRequest, program_id: int) -> Bench:
    """Return the program to show it as it stands, after an edit that wasn't carried out."""
    bench = benches.read(program_id, by=request.user)
    _log(bench, "view program")
    return bench


def _regions(request: HttpRequest, bench: Bench, *, status: int = 200, **more: object) -> JsonResponse:
    page = builder_page.of(bench, at=timezone.now())
    context = _context(request, page)
    regions = {name: render_to_string(template, context) for name, template in REGIONS.items()}
    inside = sorted({row.exercise for row in bench.rows})
    version = bench.program.version
    return JsonResponse({"version": version, "regions": regions, "inProgram": inside, **more}, status=status)


def _context(request: HttpRequest, page: builder_page.BuilderPage) -> dict[str, object]:
    return {
        "page": page,
        "program": page.program,
        "patient": page.program.patient,
        "single_keys": request.session.get("single_keys", True),
    }


def _page(request: StaffRequest, bench: Bench, typed: Typed | None = None, *, status: int = 200) -> HttpResponse:
    page = builder_page.of(bench, at=timezone.now(), typed=typed)
    panel = catalog_panel.read(bench, request.GET, at=timezone.now())
    return render(request, "programs/builder.html", _context(request, page) | {"panel": panel}, status=status)


def _beside(request: HttpRequest, name: str, shown: dict[str, object]) -> HttpResponse:
    """Answer the page's script with what opens beside the program, else with a page of its own."""
    template = f"programs/beside_{name}.html" if sent_by_script(request) else "programs/beside_page.html"
    return render(request, template, shown | {"inside": f"programs/beside_{name}.html"})


def _back(request: HttpRequest, done: Done) -> HttpResponse:
    """Return to the builder with the search as it was, at the place that was edited."""
    kept = QueryDict(request.POST.get("found", "")[:400]).urlencode()
    query = f"?{kept}" if kept else ""
    return redirect(f"{done.bench.program.get_absolute_url()}{query}#{f'item-{done.focus}' if done.focus else 'main'}")


def _log(bench: Bench, action: str) -> None:
    patient = bench.program.patient
    audit.about(patient, action, by=bench.by, subject=bench.program)
