"""The pages of the catalog. Everybody who is signed in may read it, and of clinics' own exercises their clinics'."""

from base64 import b64encode
from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from clinics.access import StaffRequest
from clinics.page import keep_for_good
from exercises import body_map, browsing, pictures, uploads
from exercises.browsing import Search
from exercises.editors import edits_catalog
from exercises.leaflet import leaflet_of
from exercises.models import Exercise
from exercises.pose_views import may_pose
from exercises.vocabulary import Phase

HOUR_S = 3_600


@require_safe
def exercise_list(request: StaffRequest) -> HttpResponse:
    """Show the published exercises that fit the search, by phase."""
    search = Search.from_query(request.GET)
    page = {
        "search": search,
        "listing": browsing.found(search, request.user, request.GET.get("page")),
        "phases": list(Phase),
        "drivers": browsing.drivers(),
        "is_editor": edits_catalog(request.user),
    }
    return render(request, "exercises/list.html", page)


@require_safe
def exercise_detail(request: StaffRequest, slug: str) -> HttpResponse:
    """Show one exercise, retired ones too: programs still point to them. Drafts are for editors."""
    exercise = get_object_or_404(Exercise.objects.readable_by(request.user).with_everything(), slug=slug)
    is_editor = edits_catalog(request.user)
    leaflet = leaflet_of(exercise, drafts=is_editor)
    page = {"leaflet": leaflet, "exercise": exercise, "may_pose": may_pose(request.user, exercise)}
    return render(request, "exercises/detail.html", page | {"is_editor": is_editor})


@require_safe
def exercise_figure(request: StaffRequest, slug: str) -> HttpResponse:
    """Send a picture of an exercise: `frame` by name, `side` left or right; else as it is usually shown.

    Browsers keep it for good when `v` names its version.
    """
    exercise = _pictured(request, slug)
    picture = pictures.shown(exercise, request.GET.get("frame", ""), request.GET.get("side", ""))
    return picture_answer(request, picture, for_good=_names_version(request, exercise))


@require_safe
def exercise_motion(request: StaffRequest, slug: str) -> HttpResponse:
    """Send an exercise in motion, kept as `exercise_figure` is; one held still or shown by uploads isn't found."""
    exercise = _pictured(request, slug)
    picture = pictures.motion(exercise, request.GET.get("side", ""))
    if picture is None:
        raise Http404("This exercise is held still.")
    return picture_answer(request, picture.encode(), for_good=_names_version(request, exercise))


@require_safe
def body(request: HttpRequest, view: str) -> HttpResponse:
    """Send the body from the front or the back with muscles marked: `tight` and `weak` name them, with commas."""
    if view not in body_map.VIEWS:
        raise Http404("There is no such view.")
    tight, weak = (request.GET.get(name, "").split(",") for name in ("tight", "weak"))
    return picture_answer(request, body_map.drawing(view, tight, weak).encode())


def _pictured(request: StaffRequest, slug: str) -> Exercise:
    rows = Exercise.objects.pictured_for(request.user).only("slug", "position", "pose")
    return get_object_or_404(rows, slug=slug)


def _names_version(request: HttpRequest, exercise: Exercise) -> bool:
    """Whether the address changes when the picture does; an address of another version must be asked again."""
    return request.GET.get("v") == pictures.version(exercise)


def picture_answer(request: HttpRequest, content: bytes, *, for_good: bool = False) -> HttpResponse:
    """A picture that browsers keep for good, or for an hour before they ask whether it changed.

    In an SVG nothing but its own style may run; in an upload nothing at all.
    """
    etag = f'"{sha256(content).hexdigest()[:20]}"'
    kind = uploads.media_type(content)
    style = content.partition(b"<style>")[2].partition(b"</style>")[0] if kind == uploads.SVG else b""
    allowed = f"'sha256-{b64encode(sha256(style).digest()).decode()}'" if style else "'none'"
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers = {"ETag": etag, "Content-Security-Policy": policy}
    response = HttpResponse(content, content_type=kind, headers=headers)
    if for_good:
        keep_for_good(response)
    else:
        patch_cache_control(response, private=True, max_age=HOUR_S)
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def protocol_list(request: HttpRequest) -> HttpResponse:
    """Show the starting protocols, one per driver."""
    return render(request, "exercises/protocols.html", {"pages": browsing.protocols()})
