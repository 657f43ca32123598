"""Browsers that somebody signed in with before. Guessing at an account from elsewhere doesn't slow these down.

The cookie holds a signature of each account's address. It opens nothing: it only gives tries of their own.
"""

from django.conf import settings
from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

MOST = 12  # of colleagues who share a computer
KEPT_S = 180 * 24 * 60 * 60


def is_known(request: HttpRequest, email: str) -> bool:
    """Return whether somebody signed in to this account with this browser before."""
    signature = _signature(email)
    return any(constant_time_compare(signature, known) for known in _known(request))


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Add the account to those that this browser is known for; the oldest are dropped."""
    signature = _signature(email)
    known = [signature, *(other for other in _known(request) if other != signature)]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        ".".join(known[:MOST]),
        max_age=KEPT_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signature(email: str) -> str:
    return Signer(salt="clinics.devices").signature(email.strip().lower())


def _known(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "").split(".")[:MOST]
