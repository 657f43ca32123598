"""The patient's own pages. Nobody signs in: a link is exchanged for a visit, and a visit shows one issue alone."""

import json
import logging
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinics import audit, wall
from clinics.page import sent_by_script
from exercises import languages
from exercises.views import picture_answer
from programs import at_home_log, home_page, home_pictures, home_visit, link_misses, patient_link
from programs.at_home import PatientLink
from programs.handout import BadSnapshot, Handout

log = logging.getLogger(__name__)

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
LinkView = Callable[Concatenate[HttpRequest, PatientLink, P], HttpResponse]
MOST_NOTES = 200


def for_patients(view: View[P]) -> View[P]:
    """A page of people without an account: no search engine lists it, and no other site hears its address.

    Django's check against forged forms is left out, for it needs a cookie and the origin that such a page hides.
    In its place `home_visit.was_pressed_here` guards the exchange of a link, and `key_fits` each form after it.
    """

    @wraps(view)
    def quiet(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return login_not_required(csrf_exempt(quiet))


def on_a_visit(view: LinkView[P]) -> View[P]:
    """Ask for a visit whose link still works, give the view the link, and let the visit go on."""

    @wraps(view)
    def entered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        at = timezone.now()
        visit = home_visit.read(request, at)
        if visit is None:
            return _say(request, "over", 401)
        link = patient_link.alive_by_key(visit.link, at)
        if link is None or link.issue.program.patient.clinic_id != visit.clinic:
            response = _say(request, "gone", 404, forget=True)
            home_visit.end(response)
            return response
        try:
            with wall.only(visit.clinic):
                response = view(request, link, *args, **kwargs)
        except BadSnapshot:
            log.exception("Issue %s can't be shown at home", link.issue_id)
            return _say(request, "gone", 404)
        home_visit.renew(response, visit, at)
        return response

    return entered


@for_patients
@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Show whose exercises the link opens and one button; the button exchanges the link for a visit.

    Scanners of mail open each link there is, so that opening it changes nothing.
    """
    at = timezone.now()
    if link_misses.too_many(request, at):
        return _say(request, "too_many", 429)
    link = patient_link.alive(token, at)
    if link is None:
        link_misses.note(request)
        return _say(request, "gone", 404)
    with wall.only(link.issue.program.patient.clinic_id):
        return _opened(request, link, at)


def _opened(request: HttpRequest, link: PatientLink, at: datetime) -> HttpResponse:
    """Show the button of a link that works, or do as it says."""
    if request.method != "POST":
        audit.about(link.issue.program.patient, "look at patient link", by=None, subject=link)
        return _button(request, link)
    if not home_visit.was_pressed_here(request):
        press = home_visit.new_press()
        response = _button(request, link, press)
        home_visit.ask_again(response, press)
        return response
    patient_link.exchange(link, at)
    response = redirect("home")
    home_visit.renew(response, home_visit.begin(link, at), at)
    return response


@for_patients
@require_safe
@on_a_visit
def home(request: HttpRequest, link: PatientLink) -> HttpResponse:
    """Show the exercises as they were handed out."""
    audit.about(link.issue.program.patient, "view handout at home", by=None, subject=link.issue)
    page = home_page.read(link)
    shown = {"page": page, "words": page.words, "home": page.words.home, "most_notes": MOST_NOTES}
    return render(request, "home/home.html", shown)


@for_patients
@require_POST
@on_a_visit
def tick(request: HttpRequest, link: PatientLink) -> HttpResponse:
    """Note by form that an exercise was done, or take it back."""
    note = {"kind": "tick", "on": request.POST.get("on") == "1", "at": timezone.now().isoformat()}
    return _noted(request, link, note | {name: request.POST.get(name, "") for name in ("day", "number")})


@for_patients
@require_POST
@on_a_visit
def score(request: HttpRequest, link: PatientLink) -> HttpResponse:
    """Note the day's worst pain by form."""
    note = {"kind": "score", "at": timezone.now().isoformat()}
    return _noted(request, link, note | {name: request.POST.get(name, "") for name in ("day", "score")})


@for_patients
@require_POST
@on_a_visit
def sync(request: HttpRequest, link: PatientLink) -> HttpResponse:
    """Take what a phone kept while it was offline, MOST_NOTES at once; those that can't be kept are counted.

    The phone lets go of all that it sent once it has the answer, so that none may be left out in silence: all are
    written at once or, when something breaks, none.
    """
    try:
        sent = json.loads(request.body)
        notes, fits = list(sent["notes"]), key_fits(str(sent["key"]), link)
    except (ValueError, KeyError, TypeError, RecursionError):  # half a letter in a key, or lists in lists, too
        return JsonResponse({}, status=400)
    if not fits:
        return JsonResponse({}, status=403)
    if len(notes) > MOST_NOTES:
        return JsonResponse({}, status=400)
    refused = 0
    with transaction.atomic():
        for note in notes:
            try:
                _keep(link, note)
            except at_home_log.BadNote:
                refused += 1
    return JsonResponse({"kept": len(notes) - refused, "refused": refused})


@for_patients
@require_POST
def standing(request: HttpRequest) -> HttpResponse:
    """Tell a page that was kept on a phone whether its link still works, after its visit too."""
    at = timezone.now()
    named = home_visit.link_of(request.POST.get("standing", ""))
    link = patient_link.alive_by_key(named[0], at) if named else None
    works = link is not None and named is not None and link.issue.program.patient.clinic_id == named[1]
    return JsonResponse({"works": works}, status=200 if works else 404)


@for_patients
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the visit in this browser; its script takes away what was kept."""
    response = _say(request, "removed", 200, forget=True)
    home_visit.end(response)
    return response


@for_patients
@require_safe
@on_a_visit
def handout_pdf(request: HttpRequest, link: PatientLink) -> HttpResponse:
    """Answer with the bytes that were issued."""
    audit.about(link.issue.program.patient, "print handout at home", by=None, subject=link.issue)
    response = HttpResponse(bytes(link.issue.pdf.content), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="exercise-program.pdf"'
    return response


@for_patients
@require_safe
@on_a_visit
def figure(request: HttpRequest, link: PatientLink, key: str) -> HttpResponse:
    """Send one of the issue's pictures, no others."""
    return _picture(request, home_pictures.still(Handout.from_snapshot(link.issue.snapshot), key))


@for_patients
@require_safe
@on_a_visit
def motion(request: HttpRequest, link: PatientLink, number: int) -> HttpResponse:
    """Send one of the issue's exercises in motion."""
    return _picture(request, home_pictures.motion(Handout.from_snapshot(link.issue.snapshot), number))


@for_patients
@require_safe
@on_a_visit
def manifest(request: HttpRequest, link: PatientLink) -> HttpResponse:
    """Say how the page is put on a home screen; no token in it."""
    words = languages.of(link.issue.snapshot.get("language", "en")).words
    icons = [
        {"src": static(f"img/home-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any"}
        for size in (192, 512)
    ]
    said = {
        "id": reverse("home"),
        "name": words.title,
        "short_name": words.your_exercises,
        "lang": link.issue.snapshot.get("language", "en"),
        "start_url": reverse("home"),
        "scope": reverse("home"),
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0f4c5c",
        "icons": icons,
    }
    return JsonResponse(said, content_type="application/manifest+json")


@for_patients
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Send the script that answers in place of the network; it must lie where its pages lie, under /p/."""
    path = finders.find("js/home/worker.js")
    if not path:
        raise Http404("The worker's script is missing.")
    response = HttpResponse(Path(path).read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def key_fits(key: str, link: PatientLink) -> bool:
    """Whether a form comes from one of the link's own pages."""
    return constant_time_compare(key, home_visit.form_key(link))


def _noted(request: HttpRequest, link: PatientLink, note: dict[str, Any]) -> HttpResponse:
    if not key_fits(request.POST.get("key", ""), link):
        return _say(request, "unfit", 403)
    try:
        _keep(link, note)
    except at_home_log.BadNote:
        return _say(request, "unfit", 422)
    place = f"exercise-{note['number']}" if note["kind"] == "tick" else "pain"
    return redirect(f"{reverse('home')}#{place}")


def _keep(link: PatientLink, note: Any) -> None:
    """Write one note as it was sent. Raises BadNote."""
    try:
        day, at = date.fromisoformat(str(note["day"])), datetime.fromisoformat(str(note["at"]))
        at = at if at.tzinfo else timezone.make_aware(at)
        if note["kind"] == "score":
            at_home_log.score(link.issue, day=day, score=int(note["score"]), at=at)
        else:
            act = at_home_log.tick if note["on"] is True else at_home_log.untick
            act(link.issue, day=day, number=int(note["number"]), at=at)
    except (KeyError, TypeError, ValueError, OverflowError) as reason:
        raise at_home_log.BadNote("The note can't be read.") from reason


def _button(request: HttpRequest, link: PatientLink, press: str = "") -> HttpResponse:
    said = languages.of(link.issue.program.patient.language)
    page = {
        "clinic": link.issue.program.patient.clinic,
        "language": said.code,
        "home": said.words.home,
        "press": press,
    }
    return render(request, "home/open.html", page, status=403 if press else 200)


def _say(request: HttpRequest, what: str, status: int, *, forget: bool = False) -> HttpResponse:
    """Say one thing in every language, for who isn't known has none; `forget` has the browser drop what it kept."""
    if sent_by_script(request):
        return JsonResponse({"said": what}, status=status)
    spoken = languages.known().values()
    sentences = [(said.code, said.words.home[what], said.words.home.get(f"{what}_how", "")) for said in spoken]
    return render(request, "home/say.html", {"sentences": sentences, "forget": forget}, status=status)


def _picture(request: HttpRequest, picture: bytes | None) -> HttpResponse:
    if picture is None:
        raise Http404("It isn't a picture of this program.")
    return picture_answer(request, picture)
