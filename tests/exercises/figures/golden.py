"""The accepted look of every picture: a small grey blurred raster of each, in one file.

A changed picture fails the test, which writes what it is now beside what it was. After a look at it:

    python -m tests.exercises.figures.golden accept
"""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat, PngImagePlugin

from exercises.figures import library, sheet
from tests.exercises.figures.pictures import figure_of

ACCEPTED = Path(__file__).with_name("golden.png")
LOOK_AT = Path(__file__).resolve().parents[3] / "test-results" / "figures"
WIDTH, HEIGHT, COLUMNS = 64, 48, 20
MOST_CHANGED, MOST_AT_ONE_SPOT = 0.5, 30  # grey levels of 255: on average, and at the spot that changed most


def pictures() -> Iterator[tuple[str, str]]:
    """Yield every picture of the catalog with its name."""
    for slug in library.slugs():
        figure = figure_of(slug)
        for frame in figure.posed:
            yield f"{slug} {frame}", figure.svg(frame)


def raster(picture: str) -> Image.Image:
    """Return a picture small, grey and blurred, so that only what one would see counts."""
    drawn = Image.open(io.BytesIO(sheet.png(picture, WIDTH * 4))).convert("RGBA")
    ground = Image.new("RGBA", drawn.size, "white")
    ground.alpha_composite(drawn)
    grey = ground.convert("L").filter(ImageFilter.GaussianBlur(3))
    return grey.resize((WIDTH, HEIGHT), Image.Resampling.BOX)


def accepted() -> dict[str, Image.Image]:
    """Return the accepted rasters by name."""
    whole = Image.open(ACCEPTED)
    names = json.loads(whole.text["names"])
    return {name: whole.crop(_place(number)) for number, name in enumerate(names)}


def changed(now: Image.Image, before: Image.Image) -> bool:
    """Return whether a picture looks different; what another version of a library rounds differently doesn't."""
    difference = ImageStat.Stat(ImageChops.difference(now, before))
    return difference.mean[0] > MOST_CHANGED or difference.extrema[0][1] > MOST_AT_ONE_SPOT


def accept() -> None:
    """Take the pictures as they are now for the accepted ones."""
    rasters = {name: raster(picture) for name, picture in pictures()}
    rows = -(-len(rasters) // COLUMNS)
    whole = Image.new("L", (COLUMNS * WIDTH, rows * HEIGHT), 255)
    for number, each in enumerate(rasters.values()):
        whole.paste(each, _place(number)[:2])
    names = PngImagePlugin.PngInfo()
    names.add_text("names", json.dumps(list(rasters)))
    whole.save(ACCEPTED, pnginfo=names, optimize=True)


def _place(number: int) -> tuple[int, int, int, int]:
    x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
    return x, y, x + WIDTH, y + HEIGHT


if __name__ == "__main__" and sys.argv[1:] == ["accept"]:
    accept()
    sys.stdout.write(f"Accepted {len(accepted())} pictures. Look at them with: python -m exercises.figures sheet\n")
