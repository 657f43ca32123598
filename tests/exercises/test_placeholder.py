"""The pictures of positions."""

from xml.etree import ElementTree

import pytest

from exercises.placeholder import alt_text, placeholder_svg
from exercises.vocabulary import POSITIONS

SLUGS = [slug for slug, _ in POSITIONS]


@pytest.mark.parametrize("position", SLUGS)
def test_draws_every_position_inside_its_frame(position: str) -> None:
    root = ElementTree.fromstring(placeholder_svg(position, "start"))

    points = [
        tuple(map(float, point.split(",")))
        for line in root.iter("{http://www.w3.org/2000/svg}polyline")
        for point in line.attrib["points"].split()
    ]

    assert root.attrib["viewBox"] == "0 0 240 180"
    assert points
    assert all(5 <= x <= 235 and 5 <= y <= 175 for x, y in points)


def test_draws_each_position_differently() -> None:
    assert len({placeholder_svg(position, "start") for position in SLUGS}) == len(SLUGS)


@pytest.mark.parametrize("position", SLUGS)
def test_holds_no_words_styles_or_addresses(position: str) -> None:
    picture = placeholder_svg(position, "finish").replace('xmlns="http://www.w3.org/2000/svg"', "")

    assert not any(part in picture for part in ("<text", "style", "http", "href", "<script"))


def test_draws_an_unknown_position_standing() -> None:
    assert placeholder_svg("handstand", "start") == placeholder_svg("standing", "start")


def test_says_what_the_picture_shows() -> None:
    assert alt_text("Clam", "side_lying") == "Clam: lying on the side. A drawing of the position only."
