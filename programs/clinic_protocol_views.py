"""A clinic's own protocols: saved from a program, listed, changed, retired."""

import re

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, requires
from programs import clinic_protocol_page, clinic_protocols
from programs.clinic_protocol_forms import CHANGED, SaveForm
from programs.clinic_protocol_page import EditPage
from programs.models import ClinicProtocol, Program, Stage
from programs.views import find_program, number_in, typed


@requires(Can.CLINICAL)
def save_as_protocol(request: StaffRequest, program_id: int) -> HttpResponse:
    """Keep a program's exercises and doses as a protocol: a new one, or in place of one that is there."""
    program = find_program(request, program_id)
    protocols = list(clinic_protocols.replaceable(program, by=request.user))
    form = SaveForm(program, protocols, request.POST if request.method == "POST" else None)
    refused = ""
    if request.method == "POST" and form.is_valid():
        try:
            protocol = _save(program, form, request)
            messages.success(request, f"Saved as “{protocol.title}”.")
            return redirect("clinic_protocol", protocol_id=protocol.pk)
        except clinic_protocols.TitleTaken as reason:
            form.add_error("title", str(reason))
        except clinic_protocols.EditedMeanwhile:
            form.add_error("instead_of", CHANGED)
        except clinic_protocols.CannotSave as reason:
            refused = str(reason)
    audit.about(program.patient, "view save as protocol", by=request.user, subject=program)
    stages = list(Stage.objects.of(program).annotate(count=Count("items")))
    shown = {
        "form": form,
        "refused": refused,
        "program": program,
        "patient": program.patient,
        "stages": stages,
        "empty": not any(stage.count for stage in stages),
    }
    return render(request, "programs/clinic_protocol_save.html", shown, status=422 if form.errors or refused else 200)


def _save(program: Program, form: SaveForm, request: StaffRequest) -> ClinicProtocol:
    given = form.cleaned_data
    if not given["instead_of"]:
        words = {name: given[name] for name in ("title", "note", "shared")}
        return clinic_protocols.save_program(program, **words, by=request.user)
    protocol = form.protocols[given["instead_of"]]
    clinic_protocols.put_in_place(program, protocol, seen_version=protocol.version, by=request.user)
    return protocol


@requires(Can.CLINICAL)
@require_safe
def clinic_protocol_list(request: StaffRequest) -> HttpResponse:
    """List the person's own protocols and those that the clinic shares, by driver."""
    protocols = list(clinic_protocols.listed(request.user))
    shown = {
        "protocols": [row for row in protocols if row.retired_at is None],
        "retired": [row for row in protocols if row.retired_at is not None],
    }
    return render(request, "programs/clinic_protocols.html", shown)


@requires(Can.CLINICAL)
def clinic_protocol(request: StaffRequest, protocol_id: int) -> HttpResponse:
    """Show a protocol, and change it for those who may; when somebody was quicker, show both."""
    protocol = _find(request, protocol_id)
    if request.method != "POST":
        may_change = clinic_protocols.may_change(protocol, request.user)
        template = "programs/clinic_protocol_edit.html" if may_change else "programs/clinic_protocol.html"
        return render(request, template, {"protocol": protocol, "page": clinic_protocol_page.read(protocol)})
    clinic_protocols.check_may_change(protocol, request.user)
    return _change(request, protocol)


def _change(request: StaffRequest, protocol: ClinicProtocol) -> HttpResponse:
    seen, move = number_in(request, "version"), typed(request, "move")
    page = clinic_protocol_page.read(protocol, request.POST)
    if seen != protocol.version:
        return _answer(request, protocol, page, status=409)
    if not page.is_valid():
        return _answer(request, protocol, page, status=422)
    try:
        changed = clinic_protocols.change(protocol, page.edit(move), seen_version=seen, by=request.user)
    except clinic_protocols.EditedMeanwhile:
        current = _find(request, protocol.pk)
        return _answer(request, current, clinic_protocol_page.read(current, request.POST), status=409)
    except clinic_protocols.TitleTaken as reason:
        page.words.add_error("title", str(reason))
        return _answer(request, protocol, page, status=422)
    except clinic_protocols.CannotSave as reason:
        return _answer(request, protocol, page, status=422, refused=str(reason))
    return _after(request, changed, move)


@requires(Can.CLINICAL)
@require_POST
def clinic_protocol_retire(request: StaffRequest, protocol_id: int) -> HttpResponse:
    """Take a protocol out of use, or bring it back."""
    protocol = _find(request, protocol_id)
    if request.POST.get("to") != "back":
        clinic_protocols.retire(protocol, by=request.user)
        messages.success(
            request, f"“{protocol.title}” is retired. Programs that were started from it stay as they are."
        )
        return redirect("clinic_protocols")
    try:
        clinic_protocols.bring_back(protocol, by=request.user)
        messages.success(request, f"“{protocol.title}” is back in use.")
    except clinic_protocols.TitleTaken as reason:
        messages.error(request, str(reason))
    return redirect("clinic_protocol", protocol_id=protocol.pk)


def _find(request: StaffRequest, protocol_id: int) -> ClinicProtocol:
    protocols = ClinicProtocol.objects.visible_to(request.user).select_related("driver", "made_by", "clinic")
    return get_object_or_404(protocols.prefetch_related("items__exercise"), pk=protocol_id)


def _after(request: StaffRequest, protocol: ClinicProtocol, move: str) -> HttpResponse:
    """Go back to the page, at the item that was moved; to the list where the page can't be seen any more."""
    if not protocol.shared and protocol.made_by_id != request.user.pk:
        messages.success(request, f"“{protocol.title}” is saved. Only {protocol.made_by} sees it now.")
        return redirect("clinic_protocols")
    messages.success(request, "Saved.")
    page = redirect("clinic_protocol", protocol_id=protocol.pk)
    if move:
        page["Location"] += f"#item-{re.sub(r'[^0-9]', '', move)}"
    return page


def _answer(
    request: StaffRequest, protocol: ClinicProtocol, page: EditPage, *, status: int, refused: str = ""
) -> HttpResponse:
    """Show the page again with all that was typed."""
    shown = {"protocol": protocol, "page": page, "conflict": status == 409, "invalid": status == 422 and not refused}
    return render(request, "programs/clinic_protocol_edit.html", shown | {"refused": refused}, status=status)
