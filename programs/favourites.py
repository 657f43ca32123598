"""Exercises that a person starred."""

from clinics.models import User
from programs.models import Favourite


def star(user: User, exercise_key: int, *, on: bool) -> None:
    """Star an exercise, or take the star off; doing it twice changes nothing."""
    if on:
        Favourite.objects.get_or_create(user=user, exercise_id=exercise_key)
    else:
        Favourite.objects.filter(user=user, exercise_id=exercise_key).delete()


def likes(user: User, exercise_key: int) -> bool:
    return Favourite.objects.filter(user=user, exercise_id=exercise_key).exists()
