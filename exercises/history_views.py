"""The history of the catalog's rows, what was changed lately, and an old version brought back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import StaffRequest
from exercises import history_page, restoring, revisions


@require_safe
def history(request: StaffRequest, kind: str, row_id: int) -> HttpResponse:
    """Show what a row said before, who changed it, when and why."""
    row = history_page.find(request.user, kind, row_id)
    page, versions = history_page.versions(row, request.GET.get("page"))
    shown = {"row": row, "kind": kind, "page": page, "versions": versions}
    shown["may_restore"] = history_page.may_restore(request.user, row)
    shown["edit_address"] = history_page.edit_address(request.user, row)
    return render(request, "catalog/history.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def version(request: StaffRequest, kind: str, row_id: int, number: int) -> HttpResponse:
    """Show what bringing a version back would change; do so when it is confirmed and nobody was quicker."""
    seen = revisions.number_at(kind, row_id)  # before the row is read: what is shown is never older than that
    row = history_page.find(request.user, kind, row_id)
    chosen = get_object_or_404(revisions.of(row), number=number)
    may_restore = history_page.may_restore(request.user, row)
    status = 200
    if request.method == "POST" and may_restore:
        try:
            changed = restoring.restore(chosen, seen=request.POST.get("seen", ""), by=request.user)
        except restoring.ChangedMeanwhile:
            messages.warning(request, "Somebody changed it meanwhile. This is what would change now.")
            status, seen = 409, revisions.number_at(kind, row_id)
            row = history_page.find(request.user, kind, row_id)
        except restoring.CannotRestore as reason:
            messages.error(request, str(reason))
            return redirect("row_history", kind=kind, row_id=row_id)
        else:
            done = f"Version {number} is restored." if changed else "Nothing was changed: it says the same now."
            messages.success(request, done)
            return redirect("row_history", kind=kind, row_id=row_id)
    shown = {"row": row, "kind": kind, "version": chosen, "seen": seen, "may_restore": may_restore}
    shown["changes"] = history_page.to_restore(row, chosen)
    return render(request, "catalog/version.html", shown, status=status)


@require_safe
def changes(request: StaffRequest) -> HttpResponse:
    """List what was changed in the catalog, the newest first, by kind and person."""
    kinds = history_page.kinds_for(request.user)
    kind, by = request.GET.get("kind", ""), request.GET.get("by", "")
    page, versions = history_page.lately(kinds, kind=kind, by=by, number=request.GET.get("page"))
    shown = {"page": page, "versions": versions, "kinds": kinds, "people": history_page.people()}
    return render(request, "catalog/changes.html", {**shown, "chosen_kind": kind, "chosen_by": by})
