"""How the catalog is used: the lists for those who keep it, and one exercise's numbers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from clinics.access import StaffRequest
from programs import usage


@require_safe
def use(request: StaffRequest) -> HttpResponse:
    """Show which exercises are used, never used, often overridden or often replaced."""
    scope = usage.scope_of(request.user)
    asked = (request.GET.get(name, "") for name in ("list", "q", "page"))
    with scope.entered():
        page = {"listing": usage.listed(scope, *asked), "lists": usage.LISTS, "all_clinics": scope.clinics is None}
        return render(request, "catalog/use.html", page)


@require_safe
def use_of(request: StaffRequest, slug: str) -> HttpResponse:
    """Show the numbers of one exercise, by suspected driver."""
    scope = usage.scope_of(request.user)
    exercise = get_object_or_404(scope.exercises(), slug=slug)
    with scope.entered():
        row, drivers = usage.of_one(scope, exercise)
    page = {"exercise": exercise, "row": row, "drivers": drivers, "all_clinics": scope.clinics is None}
    return render(request, "catalog/use_of.html", page)
