"""The printed code: one path, the same again, and every module where the standard puts it."""

import re

import pytest
import segno

from programs import printed_code

ADDRESS = "https://clinic.example/p/" + "A1b-_" * 8 + "xyz/"


def modules_of(svg: str) -> set[tuple[int, int]]:
    """Return the dark squares that the path covers."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", svg)
    assert all(there == back for _, _, there, back in runs)
    return {(int(column) + step, int(row)) for column, row, width, _ in runs for step in range(int(width))}


@pytest.mark.parametrize("address", [ADDRESS, "http://127.0.0.1:8000/p/x/", "https://clinic.example/p/" + "ß" * 40])
def test_covers_the_dark_modules_and_no_other(address):
    svg = printed_code.drawing(address).decode()

    code = segno.make(address, error="m", micro=False, boost_error=False)
    dark = {(x, y) for y, row in enumerate(code.matrix_iter(border=4)) for x, is_dark in enumerate(row) if is_dark}
    assert modules_of(svg) == dark
    assert svg.count("<path") == 1
    assert code.error == "M"


def test_leaves_four_modules_of_white_around():
    svg = printed_code.drawing(ADDRESS).decode()

    [size] = re.findall(r'viewBox="0 0 (\d+) \1"', svg)
    places = [place for module in modules_of(svg) for place in module]
    assert (min(places), max(places)) == (4, int(size) - 5)


def test_is_the_same_again():
    assert printed_code.drawing(ADDRESS) == printed_code.drawing(ADDRESS)
    assert printed_code.drawing(ADDRESS) != printed_code.drawing(ADDRESS.replace("A", "B", 1))
