"""The pages of the catalog. Everybody who is signed in may read it; only the admin changes it."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from exercises import browsing
from exercises.browsing import Search
from exercises.leaflet import leaflet_of
from exercises.models import Exercise
from exercises.placeholder import placeholder_svg
from exercises.vocabulary import Phase


@require_safe
def exercise_list(request: HttpRequest) -> HttpResponse:
    """Show the published exercises that fit the search, by phase."""
    search = Search.from_query(request.GET)
    groups = browsing.found(search)
    page = {
        "search": search,
        "groups": groups,
        "count": sum(len(group.rows) for group in groups),
        "phases": list(Phase),
        "drivers": browsing.drivers(),
    }
    return render(request, "exercises/list.html", page)


@require_safe
def exercise_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one exercise, retired ones too: programs still point to them."""
    exercise = get_object_or_404(Exercise.objects.with_everything(), slug=slug)
    return render(request, "exercises/detail.html", {"leaflet": leaflet_of(exercise), "exercise": exercise})


@require_safe
def exercise_figure(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the picture of an exercise; browsers keep it for an hour, then ask whether it changed."""
    exercise = get_object_or_404(Exercise.objects.only("position"), slug=slug)
    picture = placeholder_svg(exercise.position, request.GET.get("frame", "")).encode()
    etag = f'"{sha256(picture).hexdigest()[:20]}"'
    response = HttpResponse(picture, content_type="image/svg+xml", headers={"ETag": etag})
    patch_cache_control(response, private=True, max_age=3600)
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def protocol_list(request: HttpRequest) -> HttpResponse:
    """Show the starting protocols, one per driver."""
    return render(request, "exercises/protocols.html", {"pages": browsing.protocols()})
