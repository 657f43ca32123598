"""What a stage does for each pair, side by side."""

import pytest

from programs import balance
from programs.checks.facts import Pair
from tests.programs.stages import exercise, item, stage

FIGURE_4 = exercise("Figure 4", "release", "static_stretch", releases=["piriformis"])
BALL = exercise("Ball", "release", "self_massage", releases=["piriformis", "tfl"])
BRIDGE = exercise("Bridge", "strengthen", "strengthening", strengthens=["gluteus_maximus"])
CLAM = exercise("Clamshell", "strengthen", "activation", strengthens=["gluteus_maximus", "gluteus_medius"])
TILT = exercise("Tilt")

PIRIFORMIS = Pair("piriformis", "gluteus_maximus", "piriformis", "gluteus maximus", primary=True)
TFL = Pair("tfl", "gluteus_medius", "tensor fasciae latae", "gluteus medius", primary=True)
SECOND = Pair("piriformis", "gluteus_medius", "piriformis", "gluteus medius", primary=False)


def only(*items, side="left", **about):
    """Return the balance of the one pair of a stage."""
    marked = {"tight": ["piriformis"], "weak": ["gluteus_maximus"], "muscle_side": side}
    (found,) = balance.of_pairs(stage(*items, pairs=[PIRIFORMIS], **{**marked, **about}))
    return found


@pytest.mark.parametrize(
    ("items", "side", "missing"),
    [
        pytest.param([FIGURE_4, BRIDGE], "left", [], id="released and strengthened"),
        pytest.param([BRIDGE], "left", ["nothing releases the piriformis, on the left"], id="not released"),
        pytest.param([FIGURE_4], "right", ["nothing strengthens the gluteus maximus, on the right"], id="no strength"),
        pytest.param(
            [TILT], "left",
            ["nothing releases the piriformis, on the left", "nothing strengthens the gluteus maximus, on the left"],
            id="neither",
        ),
        pytest.param(
            [item(FIGURE_4, side="right"), BRIDGE], "left", ["nothing releases the piriformis, on the left"],
            id="released on the other side only",
        ),
        pytest.param([item(FIGURE_4, side="left"), BRIDGE], "left", [], id="released on the tight side"),
        pytest.param(
            [item(FIGURE_4, side="left"), BRIDGE], "both", ["nothing releases the piriformis, on the right"],
            id="one side released of two",
        ),
        pytest.param(
            [item(FIGURE_4, side="left"), item(BALL, side="right"), BRIDGE], "both", [], id="two items for two sides"
        ),
        pytest.param([item(FIGURE_4, side="each"), BRIDGE], "both", [], id="each side is both"),
        pytest.param(
            [FIGURE_4], "both", ["nothing strengthens the gluteus maximus, on both sides"], id="both sides, said once"
        ),
        pytest.param([BRIDGE, FIGURE_4], "left", [], id="what comes first is the checks' affair"),
    ],
)  # fmt: skip
def test_says_what_a_pair_is_missing(items, side, missing):
    found = only(*items, side=side)

    assert found.missing == missing


@pytest.mark.parametrize(("items", "complete"), [([FIGURE_4, BRIDGE], True), ([BRIDGE], False)])
def test_is_complete_when_nothing_is_missing(items, complete):
    assert only(*items).complete is complete


def test_names_the_items_in_the_order_of_the_program():
    found = only(BALL, FIGURE_4, TILT, CLAM, BRIDGE)

    assert found.released_by == ("Ball", "Figure 4")
    assert found.strengthened_by == ("Clamshell", "Bridge")


@pytest.mark.parametrize(("side", "words"), [("left", "left"), ("right", "right"), ("both", "both sides")])
def test_says_the_side_in_words(side, words):
    found = only(side=side)

    assert (found.tight_words, found.weak_words) == (words, words)


@pytest.mark.parametrize(
    ("tight", "weak", "shown"),
    [
        pytest.param(["piriformis"], ["gluteus_maximus"], ["piriformis"], id="both are marked"),
        pytest.param(["piriformis"], [], [], id="the weak one isn't marked"),
        pytest.param([], ["gluteus_maximus"], [], id="the tight one isn't marked"),
        pytest.param(["gluteus_maximus"], ["piriformis"], [], id="the other way round"),
    ],
)
def test_shows_pairs_of_which_both_are_marked(tight, weak, shown):
    found = balance.of_pairs(stage(BRIDGE, pairs=[PIRIFORMIS], tight=tight, weak=weak))

    assert [row.pair.tight for row in found] == shown


def test_primary_pairs_come_first():
    marked = {"tight": ["piriformis", "tfl"], "weak": ["gluteus_maximus", "gluteus_medius"]}

    found = balance.of_pairs(stage(BRIDGE, pairs=[SECOND, PIRIFORMIS, TFL], **marked))

    assert [row.pair for row in found] == [PIRIFORMIS, TFL, SECOND]


@pytest.mark.parametrize(
    ("muscles", "names"),
    [
        pytest.param({}, [], id="none"),
        pytest.param({"piriformis": "left"}, ["piriformis_L"], id="left"),
        pytest.param({"piriformis": "right"}, ["piriformis_R"], id="right"),
        pytest.param({"tfl": "both", "piriformis": "left"}, ["piriformis_L", "tfl_L", "tfl_R"], id="both"),
    ],
)
def test_names_marked_muscles_as_the_figure_does(muscles, names):
    assert balance.marked(muscles) == names
