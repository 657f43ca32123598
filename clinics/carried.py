"""The typed fields of a form that ride along in a page, since they couldn't be taken yet.

They travel in the page alone; nothing of them is stored on the server or in the browser.
"""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

TARGET = "resume_target"
# Of the pages on which one signs in again, beside what they carry.
OWN_FIELDS = {"csrfmiddlewaretoken", "login", TARGET, "second-code", "second-credential"}
# Pages about signing in: what is typed there opens something, and never comes back.
SECRET = ("account_", "mfa_")

Fields = list[tuple[str, str]]


def fields(request: HttpRequest) -> Fields:
    """Return name and value of each field that was sent, without passwords and what Django asks for itself."""
    names = [name for name in request.POST if name not in OWN_FIELDS and "password" not in name]
    return [(name, str(value)) for name in names for value in request.POST.getlist(name)]


@dataclass(frozen=True)
class Form:
    """A form that can be sent again: to where, with its token, its fields, and the names of its files.

    Without `target` it can't be, and nothing of it is shown.
    """

    target: str = ""
    csrf_token: str = ""
    fields: Fields = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def form(request: HttpRequest) -> Form:
    """Return the form that was sent, if it may come back; asks no database.

    A page for people who are signed in sent it, as its token says; passwords are left out.
    """
    target = _target(request)
    if not target or not _is_ours(request):
        return Form()
    # The token as it was sent: signing in may have made another one, which the browser won't hear of.
    return Form(target, request.POST.get("csrfmiddlewaretoken", ""), fields(request), list(request.FILES))


def _target(request: HttpRequest) -> str:
    """Return where the form goes: for one that was carried to the way back in, where it was going before."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return ""
    if match.view_name == "resume":
        target = request.POST.get(TARGET, "")
        return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else ""
    is_open = not getattr(match.func, "login_required", True)
    return "" if is_open or match.view_name.startswith(SECRET) else request.get_full_path()


def _is_ours(request: HttpRequest) -> bool:
    """Return whether the form has the token of our pages, also where Django hadn't looked yet."""
    return _Check(_nothing).process_view(request, _nothing, (), {}) is None


class _Check(CsrfViewMiddleware):
    """Says why a form is refused instead of answering with a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _nothing(request: HttpRequest) -> Any:
    return None
