"""Pages by which the catalog goes out as a file and comes in again, and where shipped updates are decided."""

from itertools import chain

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.files.uploadhandler import StopUpload
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics.access import StaffRequest
from clinics.uploads import SmallFiles
from exercises import reviewing, row_values
from exercises import updates as shipped
from exercises.editors import for_editors
from exercises.exchange import exporting, jobs, writing
from exercises.exchange.forms import ExportForm, ImportForm
from exercises.models import KeptField

ROWS_OF_A_PAGE = 50
# Beyond this a file isn't read to its end, though its sender then sees a broken connection instead of a sentence.
FAR_TOO_BIG = 4 * jobs.LARGEST_FILE


class ImportFiles(SmallFiles):
    """As SmallFiles, for a file with a whole catalog."""

    largest = jobs.LARGEST_FILE

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start > FAR_TOO_BIG:
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)


@csrf_exempt  # until the handlers are set: the check itself reads the form, and `_exchange` is checked
@for_editors
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: StaffRequest) -> HttpResponse:
    """Show both ways of the exchange; take a file to be compared."""
    request.upload_handlers = [ImportFiles(request)]
    return _exchange(request)


@csrf_protect
def _exchange(request: StaffRequest) -> HttpResponse:
    form = ImportForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = jobs.receive(file.name, file.read(), encoding=form.cleaned_data["encoding"], by=request.user)
            return redirect("import", job_id=job.pk)
        except jobs.CannotImport as reason:
            form.add_error("file", str(reason))
    recent = jobs.owned_by(request.user).only("name", "at", "state")[:5]
    context = {"form": form, "export_form": ExportForm(), "recent": recent}
    return render(request, "catalog/exchange.html", context, status=422 if form.errors else 200)


@for_editors
@require_safe
def export(request: StaffRequest) -> HttpResponseBase:
    """Send the chosen exercises as a file."""
    form = ExportForm(request.GET)
    if not form.is_valid():
        return redirect("exchange")
    kind, filters = form.cleaned_data["kind"], {name: form.cleaned_data[name] for name in ("status", "phase")}
    name = "-".join(["exercises", *filter(None, filters.values()), f"{timezone.localdate():%Y-%m-%d}"])
    pieces = exporting.pieces(kind, **filters)
    first = next(pieces)  # a workbook is whole by then, so that a disk without room for it can still be told
    response = StreamingHttpResponse(chain([first], pieces), content_type=writing.MIME[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


@for_editors
@require_safe
def import_(request: StaffRequest, job_id: int) -> HttpResponse:
    """Show how far an import is, or what it would do, or why it can't."""
    job = get_object_or_404(jobs.owned_by(request.user), pk=job_id)
    rows = Paginator(job.found.get("rows", []), ROWS_OF_A_PAGE).get_page(request.GET.get("page"))
    is_waiting = job.state in jobs.WAITING
    context = {"job": job, "found": job.found, "rows": rows, "is_waiting": is_waiting}
    return render(request, "catalog/import.html", context)


@for_editors
@require_POST
def import_confirm(request: StaffRequest, job_id: int) -> HttpResponse:
    """Import what was shown."""
    job = get_object_or_404(jobs.owned_by(request.user), pk=job_id)
    try:
        jobs.confirm(job, plan=request.POST.get("plan", ""), by=request.user)
    except jobs.CannotImport as reason:
        messages.warning(request, str(reason))
    return redirect("import", job_id=job.pk)


@for_editors
@require_POST
def import_drop(request: StaffRequest, job_id: int) -> HttpResponse:
    """Forget a file."""
    jobs.drop(get_object_or_404(jobs.owned_by(request.user), pk=job_id))
    return redirect("exchange")


@for_editors
@require_safe
def updates(request: StaffRequest) -> HttpResponse:
    """List the fields in which the catalog here and a shipped update differ."""
    found = shipped.updates(request.user)
    waiting = [update for update in found if update.open]
    return render(request, "catalog/updates.html", {"waiting": waiting, "kept": found[len(waiting) :]})


@for_editors
@require_POST
def update(request: StaffRequest, kept_id: int) -> HttpResponse:
    """Take a shipped value, or keep ours."""
    kept = get_object_or_404(KeptField, pk=kept_id)
    if not shipped.may(request.user, kept.kind):
        raise PermissionDenied("You may not change rows of this kind.")
    if request.POST.get("choice") == "take":
        try:
            shipped.take(kept, by=request.user)
            messages.success(request, "The shipped value is taken.")
        except row_values.Gone as reason:
            messages.error(request, f"{reason} The shipped value needs it, so nothing was changed.")
        except ObjectDoesNotExist:
            messages.error(request, "This row isn’t there any more.")
        except reviewing.NotReady as reason:
            messages.error(request, f"Nothing was changed. The exercise is published, and would lack this: {reason}")
    else:
        shipped.keep(kept, by=request.user)
        messages.success(request, "Ours is kept. You are asked again when another value ships.")
    return redirect("updates")
