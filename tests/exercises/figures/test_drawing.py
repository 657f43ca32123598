"""Pictures: what is near covers what is far, muscles are only shown where they are seen, arrows follow the movement."""

import re

import numpy as np
import pytest

from exercises.figures import arrows, palette, pieces
from exercises.figures.animation import MOST_FRAMES, animated
from exercises.figures.body import anatomy
from exercises.figures.camera import Camera
from exercises.figures.figure import Figure
from exercises.figures.poses import Arrow
from exercises.figures.posing import pose
from exercises.figures.reading import read
from tests.exercises.figures.pictures import wrong_with

LIFT = {"start": {"posture": "standing"}, "finish": {"joints": {"shoulder_flexion_R": 150}}}


def figure(**data) -> Figure:
    return Figure(read("test", data))


def painted(data: dict, view: tuple[float, float] = (0, 0)) -> list[str]:
    """The parts of a body in the order in which they are painted."""
    body = pose(read("test", {"start": data}).frames[0]).body
    axes = Camera(*view).axes
    seen = np.column_stack((anatomy().place(body) @ axes.T, anatomy().radii))
    return [piece.name for piece in pieces.ordered(pieces.of_body("slim", seen, {}))]


@pytest.mark.parametrize(
    ("view", "far", "near"),
    [((0, 0), "L", "R"), ((180, 0), "R", "L")],
    ids=["from the right", "from the left"],
)
def test_paints_the_near_limbs_last(view, far, near):
    order = painted({"posture": "standing"}, view)

    for limb in ("thigh", "shank", "upper_arm"):
        assert order.index(f"{limb}_{far}") < order.index(f"{limb}_{near}")


def test_paints_an_arm_before_the_chest_over_the_chest():
    crossed = {"posture": "standing", "pins": {"hand_L": {"touch": "chest"}}}

    assert painted(crossed, (90, 6)).index("hand_L") > painted(crossed, (90, 6)).index("torso")
    assert painted(crossed, (-90, 6)).index("hand_L") < painted(crossed, (-90, 6)).index("torso")


def test_paints_every_part_once_even_where_they_lie_in_a_circle():
    names = painted(
        {"posture": "hook_lying", "pins": {"foot_R": {"touch": "thigh_knee_L"}, "hand_R": {"touch": "shin_R"}}}
    )

    assert len(names) == len(set(names)) == len(pieces.of_body("slim", np.zeros((len(anatomy().radii), 4)) + 1, {}))


@pytest.mark.parametrize(
    ("view", "muscle", "seen"),
    [
        ("side", "gluteus_medius_R", True),
        ("side", "gluteus_medius_L", False),
        ("front", "rectus_abdominis", True),
        ("front", "erector_spinae", False),
        ("back", "erector_spinae", True),
        ("back", "quadriceps_R", False),
    ],
)
def test_shows_a_muscle_only_from_where_it_is_seen(view, muscle, seen):
    shown = figure(view=view, show={"release": muscle}).drawings["start"].shown

    assert bool(shown) == seen


def test_marks_say_without_colour_what_is_done_to_a_muscle():
    plain, striped, dotted = (
        figure(show={tone: "quadriceps_R"}).svg("start") for tone in ("strengthen", "release", "restore")
    )

    edge = {tone: line for tone, (_, line) in palette.TONES.items()}
    stripes = f'fill="none" stroke="{edge["release"]}"'
    dots = re.compile(rf'<path d="[^"]*" fill="{edge["restore"]}"/>')
    assert stripes in striped
    assert dots.search(dotted)
    assert f'fill="none" stroke="{edge["strengthen"]}"' not in plain


@pytest.mark.parametrize("tone", palette.TONES)
def test_the_tones_of_muscles_differ_in_grey(tone):
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    fill, line = palette.TONES[tone]

    assert abs(grey(fill) - grey(line)) > 35
    assert min(abs(grey(fill) - grey(palette.TONES[other][0])) for other in palette.TONES if other != tone) > 20


def test_an_arrow_follows_the_way_of_its_place():
    drawn = figure(arrow="fingertips_R", **LIFT)

    points = arrows.path_of(drawn.pose.arrows[0], drawn.movements["finish"], drawn.posed["finish"], drawn.axes)

    for point, name in ((points[0], "start"), (points[-1], "finish")):
        hand = drawn.axes @ drawn.posed[name].body.point("hand_R", np.array([0.4, 0.8, -8.4]))
        assert point == pytest.approx(hand[:2], abs=0.3)
    assert np.ptp(points[:, 0]) > 10  # it goes round, not straight up
    assert palette.ARROW in drawn.svg("finish")
    assert palette.ARROW not in drawn.svg("start")


def test_a_short_way_gets_an_arrow_that_can_be_seen_and_none_gets_none():
    drawn = figure(start={"posture": "standing"}, finish={"at": [0.6, 0, 52.7]})
    moved, still = (
        arrows.path_of(Arrow(place), drawn.movements["finish"], drawn.posed["finish"], drawn.axes)
        for place in ("pelvis", "sole_R")
    )

    assert np.hypot(*(moved[-1] - moved[0])) == pytest.approx(arrows.SHORTEST, abs=0.1)
    assert still is None


def test_the_mirror_image_is_the_same_picture_turned_round():
    drawn = figure(**LIFT)

    plain, mirrored = drawn.svg("finish"), drawn.svg("finish", mirrored=True)

    x, _, width, _ = drawn.page
    assert mirrored == plain.replace(
        '<g stroke-linejoin="round">',
        f'<g stroke-linejoin="round"><g transform="matrix(-1 0 0 1 {2 * x + width} 0)">',
        1,
    ).replace("</g></svg>", "</g></g></svg>")


def test_all_frames_share_one_room():
    drawn = figure(**LIFT)

    boxes = {re.search(r'viewBox="([^"]+)"', drawn.svg(name)).group(1) for name in drawn.posed}

    assert len(boxes) == 1


def test_a_close_up_shows_a_place_again():
    drawn = figure(close_up="lower_back", **LIFT)

    assert '<use href="#whole"' in drawn.svg("start")
    assert wrong_with(drawn.svg("start")) == []


def test_something_moves_within_few_frames():
    steps = [{"name": name, "joints": {"shoulder_flexion_R": 40 + 20 * number}} for number, name in enumerate("abc")]

    moving = animated(figure(steps=steps, **LIFT))

    assert moving.count('<g transform="translate(') + 1 <= MOST_FRAMES + 3
    assert wrong_with(moving, moving=True) == []


def test_a_path_that_stays_is_written_once():
    moving = animated(figure(**LIFT))

    paths = re.findall(r'<path id="[^"]+" d="([^"]+)"', moving)
    assert len(paths) == len(set(paths))


def test_the_sturdy_build_is_wider_than_the_slim_one():
    def width(build: str) -> float:
        hips = anatomy(build).parts["pelvis"].balls
        return max(anatomy(build).table[row][1] + anatomy(build).radii[row] for row in hips)

    assert width("sturdy") > width("slim") + 0.3
