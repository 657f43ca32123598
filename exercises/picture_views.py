"""The page on which an exercise's pictures are uploaded and put in words."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinics.access import Can, StaffRequest, check_may
from exercises import picturing, reviewing
from exercises.editors import edits_catalog
from exercises.models import Exercise
from exercises.picture_forms import PicturesForm


@require_http_methods(["GET", "HEAD", "POST"])
def exercise_pictures(request: StaffRequest, slug: str) -> HttpResponse:
    """Show and save the uploads of an exercise and what its pictures show in words.

    When somebody was quicker, nothing is saved and what was typed stays.
    """
    exercise = _find(request, slug)
    typed = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PicturesForm(*typed, exercise=exercise, seen=picturing.state_of(exercise))
    theirs = False
    if form.is_valid():
        said = {"new": form.new(), "off": form.off(), "words": form.words(), "seen": form.cleaned_data["seen"]}
        try:
            changed = picturing.change(exercise, **said, by=request.user)
        except picturing.EditedMeanwhile:
            theirs = True
        except reviewing.NotReady as reason:
            form.add_error(None, reason.problems)
        else:
            messages.success(request, "Saved." if changed else "Nothing was changed.")
            return redirect("exercise_pictures", slug=slug)
    page = {"form": form, "frames": form.frames(), "exercise": exercise, "theirs": theirs}
    status = 409 if theirs else 422 if form.is_bound else 200
    return render(request, "catalog/pictures.html", page, status=status)


def _find(request: StaffRequest, slug: str) -> Exercise:
    """Return the exercise if the person may change its pictures; another clinic's is as if missing."""
    exercise = get_object_or_404(Exercise.objects.visible_to(request.user).prefetch_related("texts"), slug=slug)
    if exercise.clinic_id is not None:
        check_may(request.user, Can.EXERCISES, exercise.clinic_id)
    elif not edits_catalog(request.user):
        raise PermissionDenied("Only the catalog's editors may change its pictures.")
    return exercise
