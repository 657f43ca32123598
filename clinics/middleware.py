"""Promises about every page: it reaches its person's clinics alone, sessions end, nothing typed is lost when one does,
what the log can't tell of isn't shown, and no page is kept by caches.
"""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from clinics import audit, logs, page, presence, routes, sign_in, wall
from clinics.hashers import Busy
from clinics.page import sent_by_script

log = logging.getLogger(__name__)

# What one may use before the second factor is set up: pages to do so, one's password, signing out.
ON_THE_WAY = ("mfa_", "account_")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class PassesOn:
    """What each of them does: it lets a request through, with what it adds around that or in a hook of Django's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)


class Numbered(PassesOn):
    """Gives each request a number; the first of all, so that a failure in any other is known by it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with logs.about(request):
            return self.get_response(request)


class FewMethods(PassesOn):
    """Takes no method that no page has, such as TRACE, which sends a request's cookies back."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)


class Presence(PassesOn):
    """Ends a session that was left alone or lasted too long, before anything is done for it.

    The answer with which somebody is out, by whatever way, tells the browser to forget what it kept of the site. Its
    cookies stay: one says that they signed in there before.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        was_in = False
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            was_in = True
            if presence.is_over(request.session):
                logout(request)
            else:
                presence.note(request.session, request.user, is_sending=request.method == "POST")
        response = self.get_response(request)
        if was_in and not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say that it is full, when more passwords are to be checked at once than the machine can."""
        if not isinstance(exception, Busy):
            return None
        response = render(request, "429.html", status=503)
        response["Retry-After"] = "5"
        return response


class Walled(PassesOn):
    """Opens the person's clinics for the request, nothing to who isn't signed in, and all in the owners' admin."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        scope = self._scope(request)
        with wall.entered(scope):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse):  # parts of it are read from the database later
            response.streaming_content = wall.while_read(scope, response.streaming_content)
        return response

    def _scope(self, request: HttpRequest) -> wall.Scope:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return wall.NOBODY
        if request.user.is_superuser and request.path.startswith(reverse("admin:index")):
            return wall.Scope(reason="those who run the site see its log and its people as a whole")
        return wall.clinics_of(request.user)


class OnlyListedPages(PassesOn):
    """Serves no page, and no method of one, that `clinics/access.csv` doesn't name: what is new is closed at first."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        row = routes.route(match.view_name) if match else None
        if row is None:
            log.error("%s has no row in clinics/access.csv and isn't served", match and match.view_name)
            raise Http404
        return None if row.takes(request.method or "") else HttpResponseNotAllowed(sorted(row.methods))


class SecondFactorFirst(PassesOn):
    """Leads who must set up a second factor there, from any page but those that they need for it."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        if not getattr(view, "login_required", True) or match is None or match.view_name.startswith(ON_THE_WAY):
            return None
        if not request.user.is_authenticated or not presence.needs_factor(request.session):
            return None
        if sent_by_script(request):
            return JsonResponse({}, status=401)
        return redirect("mfa_index")


class KeepTypedText(PassesOn):
    """Answers a form posted after the session ended with a sign-in form that carries the typed fields.

    The fields travel in the page alone: nothing is stored on the server or in the browser. After signing
    in the person sees what will be sent and presses one button.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Step in for a form that needs sign-in; the check against forged forms has run by now."""
        if request.method != "POST" or request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if sent_by_script(request):  # the page keeps what was typed, and asks to sign in itself
            return JsonResponse({}, status=401)
        return sign_in.ask_again(request)


class NothingUnrecorded(PassesOn):
    """Answers with a plain page when the log can't be written: what it was to tell of isn't shown or done."""

    def process_exception(self, request: HttpRequest, trouble: Exception) -> HttpResponse | None:
        """Say so to people, and to those who run the site in their log."""
        if not isinstance(trouble, audit.NotRecorded):
            return None
        log.error("%s", trouble, exc_info=trouble)
        return page.unrecorded(request)


class NoStore(PassesOn):
    """Marks every dynamic answer as not to be stored, so that a shared computer keeps no patient's page."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
