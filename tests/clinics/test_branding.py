"""A logo is a picture and nothing else; a colour can be read on white."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile

from clinics import branding
from clinics.branding import BadColour, BadLogo, clean_logo, contrast, readable
from clinics.uploads import LARGEST_FILE
from tests.conftest import DEEP

MANGLED = 2000 if DEEP else 150


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 120), colour: object = "#0b5f66", **how: object) -> bytes:
    """Return a file with a picture of one colour."""
    mode = "RGBA" if isinstance(colour, tuple) and len(colour) == 4 else "RGB"
    return file_of(Image.new(mode, size, colour), kind, **how)


def file_of(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that unfolds to a picture of that size."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * ((width // 8 + 1) * min(height, 3000)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_takes_a_picture_and_gives_a_png(kind):
    logo = opened(clean_logo(picture(kind)))

    assert (logo.format, logo.mode, logo.size) == ("PNG", "RGB", (300, 120))


@pytest.mark.parametrize(
    ("given_size", "kept"), [((1200, 300), (600, 150)), ((500, 2000), (60, 240)), ((64, 64), (64, 64))]
)
def test_shrinks_what_is_large_and_enlarges_nothing(given_size, kept):
    assert opened(clean_logo(picture(size=given_size))).size == kept


def test_keeps_nothing_but_the_picture():
    exif = Image.Exif()
    exif[0x010E] = "taken at 12 Shore Road"
    photo = picture("JPEG", exif=exif, comment=b"a secret comment", icc_profile=b"profile")

    logo = clean_logo(photo)

    assert b"secret" in photo
    assert opened(logo).info == {}
    assert not any(word in logo for word in (b"Shore", b"secret", b"profile", b"Exif"))


TAILS = {
    "an archive": b"PK\x03\x04evil PK\x05\x06" + b"\0" * 18,
    "a page": b"<script>alert('evil')</script>",
    "another picture": picture("GIF", comment=b"evil"),
    "a line": b"\r\n",
}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS)
def test_keeps_nothing_of_what_follows_the_picture(kind, tail):
    assert clean_logo(picture(kind) + tail) == clean_logo(picture(kind))


def test_takes_a_photo_of_several_views():
    views = [Image.new("RGB", (80, 40), colour) for colour in ("#0b5f66", "#7a1f4b")]

    logo = opened(clean_logo(file_of(views[0], "MPO", save_all=True, append_images=views[1:])))

    assert logo.getpixel((40, 20)) == pytest.approx((11, 95, 102), abs=4)


def test_takes_a_grey_picture_of_16_bits():
    deep = Image.new("I;16", (80, 40), 0x3000)
    deep.paste(0xFFFF, (0, 0, 40, 40))

    logo = opened(clean_logo(file_of(deep)))

    assert (logo.getpixel((10, 10)), logo.getpixel((70, 10))) == ((255, 255, 255), (48, 48, 48))


def test_turns_a_photo_upright():
    exif = Image.Exif()
    exif[0x0112] = 6

    assert opened(clean_logo(picture("JPEG", exif=exif))).size == (96, 240)


def test_puts_what_is_clear_on_white():
    image = Image.new("RGBA", (100, 50), (0, 0, 0, 0))
    image.paste((11, 95, 102, 255), (50, 0, 100, 50))

    logo = opened(clean_logo(file_of(image)))

    assert (logo.getpixel((10, 10)), logo.getpixel((90, 10))) == ((255, 255, 255), (11, 95, 102))


def test_gives_the_same_bytes_for_the_same_picture():
    once = clean_logo(picture(size=(900, 500)))

    assert clean_logo(picture(size=(900, 500))) == once
    assert clean_logo(once) == once


def test_stays_small_however_lively_the_picture():
    noise = Image.effect_noise((1500, 600), 80).convert("RGB")

    logo = clean_logo(file_of(noise, "JPEG", quality=60))

    assert len(logo) <= branding.MOST_BYTES
    assert opened(logo).width > 100


def test_takes_the_first_picture_of_several():
    frames = [Image.new("RGB", (80, 40), colour) for colour in ("#0b5f66", "#7a1f4b")]

    logo = opened(clean_logo(file_of(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)))

    assert logo.getpixel((5, 5)) == (11, 95, 102)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40"><script>alert(1)</script></svg>'
REFUSED = {
    "a drawing with a script in it": (SVG, "isn't a PNG, JPEG or WebP"),
    "a drawing that calls itself XML": (b'<?xml version="1.0"?>' + SVG, "isn't a PNG, JPEG or WebP"),
    "a GIF": (picture("GIF"), "isn't a PNG, JPEG or WebP"),
    "a TIFF": (picture("TIFF"), "isn't a PNG, JPEG or WebP"),
    "an icon": (picture("ICO"), "isn't a PNG, JPEG or WebP"),
    "a PDF": (b"%PDF-1.7\n%%EOF", "isn't a PNG, JPEG or WebP"),
    "words": (b"my logo", "isn't a PNG, JPEG or WebP"),
    "nothing": (b"", "isn't a PNG, JPEG or WebP"),
    "half a PNG": (picture()[:-30], "damaged"),
    "a PNG without its end": (picture()[:-12], "damaged"),
    "half a JPEG": (picture("JPEG")[:-60], "damaged"),
    "a JPEG without its end": (picture("JPEG")[:-2], "damaged"),
    "half a WebP": (picture("WEBP")[:-30], "isn't a PNG, JPEG or WebP"),
    "a PNG with a broken middle": (picture()[:60] + b"\0\0\0" + picture()[63:], "damaged"),
    "a file of more than 2 MB": (picture() + b"\0" * LARGEST_FILE, "larger than 2 MB"),
    "many pixels": (bomb(4001, 1000), "more than 4 million pixels"),
    "a bomb": (bomb(12_000, 12_000), "more than 4 million pixels"),
    "a bomb of bombs": (bomb(60_000, 60_000), "more than 4 million pixels"),
    "a speck": (picture(size=(8, 8)), "too small or too thin"),
    "a hair": (picture(size=(2000, 20)), "too small or too thin"),
    "a white picture": (picture(colour="#f4f4f4"), "white or nearly so"),
    "white on clear": (picture(colour=(255, 255, 255, 120)), "white or nearly so"),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("lenient", [False, True], ids=["before the PDF engine", "after it"])
def test_refuses(content, words, lenient, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)

    with pytest.raises(BadLogo, match=words):
        clean_logo(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_never_fails_otherwise_on_a_mangled_file(kind):
    whole = picture(kind, size=(90, 40))
    places = range(0, len(whole), max(1, len(whole) // MANGLED))
    for place in places:
        for sign in (0, 255, whole[place] ^ 0x10):
            mangled = whole[:place] + bytes([sign]) + whole[place + 1 :]
            try:
                assert opened(clean_logo(mangled)).format == "PNG"
            except BadLogo:
                continue


# From WCAG 2's definition; the last two straddle the line on white.
CONTRASTS = [("#000000", 21.0), ("#ffffff", 1.0), ("#ff0000", 3.998), ("#767676", 4.542), ("#777777", 4.478)]


@pytest.mark.parametrize(("colour", "expected"), CONTRASTS)
def test_measures_contrast_on_white(colour, expected):
    assert contrast(colour) == pytest.approx(expected, abs=0.001)
    assert contrast("#ffffff", colour) == contrast(colour)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("   ", ""),
        ("#0b5f66", "#0b5f66"),
        ("0B5F66", "#0b5f66"),
        (" #a00 ", "#aa0000"),
        ("#767676", "#767676"),
    ],
)
def test_takes_a_colour_that_can_be_read(typed, kept):
    assert readable(typed) == kept


@pytest.mark.parametrize("typed", ["teal", "#12", "#12345", "#gggggg", "##112233", "#0b5f66;}", "url(x)", "#0b5f6６"])
def test_says_how_a_colour_is_written(typed):
    with pytest.raises(BadColour, match="six digits or letters a to f") as reason:
        readable(typed)

    assert reason.value.nearest == ""


def test_says_what_is_wrong_with_a_light_colour_and_offers_a_darker_one():
    with pytest.raises(BadColour) as reason:
        readable("#fc0")

    assert str(reason.value) == (
        "#ffcc00 is too light to be read on white: its contrast is 1.5 to 1, not 4.5. "
        "The nearest darker colour that passes is #907300."
    )
    assert reason.value.nearest == "#907300"


def test_never_calls_a_contrast_that_fails_enough():
    with pytest.raises(BadColour, match=r"its contrast is 4\.4 to 1"):
        readable("#777777")


@given(st.integers(0, 0xFFFFFF))
def test_offers_only_colours_that_pass_and_are_no_lighter(number):
    colour = f"#{number:06x}"
    if contrast(colour) >= branding.READABLE:
        assert readable(colour) == colour
        return

    with pytest.raises(BadColour) as reason:
        readable(colour)

    nearest = reason.value.nearest
    assert readable(nearest) == nearest
    assert contrast(colour) < contrast(nearest) < branding.READABLE + 0.4
