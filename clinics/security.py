"""The page of one's own sign-in: second factors, recovery codes, and where one is signed in."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from clinics import browsers, presence, second_factor, sign_in_log
from clinics.access import StaffRequest
from clinics.models import User

MOST_SESSIONS = 5


class RemovePasskey(RemoveWebAuthnView):
    """Removes a passkey, but for the last second factor of somebody who needs one."""

    def form_valid(self, form: Form) -> HttpResponse:
        adapter = get_adapter()
        if adapter.can_delete_authenticator(self.object):
            return super().form_valid(form)
        form.add_error(None, adapter.validation_error("cannot_delete_authenticator"))
        return self.render_to_response(self.get_context_data(form=form))


@require_safe
def own(request: StaffRequest) -> HttpResponse:
    """Show the person's second factors and sessions; who must set up a factor first reads why."""
    mine = Authenticator.objects.filter(user_id=request.user.pk).order_by("created_at")
    codes = next((one.wrap() for one in mine if one.type == Authenticator.Type.RECOVERY_CODES), None)
    sessions = sorted(UserSession.objects.purge_and_list(request.user), key=lambda one: one.last_seen_at, reverse=True)
    page = {
        "must": presence.needs_factor(request.session),
        "required": second_factor.is_required(request.user),
        "passkeys": [one for one in mine if one.type == Authenticator.Type.WEBAUTHN],
        "app": next((one for one in mine if one.type == Authenticator.Type.TOTP), None),
        "codes_left": None if codes is None else len(codes.get_unused_codes()),
        "sessions": [(session, browsers.in_words(session.user_agent)) for session in sessions],
    }
    return render(request, "account/security.html", page)


@require_POST
def end_session(request: StaffRequest, session_id: int) -> HttpResponse:
    """Sign one of the person's browsers out."""
    session = get_object_or_404(UserSession, pk=session_id, user_id=request.user.pk)
    session.end()
    sign_in_log.by_person("end sessions", request.user)
    messages.success(request, "That session is ended.")
    return redirect("mfa_index")


@require_POST
def end_others(request: StaffRequest) -> HttpResponse:
    """Sign the person out everywhere but here."""
    end_other_sessions(request, request.user)
    sign_in_log.by_person("end sessions", request.user)
    messages.success(request, "All other sessions are ended.")
    return redirect("mfa_index")


def keep_newest(user: User) -> None:
    """End the person's oldest sessions, so that MOST_SESSIONS are left."""
    for session in UserSession.objects.filter(user_id=user.pk).order_by("-created_at", "-pk")[MOST_SESSIONS:]:
        session.end()
