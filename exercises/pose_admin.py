"""An exercise's pictures in the admin, with the way to the editor of its pose."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from exercises import pictures
from exercises.models import Exercise


@admin.display(description="Pose")
def pose_picture(exercise: Exercise) -> SafeString | str:
    """Return the exercise's picture and a link to change its pose; a readonly field of its change page."""
    if not exercise.slug:
        return "Save the exercise first; then it can be posed."
    picture = f"{reverse('exercise_figure', args=[exercise.slug])}?v={pictures.version(exercise)}"
    words = "Change the pose" if exercise.pose else "Pose it: now it is shown at rest, by its position"
    return format_html(
        '<img src="{}" alt="" width="160" height="120"><br><a href="{}">{}</a>',
        picture,
        reverse("pose", args=[exercise.slug]),
        words,
    )
