"""Every exercise of the catalog can be drawn, and its body does only what bodies do."""

import gzip
from functools import cache

import numpy as np
import pytest

from exercises import catalog_files
from exercises.figures import checks, library
from exercises.figures.animation import animated
from exercises.figures.body import anatomy
from exercises.figures.drawing import Look
from exercises.figures.figure import Figure
from exercises.figures.motion import Movement
from exercises.figures.palette import PALETTES
from exercises.figures.reading import read
from exercises.figures.skeleton import FOREARM, SHANK, THIGH, UPPER_ARM, Body
from exercises.readability import grade
from tests.conftest import DEEP, catalog_as_shipped
from tests.exercises.figures.pictures import figure_of, wrong_with

SLUGS = library.slugs()
FRAMES = {slug: len(library.entry(slug).pose.frames) for slug in SLUGS}
MOVING = [slug for slug in SLUGS if FRAMES[slug] > 1]
# All frames of a movement take 0.2 s to draw: the longest movements, whose files are largest, and a few of the others.
LONG = [slug for slug in MOVING if FRAMES[slug] > 2]
ANIMATED = MOVING if DEEP else sorted({*LONG, *MOVING[::20]})
WAY = (0.2, 0.4, 0.5, 0.6, 0.8)
LIMBS = (
    ("thigh", "shank", THIGH),
    ("shank", "foot", SHANK),
    ("upper_arm", "forearm", UPPER_ARM),
    ("forearm", "hand", FOREARM),
)


@cache
def on_the_way(slug: str) -> list[tuple[Movement, list[Body]]]:
    """Return each movement of an exercise with the bodies between its ends."""
    return [(movement, [movement.at(part) for part in WAY]) for movement in figure_of(slug).movements.values()]


@pytest.fixture(scope="module")
def catalog() -> catalog_files.Catalog:
    return catalog_as_shipped()


def test_knows_all_132_exercises():
    assert len(SLUGS) == 132


@pytest.mark.parametrize("slug", SLUGS)
def test_is_drawn_without_a_fault(slug):
    assert checks.faults(figure_of(slug)) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_keeps_its_limbs_and_its_place_while_it_moves(slug):
    for _, bodies in on_the_way(slug):
        for body in bodies:
            for upper, lower, length in LIMBS:
                for side in "RL":
                    bone = body.start[f"{lower}_{side}"] - body.start[f"{upper}_{side}"]
                    assert np.linalg.norm(bone) == pytest.approx(length, abs=1e-6)
            parts = [part for part in anatomy().parts if not part.startswith("hand")]
            assert anatomy().lowest(body, parts) >= figure_of(slug).pose.floor - 0.5


@pytest.mark.parametrize("slug", SLUGS)
def test_holds_planted_feet_and_hands_still_while_it_moves(slug):
    for movement, bodies in on_the_way(slug):
        for one, two in movement.pins:
            if one.on or one.straight or one.heel != two.heel or not np.allclose(one.at, two.at):
                continue
            bone = one.limb if one.limb.startswith("foot") else None
            if bone is None:
                continue
            first = movement.start.body.start[bone]
            for body in bodies:
                assert np.linalg.norm(body.start[bone] - first) < 0.1 + max(
                    movement.start.misses[one.limb], movement.finish.misses[one.limb]
                )


@pytest.mark.parametrize("slug", SLUGS)
def test_is_a_small_clean_picture(slug):
    figure = figure_of(slug)

    for frame in figure.posed:
        for mirrored in (False, True):
            picture = figure.svg(frame, mirrored=mirrored)
            assert wrong_with(picture) == []
            assert len(picture.encode()) < 25_000


@pytest.mark.parametrize("slug", ANIMATED)
def test_moves_in_a_small_clean_file(slug):
    moving = animated(figure_of(slug))

    assert wrong_with(moving, moving=True) == []
    assert "prefers-reduced-motion" in moving
    assert len(gzip.compress(moving.encode())) < 40_000


@pytest.mark.parametrize("slug", SLUGS)
def test_says_in_words_what_each_picture_shows(slug):
    entry = library.entry(slug)

    words = entry.words["en"]

    assert list(words) == [frame.name for frame in entry.pose.frames]
    assert all(len(line.split()) >= 6 for line in words.values())
    assert grade([line.format(side="left", other="right") for line in words.values()]) <= 6


def test_shows_only_muscles_that_the_exercise_works_on(catalog):
    for exercise in catalog.exercises:
        released = {*exercise.releases}
        worked = {"release": released, "strengthen": {*exercise.strengthens}}
        worked["restore"] = {*released, *exercise.strengthens, *exercise.nerves}
        for shown in read(exercise.slug, catalog.poses[exercise.slug].pose).highlights:
            assert shown.muscle in worked[shown.tone], (exercise.slug, shown)


def test_every_exercise_of_the_catalog_has_a_pose_and_the_rest_are_drafts(catalog):
    names = {exercise.slug for exercise in catalog.exercises}

    assert names <= set(catalog.poses)
    assert set(catalog.poses) == set(SLUGS)


@pytest.mark.parametrize("build", ["slim", "sturdy"])
@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_draws_people_of_every_look(palette, build):
    figure = Figure(library.entry("bridge").pose, Look(palette, build))

    assert wrong_with(figure.svg("finish")) == []
    assert palette.skin in figure.svg("finish")
