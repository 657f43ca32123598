"""Who works in a clinic, for its admins; and the page on which somebody takes an invitation."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from clinics import people, people_mails
from clinics.access import Can, StaffRequest, clinics_where, requires
from clinics.models import Clinic, Invitation, Membership, Role, User
from clinics.people_forms import InviteForm, JoinForm, RoleForm
from clinics.sign_in import post


@requires(Can.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """Show who works in the clinic and who is invited; a POST invites somebody by mail."""
    clinic = _clinic(request, clinic_id)
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            token = people.invite(clinic, email=email, role=role, by=request.user)
        except people.CannotChange as reason:
            form.add_error("email", str(reason))
        else:
            post(people_mails.invitation(people.find(token), address_of(token, request)))
            messages.success(request, f"An invitation is on its way to {email}. It works for three days.")
            return redirect("people", clinic_id=clinic.pk)
    page = {
        "clinic": clinic,
        "form": form,
        "members": [
            (member, RoleForm(instance=member, auto_id=f"id_%s_{member.pk}")) for member in people.members(clinic)
        ],
        "invited": people.open_invitations().filter(clinic=clinic).order_by("email"),
    }
    return render(request, "clinics/people.html", page, status=422 if form.errors else 200)


@requires(Can.PEOPLE)
@require_POST
def role(request: StaffRequest, clinic_id: int, membership_id: int) -> HttpResponse:
    """Give a person another role."""
    member = _member(request, clinic_id, membership_id)
    form = RoleForm(request.POST, instance=Membership(pk=member.pk, clinic=member.clinic, user=member.user))
    try:
        if not form.is_valid():
            raise people.CannotChange("Choose a role from the list.")
        changed = people.change_role(member, form.cleaned_data["role"], by=request.user)
    except people.CannotChange as reason:
        messages.error(request, str(reason))
    else:
        member.role = form.cleaned_data["role"]
        if changed and member.role == Role.CLINIC_ADMIN:
            post(people_mails.new_admin(member, request.user))
        messages.success(request, f"{member.user} is {member.get_role_display().lower()} from now on.")
    return _back(request, clinic_id)


@requires(Can.PEOPLE)
@require_POST
def end(request: StaffRequest, clinic_id: int, membership_id: int) -> HttpResponse:
    """End a person's access to the clinic."""
    member = _member(request, clinic_id, membership_id)
    try:
        people.end(member, by=request.user)
    except people.CannotChange as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, f"{member.user} has no access to {member.clinic} any more.")
    return _back(request, clinic_id)


@requires(Can.PEOPLE)
@require_POST
def sign_out(request: StaffRequest, clinic_id: int, membership_id: int) -> HttpResponse:
    """Sign a person out everywhere: a phone is lost, or somebody has left."""
    member = _member(request, clinic_id, membership_id)
    people.sign_out(member, by=request.user)
    messages.success(request, f"{member.user} is signed out everywhere.")
    return _back(request, clinic_id)


@requires(Can.PEOPLE)
@require_POST
def withdraw(request: StaffRequest, clinic_id: int, invitation_id: int) -> HttpResponse:
    """End an invitation that nobody has taken."""
    invited = get_object_or_404(_clinic(request, clinic_id).invitations.select_related("clinic"), pk=invitation_id)
    people.withdraw(invited, by=request.user)
    messages.success(request, f"The invitation to {invited.email} doesn't work any more.")
    return _back(request, clinic_id)


@login_not_required  # who is invited may have no account yet; the token says who it is
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation; a POST takes it, with a first password for who has no account."""
    try:
        invited = people.find(token)
        response = _joined(request, invited) if request.user.is_authenticated else _new(request, invited, token)
    except people.Gone:
        response = render(request, "clinics/join_gone.html", status=404)
    response["Referrer-Policy"] = "no-referrer"
    return response


def _joined(request: HttpRequest, invited: Invitation) -> HttpResponse:
    """Who is signed in presses a button, if the invitation is theirs."""
    user = cast(User, request.user)
    is_theirs = user.email == invited.email
    if request.method == "POST" and is_theirs:
        _tell(people.join(invited, user), invited)
        messages.success(request, f"You work in {invited.clinic} now, too.")
        return redirect("today")
    return render(request, "clinics/join.html", {"invited": invited, "is_theirs": is_theirs})


def _new(request: HttpRequest, invited: Invitation, token: str) -> HttpResponse:
    """Who has an account signs in first; who has none chooses a name and a password."""
    if people.account_of(invited) is not None:
        return render(request, "clinics/join.html", {"invited": invited, "has_account": True, "token": token})
    form = JoinForm(request.POST if request.method == "POST" else None, email=invited.email)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "credentials", "password")}
        _tell(people.join_anew(invited, **given), invited)
        messages.success(request, "Your account is made. Sign in with your e-mail address and the new password.")
        return redirect("account_login")
    page = {"invited": invited, "form": form}
    return render(request, "clinics/join.html", page, status=422 if form.errors else 200)


def _tell(joined: Membership, invited: Invitation) -> None:
    if joined.role == Role.CLINIC_ADMIN:
        post(people_mails.new_admin(joined, invited.made_by))


def address_of(token: str, request: HttpRequest | None = None) -> str:
    """Return where an invitation is taken: at the site's own address, else where it is asked for."""
    path = reverse("join", args=[token])
    return request.build_absolute_uri(path) if request and not settings.SITE_ADDRESS else settings.SITE_ADDRESS + path


def _clinic(request: StaffRequest, clinic_id: int) -> Clinic:
    return get_object_or_404(clinics_where(request.user, Can.PEOPLE), pk=clinic_id)


def _member(request: StaffRequest, clinic_id: int, membership_id: int) -> Membership:
    members = _clinic(request, clinic_id).memberships.select_related("user", "clinic")
    return get_object_or_404(members, pk=membership_id)


def _back(request: StaffRequest, clinic_id: int) -> HttpResponse:
    """Go back to the list; an admin who has just left it can't see it."""
    sees = clinics_where(request.user, Can.PEOPLE).filter(pk=clinic_id).exists()
    return redirect("people", clinic_id=clinic_id) if sees else redirect("today")
