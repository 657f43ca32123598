"""What a clinic puts at the head of its sheets: a logo that is a picture and nothing else, a colour that can be read.

Pure functions: bytes and text go in, bytes and text come out.
"""

import hashlib
import re

from PIL import Image

from clinics import raster
from clinics.raster import WHITE
from clinics.uploads import LARGEST_FILE

MOST_PIXELS = 4_000_000
WIDTH, HEIGHT = 600, 240
THINNEST = 16
# As much of a handout's size as a logo may take.
MOST_BYTES = 60_000
SMALLER = 0.8
# Anything lighter can't be told from paper; of 255.
DARKEST_AT_LEAST = 200

READABLE = 4.5


class BadLogo(ValueError):
    """The file can't be a logo; the text is the sentence the page shows."""


class BadColour(ValueError):
    """The colour can't be used; the text says why. `nearest` is the closest darker one that can, or “”."""

    def __init__(self, sentence: str, nearest: str = "") -> None:
        super().__init__(sentence)
        self.nearest = nearest


def clean_logo(content: bytes) -> bytes:
    """Return an uploaded picture as a PNG of at most 600 × 240 pixels on white, drawn anew: nothing else is kept of it.

    Takes PNG, JPEG and WebP, told by their content. Raises BadLogo.
    """
    if len(content) > LARGEST_FILE:
        raise BadLogo("This file is larger than 2 MB. Save the logo smaller and try that.")
    logo = _read(content)
    logo.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    if min(logo.size) < THINNEST:
        raise BadLogo(f"This picture is too small or too thin to print: it needs {THINNEST} pixels each way.")
    if min(logo.convert("L").tobytes()) > DARKEST_AT_LEAST:
        raise BadLogo("This picture is white or nearly so, and wouldn't be seen on paper. Use one in a darker colour.")
    while len(png := raster.png(logo)) > MOST_BYTES:
        logo = logo.resize((round(logo.width * SMALLER), round(logo.height * SMALLER)), Image.Resampling.LANCZOS)
    return png


def key(logo: bytes) -> str:
    """Return what a logo is known by, the hash of its content; “” for none."""
    return hashlib.sha256(logo).hexdigest() if logo else ""


def readable(text: str) -> str:
    """Return a colour as “#rrggbb” when words in it can be read on white, “” for none. Raises BadColour."""
    given = text.strip().removeprefix("#").lower()
    if not given:
        return ""
    if not re.fullmatch(r"[0-9a-f]{3}|[0-9a-f]{6}", given):
        raise BadColour("Write a colour as six digits or letters a to f, for example #0b5f66.")
    colour = "#" + (given if len(given) == 6 else "".join(sign * 2 for sign in given))
    found = contrast(colour)
    if found < READABLE:
        nearest = _darkened(colour)
        raise BadColour(
            f"{colour} is too light to be read on white: its contrast is {_floor(found)} to 1, not {READABLE}. "
            f"The nearest darker colour that passes is {nearest}.",
            nearest,
        )
    return colour


def contrast(colour: str, ground: str = WHITE) -> float:
    """Return the contrast of two colours (“#rrggbb”) as WCAG 2 defines it, from 1 to 21."""
    lighter, darker = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _read(content: bytes) -> Image.Image:
    try:
        picture = raster.opened(content, most_pixels=MOST_PIXELS)
        return raster.on_white(raster.upright(raster.decoded(picture, content)))
    except raster.TooLarge as reason:
        raise BadLogo("This picture has more than 4 million pixels. Save the logo smaller and try that.") from reason
    except raster.NoPicture as reason:
        raise BadLogo("This file isn't a PNG, JPEG or WebP picture. Save the logo as PNG and try that.") from reason
    except raster.Damaged as reason:
        raise BadLogo("This picture is damaged. Save the logo again as PNG and try that.") from reason


def _darkened(colour: str) -> str:
    """Return the lightest colour of the same hue that can be read on white."""
    parts = _parts(colour)
    darker = ("#" + "".join(f"{part * share // 255:02x}" for part in parts) for share in range(255, -1, -1))
    return next(one for one in darker if contrast(one) >= READABLE)


def _luminance(colour: str) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _shares(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _shares(colour: str) -> list[float]:
    return [part / 255 for part in _parts(colour)]


def _parts(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _floor(number: float) -> float:
    """Round down to a tenth: 4.49 must not be called 4.5."""
    return int(number * 10) / 10
