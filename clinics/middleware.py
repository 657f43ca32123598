"""Two promises about every page: nothing typed is lost when a session ends, and no page is kept by caches."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import add_never_cache_headers

from clinics import sign_in
from clinics.page import sent_by_script

Answer = Callable[[HttpRequest], HttpResponse]


class KeepTypedText:
    """Answers a form posted after the session ended with a sign-in form that carries the typed fields.

    The fields travel in the page alone: nothing is stored on the server or in the browser. After signing
    in the person sees what will be sent and presses one button.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Step in for a form that needs sign-in; the check against forged forms has run by now."""
        if request.method != "POST" or request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if sent_by_script(request):  # the page keeps what was typed, and asks to sign in itself
            return JsonResponse({}, status=401)
        return sign_in.ask_again(request)


class NoStore:
    """Marks every dynamic answer as not to be stored, so that a shared computer keeps no patient's page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
