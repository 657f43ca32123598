"""Pictures are drawn once and kept, mirrored to the side that works, and said in words."""

from pathlib import Path

import pytest
from django.template.loader import render_to_string

from exercises import figures, pictures
from exercises.templatetags.exercise_pictures import figure_address, picture_version
from exercises.vocabulary import POSITIONS
from tests.conftest import make_exercise

pytestmark = pytest.mark.django_db
LIFT = {"start": {"posture": "side_lying"}, "finish": {"joints": {"hip_abduction_L": 30}}, "side": "left"}


@pytest.fixture
def kept_in(settings, tmp_path) -> Path:
    settings.FIGURES_DIR = tmp_path / "figures"
    return settings.FIGURES_DIR


@pytest.fixture
def drawn(monkeypatch) -> list[str]:
    """What the engine was asked to draw."""
    asked = []

    def draw(name: str, pose: dict, frame: str, *, mirrored: bool = False) -> str:
        asked.append(f"{name} {frame}{' mirrored' if mirrored else ''}")
        return "<svg/>"

    monkeypatch.setattr(figures, "draw", draw)
    return asked


def test_draws_a_picture_once(kept_in, drawn):
    exercise = make_exercise("Lift", pose=LIFT)

    pictures.drawing(exercise, "start", "left")
    pictures.drawing(exercise, "start", "left")

    assert drawn == ["lift start"]
    assert len(list(kept_in.rglob("*.svg"))) == 1


def test_draws_anew_when_the_pose_changed(kept_in, drawn):
    exercise = make_exercise("Lift", pose=LIFT)
    pictures.drawing(exercise, "start", "left")

    exercise.pose = {**LIFT, "view": "top"}
    pictures.drawing(exercise, "start", "left")

    assert len(drawn) == 2


def test_draws_anew_when_the_engine_changed(kept_in, drawn, monkeypatch):
    exercise = make_exercise("Lift", pose=LIFT)
    pictures.drawing(exercise, "start", "left")

    monkeypatch.setattr(pictures, "_engine", lambda: "another")
    pictures.drawing(exercise, "start", "left")

    assert len(drawn) == 2


def test_knows_the_version_without_drawing(kept_in, drawn):
    version = pictures.version(make_exercise("Lift", pose=LIFT))

    assert len(version) == 16
    assert int(version, 16)
    assert drawn == []


def test_gives_a_changed_picture_another_version(monkeypatch):
    exercise = make_exercise("Lift", pose=LIFT)
    versions = [pictures.version(exercise)]

    exercise.pose = {**LIFT, "view": "top"}
    versions.append(pictures.version(exercise))
    exercise.pose, exercise.position = {}, "prone"
    versions.append(pictures.version(exercise))
    exercise.position = "supine"
    versions.append(pictures.version(exercise))
    monkeypatch.setattr(pictures, "_engine", lambda: "another")
    versions.append(pictures.version(exercise))

    assert len(set(versions)) == len(versions)


def test_keeps_the_version_while_only_words_change():
    exercise = make_exercise("Lift", pose=LIFT)
    before = pictures.version(exercise)

    exercise.name, exercise.reps = "Leg lift", 30

    assert pictures.version(exercise) == before


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ({}, "/exercises/lift/figure.svg"),
        ({"side": "left"}, "/exercises/lift/figure.svg?side=left"),
        ({"version": "00ff"}, "/exercises/lift/figure.svg?v=00ff"),
        ({"side": "left", "version": "00ff"}, "/exercises/lift/figure.svg?side=left&v=00ff"),
        ({"side": "a b&c"}, "/exercises/lift/figure.svg?side=a+b%26c"),
    ],
)
def test_names_in_its_address_only_what_is_asked_for(asked, address):
    assert figure_address("lift", **asked) == address


def test_shows_a_thumb_in_its_own_room_and_only_when_it_comes_into_view():
    thumb = render_to_string("exercises/thumb.html", {"exercise": make_exercise("Lift", pose=LIFT)})

    assert 'src="/exercises/lift/figure.svg"' in thumb
    for attribute in ('width="92"', 'height="69"', 'loading="lazy"', 'decoding="async"', 'alt=""'):
        assert attribute in thumb


def test_shows_a_thumb_that_browsers_keep_when_its_version_is_given():
    exercise = make_exercise("Lift", pose=LIFT)
    given = {"exercise": exercise, "side": "left", "version": picture_version(exercise)}

    thumb = render_to_string("exercises/thumb.html", given)

    assert f'src="/exercises/lift/figure.svg?side=left&amp;v={pictures.version(exercise)}"' in thumb


def test_draws_without_keeping_when_the_disk_refuses(settings, tmp_path, drawn, caplog):
    settings.FIGURES_DIR = tmp_path / "file"
    settings.FIGURES_DIR.write_text("in the way")

    assert pictures.drawing(make_exercise("Lift", pose=LIFT), "start") == "<svg/>"
    assert "can't be kept" in caplog.text


@pytest.mark.parametrize(
    ("side", "asked"),
    [
        ("left", "lift start"),
        ("right", "lift start mirrored"),
        ("each", "lift start mirrored"),
        ("", "lift start mirrored"),
    ],
)
def test_shows_the_side_that_works_and_the_right_one_else(kept_in, drawn, side, asked):
    pictures.drawing(make_exercise("Lift", pose=LIFT), "start", side)

    assert drawn == [asked]


def test_words_name_the_side_that_the_picture_shows():
    exercise = make_exercise("Lift", pose=LIFT)
    text = exercise.texts.get()
    text.pictures = {"start": "Your {side} leg is on top."}

    assert pictures.words(text, exercise, "start", "left") == "Your left leg is on top."
    assert pictures.words(text, exercise, "start", "each") == "Your right leg is on top."


@pytest.mark.parametrize("position", [slug for slug, _ in POSITIONS])
def test_draws_the_position_of_an_exercise_without_a_pose(kept_in, position):
    exercise = make_exercise("New", position=position)

    assert pictures.frames(exercise) == ["start"]
    assert pictures.drawing(exercise, "start").startswith("<svg")
    assert pictures.motion(exercise) is None
    assert pictures.words(exercise.texts.get(), exercise, "start").endswith("A drawing of the position only.")
