"""A patient's visit: a signed cookie that opens one link's issue for 30 minutes, and for 12 hours while it is used.

Nothing is stored at the server: each request asks anew whether the link still works. What is signed names its
purpose and its clinic, so that no other signed value of the site can stand in for it.
"""

import datetime
import logging
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from programs.at_home import PatientLink

log = logging.getLogger(__name__)

IDLE = datetime.timedelta(minutes=30)
LONGEST = datetime.timedelta(hours=12)
PRESS_AGAIN = datetime.timedelta(minutes=10)
VISIT, STANDING, PRESS, FORM = (f"programs.home.{name}" for name in ("visit", "standing", "press", "form"))


@dataclass(frozen=True, slots=True)
class Visit:
    link: int
    clinic: int
    since: int  # seconds since 1970


def begin(link: PatientLink, at: datetime.datetime) -> Visit:
    return Visit(link.pk, link.issue.program.patient.clinic_id, int(at.timestamp()))


def read(request: HttpRequest, at: datetime.datetime) -> Visit | None:
    """Return the visit that the request belongs to, or None when there is none or it is over."""
    said = _said(request.COOKIES.get(_name("home"), ""), VISIT)
    try:
        visit = Visit(int(said["link"]), int(said["clinic"]), int(said["since"]))
        seen = int(said["seen"])
    except (KeyError, TypeError, ValueError):
        return None
    now = at.timestamp()
    over = now >= seen + IDLE.total_seconds() or now >= visit.since + LONGEST.total_seconds()
    return None if over else visit


def renew(response: HttpResponse, visit: Visit, at: datetime.datetime) -> None:
    """Let the visit go on from now."""
    left = datetime.timedelta(seconds=visit.since) + LONGEST - datetime.timedelta(seconds=int(at.timestamp()))
    said = {"link": visit.link, "clinic": visit.clinic, "since": visit.since, "seen": int(at.timestamp())}
    _put(response, "home", signing.dumps({"for": VISIT, **said}, salt=VISIT), min(IDLE, left), "Lax")


def end(response: HttpResponse) -> None:
    response.delete_cookie(_name("home"), path=_path(), samesite="Lax")


def standing_code(link: PatientLink) -> str:
    """Return what a kept page asks with whether its link still works; it opens nothing."""
    clinic = link.issue.program.patient.clinic_id
    return signing.dumps({"for": STANDING, "link": link.pk, "clinic": clinic}, salt=STANDING)


def link_of(standing: str) -> tuple[int, int] | None:
    """Return the keys of link and clinic that a standing code names, or None."""
    said = _said(standing, STANDING)
    return (said["link"], said["clinic"]) if {"link", "clinic"} <= said.keys() else None


def form_key(link: PatientLink) -> str:
    """Return what each form of the link's pages carries, and no page of another site knows."""
    return salted_hmac(FORM, link.token_hash, algorithm="sha256").hexdigest()


def was_pressed_here(request: HttpRequest) -> bool:
    """Whether the button on our own page sent the request, and no other site's form.

    Else another site could open its own link in the patient's browser, and the patient would note pain in a
    stranger's program. Django's own check can't be used: it needs a cookie, which the page with the button
    mustn't set, and the page's referrer policy hides the origin. Browsers since 2023 say where a form comes
    from; for older ones the button is pressed a second time, and then a cookie does stand beside the form.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    if site:
        return site == "same-origin"
    if origin != "null":
        return origin == f"{request.scheme}://{request.get_host()}"
    typed, kept = request.POST.get("press", ""), _said(request.COOKIES.get(_name("press"), ""), PRESS)
    return bool(typed) and constant_time_compare(typed, kept.get("press", ""))


def new_press() -> str:
    return secrets.token_urlsafe(16)


def ask_again(response: HttpResponse, press: str) -> None:
    """Set the cookie by which the second press is known."""
    _put(response, "press", signing.dumps({"for": PRESS, "press": press}, salt=PRESS), PRESS_AGAIN, "Strict")


def _said(value: str, purpose: str) -> dict[str, Any]:
    try:
        said = signing.loads(value, salt=purpose)
    except signing.BadSignature:
        if value:
            log.warning("What a browser sent for %s isn't signed by this site.", purpose)
        return {}
    return said if isinstance(said, dict) and said.get("for") == purpose else {}


def _put(response: HttpResponse, name: str, value: str, age: datetime.timedelta, samesite: Any) -> None:
    response.set_cookie(
        _name(name),
        value,
        max_age=int(age.total_seconds()),
        path=_path(),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite=samesite,
    )


def _name(name: str) -> str:
    return f"__Host-{name}" if settings.SESSION_COOKIE_SECURE else name


def _path() -> str:
    """Browsers take a `__Host-` cookie for the whole site only; without it these pages alone get the cookie."""
    return "/" if settings.SESSION_COOKIE_SECURE else "/p/"
