"""The pages of the evidence. Everybody who is signed in may read them; only the admin changes what they say."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from exercises import evidence_page


@require_safe
def evidence(request: HttpRequest) -> HttpResponse:
    """Show the method, drivers and checks, contested claims, references that don't hold, outcome measures."""
    return render(request, "exercises/evidence_index.html", {"page": evidence_page.index()})


@require_safe
def driver(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is known of a suspected driver."""
    found = get_object_or_404(evidence_page.drivers(), slug=slug)
    return render(request, "exercises/driver_evidence.html", {"page": evidence_page.of_driver(found), "driver": found})


@require_safe
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what a check asks and rests on."""
    basis = get_object_or_404(evidence_page.checks(), slug=slug)
    return render(request, "exercises/check_evidence.html", {"page": evidence_page.of_check(basis), "basis": basis})
