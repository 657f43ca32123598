"""Pictures are drawn once and kept, mirrored to the side that works, and said in words."""

from pathlib import Path

import pytest

from exercises import figures, pictures
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
