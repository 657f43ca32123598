"""The body with tight and weak muscles marked."""

import pytest
from django.test import Client

from exercises import body_map
from exercises.figures.muscles import MUSCLES
from exercises.models import Muscle
from tests.conftest import make_user, signed_in

pytestmark = pytest.mark.django_db


def test_marks_each_side_by_itself():
    left = body_map.drawing("front", ["rectus_femoris_L"], [])
    right = body_map.drawing("front", ["rectus_femoris_R"], [])

    assert left != right
    assert left != body_map.drawing("front", [], ["rectus_femoris_L"])


def test_draws_every_muscle_of_the_catalog(loaded_catalog):
    assert set(Muscle.objects.values_list("slug", flat=True)) <= set(MUSCLES)


@pytest.mark.parametrize("muscles", ["", "nobody_L", "rectus_femoris", "<script>_L,rectus_femoris_L", "x" * 4000])
@pytest.mark.parametrize("view", ["front", "back"])
def test_answers_whatever_is_asked(view, muscles):
    response = signed_in(make_user()).get(f"/body/{view}.svg", {"tight": muscles, "weak": muscles})

    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    assert "script" not in response.content.decode()


def test_knows_no_other_view():
    assert signed_in(make_user()).get("/body/inside.svg").status_code == 404


def test_is_for_people_who_are_signed_in():
    assert Client().get("/body/front.svg").status_code == 302
