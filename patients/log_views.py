"""The access log of a clinic, for its admins: on the page and as a table to keep."""

import csv
import io
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, clinics_where, requires
from clinics.models import AuditEntry, Clinic
from exercises.exchange import formulas
from patients import access_log

ON_A_PAGE = 100


@requires(Can.LOG)
@require_safe
def log(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """Show who saw or changed which patients in a period; a look at the log is in the log, too."""
    clinic = _find(request, clinic_id)
    form = access_log.LogForm(request.GET.dict(), clinic)
    shown: dict[str, object] = {"form": form, "clinic": clinic}
    if not form.is_valid():
        return render(request, "patients/access_log.html", shown, status=422)
    _note(request, clinic, form, "view access log")
    page = Paginator(access_log.entries(clinic, form.cleaned_data), ON_A_PAGE).get_page(request.GET.get("page"))
    asked = {name: form[name].value() or "" for name in form.fields}
    shown |= {"page": page, "lines": access_log.lines(clinic, page.object_list), "asked": urlencode(asked)}
    kept = urlencode({name: value for name, value in asked.items() if name != "sort"})
    return render(request, "patients/access_log.html", shown | {"kept": kept, "sort": asked["sort"]})


@requires(Can.LOG)
@require_safe
def log_csv(request: StaffRequest, clinic_id: int) -> HttpResponse | StreamingHttpResponse:
    """Send the same as a table for a spreadsheet, row by row."""
    clinic = _find(request, clinic_id)
    form = access_log.LogForm(request.GET.dict(), clinic)
    if not form.is_valid():
        return render(request, "patients/access_log.html", {"form": form, "clinic": clinic}, status=422)
    _note(request, clinic, form, "export access log")
    found = access_log.entries(clinic, form.cleaned_data)
    response = StreamingHttpResponse(_rows(clinic, found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="access-log.csv"'
    return response


def _rows(clinic: Clinic, found: QuerySet[AuditEntry]) -> Iterator[str]:
    yield _written([access_log.COLUMNS])
    for part in access_log.in_parts(found):
        yield _written(access_log.cells(line) for line in access_log.lines(clinic, part))


def _written(rows: "Iterator[list[str]] | list[tuple[str, ...]]") -> str:
    text = io.StringIO()
    csv.writer(text).writerows([formulas.marked(cell) for cell in row] for row in rows)
    return text.getvalue()


def _note(request: StaffRequest, clinic: Clinic, form: access_log.LogForm, action: str) -> None:
    asked = form.cleaned_data
    audit.record(
        action,
        by=request.user,
        clinic_id=clinic.pk,
        subject="log",
        patient_id=asked["patient"],
        since=str(asked["since"]),
        until=str(asked["until"]),
        person=asked["person"],
    )


def _find(request: StaffRequest, clinic_id: int) -> Clinic:
    return get_object_or_404(clinics_where(request.user, Can.LOG), pk=clinic_id)
