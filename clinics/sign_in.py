"""How the sign-in library is fitted to this site: accounts by invitation, and no typed text lost on the way."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.decorators import rate_limit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

OWN_FIELDS = {"csrfmiddlewaretoken", "login", "password", "resume_target"}


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: a clinic admits its people."""
        return False


def ask_again(request: HttpRequest) -> HttpResponse:
    """Answer a form that came in after the session ended: sign in, and the typed fields ride along.

    The fields travel in the page alone; nothing of them is stored on the server or in the browser.
    """
    return _resume_page(request, LoginForm(request=request), target=request.get_full_path(), status=401)


@login_not_required  # it is the way back in
@require_POST
@rate_limit(action="login")
def resume(request: HttpRequest) -> HttpResponse:
    """Sign in with the carried fields at hand, then offer to send them to where they were going."""
    target = request.POST.get("resume_target", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return redirect("today")
    if not request.user.is_authenticated:
        form = LoginForm(request.POST, request=request)
        if not form.is_valid():
            return _resume_page(request, form, target=target, status=401)
        answer = form.login(request)
        if not request.user.is_authenticated:  # a closed account, or a step that is still to come
            return answer
    return render(request, "account/resume_send.html", {"fields": _carried(request), "target": target})


def _resume_page(request: HttpRequest, form: LoginForm, *, target: str, status: int) -> HttpResponse:
    page = {"form": form, "fields": _carried(request), "target": target}
    return render(request, "account/resume.html", page, status=status)


def _carried(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, values in request.POST.lists() if name not in OWN_FIELDS for value in values]
