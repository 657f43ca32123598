"""The preview beside a form of the catalog's admin. It runs the form's own checks, and saves nothing."""

from typing import cast

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clinics.models import User
from clinics.page import sent_by_script
from programs.catalog_preview import PREVIEWS


@require_POST
def preview(request: HttpRequest, kind: str, row_id: int | None = None) -> HttpResponse:
    """Show a row as its form holds it: a part of a page for the form's script, else a page of its own."""
    if kind not in PREVIEWS:
        raise Http404(f"Nothing of the catalog is called “{kind}”.")
    model = apps.get_model("exercises", kind)
    editing = admin.site.get_model_admin(model)
    user = cast(User, request.user)
    if not (user.is_staff and editing.has_change_permission(request)):
        raise PermissionDenied("Only editors of the catalog may do this.")
    row = editing.get_object(request, str(row_id)) if row_id else None
    if row_id and row is None:
        raise Http404("There is no such row.")
    with transaction.atomic():  # the form may lock the row while it looks whether somebody else changed it
        form = editing.get_form(request, row, change=row is not None)(request.POST, instance=row)
        form.full_clean()
        shown = PREVIEWS[kind](form, by=user)
    told = [(form.fields[note.field].label, note.words) for note in shown.notes if note.kind != "fine"]
    template = "catalog/preview.html" if sent_by_script(request) else "catalog/preview_page.html"
    return render(request, template, {"shown": shown, "told": told})
