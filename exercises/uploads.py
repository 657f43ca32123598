"""A photo or drawing that was uploaded, drawn anew for the site and for print.

Pure functions: bytes go in, bytes come out. Nothing of the file is kept but what one sees: no place, no camera, no
words, nothing that follows the picture.
"""

from io import BytesIO

from PIL import Image

from clinics import raster

LARGEST_FILE = 5 * 1024 * 1024
# No picture may take 100 MB of memory. A plain JPEG is decoded small at once; the others are in memory whole, a WebP
# three times, and 16 bits of grey still more.
MOST_PIXELS = 25_000_000
MOST_PIXELS_WHOLE = {"PNG": 11_000_000, "progressive": 12_000_000, "WEBP": 5_000_000, "deep": 4_000_000}
FEWEST_PIXELS = 200
# The field of all pictures is 4 to 3.
WIDTH, HEIGHT = 1200, 900
MOST_BYTES = 200_000
QUALITIES = (86, 78, 70, 60, 50, 40)
# A drawing has few colours, and is smaller and sharper as a PNG.
MOST_COLOURS = 4096
# 40 mm at 300 dots an inch; eight exercises with two each must fit on 250 kB.
PRINTED = (480, 360)
MOST_PRINTED_BYTES = 11_000

PNG, JPEG, SVG = "image/png", "image/jpeg", "image/svg+xml"


class BadPicture(ValueError):
    """The file can't be a picture of an exercise; the text is the sentence the page shows."""


def clean(content: bytes) -> bytes:
    """Return an uploaded picture on a white field of 4 to 3, at most 1200 × 900 pixels and 200 kB: PNG or JPEG.

    Takes PNG, JPEG and WebP, told by their content, that hold still. Raises BadPicture.
    """
    if len(content) > LARGEST_FILE:
        raise BadPicture("This file is larger than 5 MB. Save the picture smaller and try that.")
    picture = _read(content)
    if min(picture.size) < FEWEST_PIXELS:
        raise BadPicture(f"This picture is too small to print: it needs {FEWEST_PIXELS} pixels each way.")
    return _fitting(_framed(picture), MOST_BYTES)


def for_print(content: bytes) -> bytes:
    """Return a cleaned picture as small as a sheet of paper needs it; the same bytes give the same bytes."""
    with Image.open(BytesIO(content)) as whole:
        picture = whole.convert("RGB")
    picture.thumbnail(PRINTED, Image.Resampling.LANCZOS)
    return _fitting(picture, MOST_PRINTED_BYTES)


def media_type(picture: bytes) -> str:
    """Return what a picture is, of the three kinds that the site shows."""
    if picture.startswith(b"\x89PNG"):
        return PNG
    return JPEG if picture.startswith(raster.START_OF_JPEG) else SVG


def _read(content: bytes) -> Image.Image:
    try:
        picture = raster.opened(content, most_pixels=MOST_PIXELS)
        if picture.format in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
            raise BadPicture("This picture moves. Save one still picture of it and try that.")
        if picture.width * picture.height > MOST_PIXELS_WHOLE.get(_way(picture), MOST_PIXELS):
            raise raster.TooLarge
        picture.draft(None, (WIDTH, HEIGHT))
        return raster.on_white(raster.upright(_smaller(raster.decoded(picture, content))))
    except raster.TooLarge as reason:
        raise BadPicture(
            "This picture has too many pixels. Save it with 2000 pixels or fewer on its longer side and try that."
        ) from reason
    except raster.NoPicture as reason:
        raise BadPicture(
            "This file isn't a PNG, JPEG or WebP picture. Drawings as SVG aren't taken. Save it as PNG and try that."
        ) from reason
    except raster.Damaged as reason:
        raise BadPicture("This picture is damaged. Save it again and try that.") from reason


def _way(picture: Image.Image) -> str:
    """Return how a picture is decoded, as far as it takes memory."""
    if picture.mode.startswith("I"):
        return "deep"
    return "progressive" if picture.info.get("progressive") else str(picture.format)


def _smaller(picture: Image.Image) -> Image.Image:
    """Return a large picture shrunk by halves or thirds, before anything makes a second one of its size."""
    factor = min(max(picture.size) // WIDTH, min(picture.size) // HEIGHT)
    if factor < 2 or picture.mode.startswith("I"):
        return picture
    plain = picture if picture.mode in ("L", "RGB", "RGBA") else picture.convert("RGBA")
    return plain.reduce(factor)


def _framed(picture: Image.Image) -> Image.Image:
    picture.thumbnail((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    quarter = max(-(-picture.width // 4), -(-picture.height // 3))
    width, height = 4 * quarter, 3 * quarter
    field = Image.new("RGB", (width, height), raster.WHITE)
    field.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
    return field


def _fitting(picture: Image.Image, most: int) -> bytes:
    """Return the picture in so many bytes, smaller where no quality would do."""
    while len(made := _smallest(picture, most)) > most:
        picture = picture.resize((picture.width * 4 // 5, picture.height * 4 // 5), Image.Resampling.LANCZOS)
    return made


def _smallest(picture: Image.Image, most: int) -> bytes:
    """Return the picture in the best quality that fits into so many bytes, else in the poorest."""
    made = [raster.png(picture)] if picture.getcolors(MOST_COLOURS) else []
    for quality in QUALITIES:
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= most:
            break
    return min([out.getvalue(), *made], key=len)
