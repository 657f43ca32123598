"""Uploaded pictures read with care: told by their content, bounded in size, upright, on white.

Pure functions: bytes go in, a picture comes out, and nothing else that came with the file.
"""

from io import BytesIO

from PIL import Image, ImageOps

WHITE = "#ffffff"

KINDS = ("PNG", "JPEG", "WEBP")
START_OF_JPEG, SCAN_OF_JPEG, END_OF_JPEG = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"


class Unreadable(ValueError):
    """The file can't be read as a picture; the subclass says why."""


class NoPicture(Unreadable):
    """It is no PNG, JPEG or WebP."""


class TooLarge(Unreadable):
    """It has too many pixels."""


class Damaged(Unreadable):
    """It is one, but broken."""


def opened(content: bytes, *, most_pixels: int) -> Image.Image:
    """Return the picture, known but not decoded yet. Raises NoPicture and TooLarge."""
    try:
        picture = Image.open(BytesIO(content), formats=KINDS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise TooLarge from bomb
    except Exception as broken:
        raise NoPicture from broken
    if picture.width * picture.height > most_pixels:
        raise TooLarge
    return picture


def decoded(picture: Image.Image, content: bytes) -> Image.Image:
    """Return an opened picture in full. Raises Damaged."""
    try:
        # The PDF engine makes the decoders put up with broken files, for all that run in its process.
        Image.open(BytesIO(content), formats=KINDS).verify()
        picture.load()
        if _breaks_off(content):
            raise EOFError
    except Exception as broken:  # decoders fail in many ways on a broken file, and each means the same
        raise Damaged from broken
    return picture


def upright(picture: Image.Image) -> Image.Image:
    """Return the picture as the camera was held. Raises Damaged."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception as broken:  # as above
        raise Damaged from broken


def on_white(picture: Image.Image) -> Image.Image:
    """Return the picture without transparency, in RGB."""
    if picture.mode.startswith("I"):  # 16 bits of grey, which would all be cut off at 255
        picture = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    ground = Image.new("RGBA", picture.size, WHITE)
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def png(picture: Image.Image) -> bytes:
    """Return the picture as a PNG."""
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _breaks_off(content: bytes) -> bool:
    """Whether the end of a JPEG is missing; where broken files are put up with, the rest would be drawn in grey."""
    return content.startswith(START_OF_JPEG) and content.rfind(END_OF_JPEG) < content.rfind(SCAN_OF_JPEG)
