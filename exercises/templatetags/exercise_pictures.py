"""Where the pictures of an exercise are, for templates."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse

from exercises import pictures
from exercises.models import Exercise

register = template.Library()


@register.simple_tag
def figure_address(slug: str, *, side: str = "", version: str = "") -> str:
    """Return the address of an exercise's picture; with its `version` browsers keep it for good."""
    return _address("exercise_figure", slug, side, version)


@register.simple_tag
def motion_address(slug: str, *, side: str = "", version: str = "") -> str:
    """Return the address of an exercise in motion, as `figure_address` does."""
    return _address("exercise_motion", slug, side, version)


def _address(page: str, slug: str, side: str, version: str) -> str:
    asked = urlencode([(name, value) for name, value in (("side", side), ("v", version)) if value])
    address = reverse(page, args=[slug])
    return f"{address}?{asked}" if asked else address


@register.filter
def picture_version(exercise: Exercise) -> str:
    """Return the version of an exercise's pictures; reads its pose and position."""
    return pictures.version(exercise)
