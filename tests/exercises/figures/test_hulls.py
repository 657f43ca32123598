"""The outline of circles: exact, whatever the circles."""

from math import cos, pi, sin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exercises.figures.hulls import outline, path

ANGLES = [2 * pi * step / 90 for step in range(90)]
circle = st.tuples(st.floats(-40, 40), st.floats(-40, 40), st.floats(0.2, 6))


def reach(circles, angle: float) -> float:
    """How far the circles reach in a direction."""
    return max(x * cos(angle) + y * sin(angle) + r for x, y, r in circles)


def reach_of_arcs(arcs, angle: float) -> float:
    """How far the outline reaches in a direction: the arc that looks there is touched by it."""
    for (x, y, r), start, end in arcs:
        if (angle - start) % (2 * pi) <= end - start + 1e-9:
            return x * cos(angle) + y * sin(angle) + r
    # between two arcs lies a straight line that looks there
    return max(x * cos(angle) + y * sin(angle) + r for (x, y, r), _, _ in arcs)


@given(st.lists(circle, min_size=1, max_size=14))
@example([(0.0, 0.0, 1.0)] * 3)
@example([(0.0, 0.0, 5.0), (1.0, 0.0, 1.0), (0.0, 1.0, 4.0)])
@example([(float(x), 0.0, 1.0) for x in range(6)])
def test_reaches_exactly_as_far_as_the_circles(circles):
    arcs = outline(circles)

    assert all(abs(reach_of_arcs(arcs, angle) - reach(circles, angle)) < 1e-6 for angle in ANGLES)
    assert sum(end - start for _, start, end in arcs) == pytest.approx(2 * pi)


def test_leaves_out_a_circle_inside_another():
    big, small = (0.0, 0.0, 5.0), (1.0, 1.0, 1.0)

    assert [arc[0] for arc in outline([small, big])] == [big]


@pytest.mark.parametrize(
    ("circles", "data"),
    [
        ([(0, 0, 1)], "M-10 0a10 10 0 0 1 20 0a10 10 0 0 1-20 0z"),
        ([(0, 0, 1), (4, 0, 1)], "M0 10a10 10 0 0 1 0-20l40 0a10 10 0 0 1 0 20z"),
    ],
    ids=["one circle", "two of one size"],
)
def test_writes_whole_numbers_with_y_down(circles, data):
    assert path(circles) == data
