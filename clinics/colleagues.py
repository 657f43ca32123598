"""Who of a clinic is signed in, for its admins, who may sign people out: a phone is lost, or somebody has left."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinics import audit
from clinics.access import Can, StaffRequest, clinics_where, requires


@requires(Can.SETTINGS)
@require_safe
def signed_in(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """Show in how many browsers each person of the clinic is signed in, and when one was last used."""
    clinic = get_object_or_404(clinics_where(request.user, Can.SETTINGS), pk=clinic_id)
    still = timezone.now() - timedelta(minutes=clinic.idle_minutes)
    people = clinic.memberships.select_related("user").annotate(
        browsers=Count("user__usersession", filter=Q(user__usersession__last_seen_at__gte=still)),
        last_seen=Max("user__usersession__last_seen_at"),
    )
    page = {"clinic": clinic, "people": people.order_by("user__name", "user_id")}
    return render(request, "clinics/signed_in.html", page)


@requires(Can.SETTINGS)
@require_POST
def sign_out(request: StaffRequest, clinic_id: int, user_id: int) -> HttpResponse:
    """End all sessions of one of the clinic's people; their next page asks to sign in and keeps what they typed."""
    clinic = get_object_or_404(clinics_where(request.user, Can.SETTINGS), pk=clinic_id)
    person = get_object_or_404(clinic.memberships.select_related("user"), user_id=user_id).user
    with transaction.atomic():
        for session in UserSession.objects.filter(user_id=person.pk):
            session.end()
        audit.record("end sessions", by=request.user, clinic_id=clinic.pk, subject=f"user:{person.pk}")
    messages.success(request, f"{person} is signed out everywhere.")
    return redirect("clinic_sessions", clinic_id=clinic.pk)
