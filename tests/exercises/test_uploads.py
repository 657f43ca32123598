"""An uploaded picture is drawn anew: what one sees is kept, and nothing else."""

import gzip

import pytest
from PIL import Image

from exercises import uploads
from exercises.uploads import BadPicture, clean, for_print, media_type
from tests.photos import bomb, file_of, opened, photo

SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><script>alert(1)</script></svg>'
PNG_START, JPEG_START = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
DISGUISES = {
    "plain": SCRIPT,
    "with a declaration": b'<?xml version="1.0"?>' + SCRIPT,
    "with a doctype": b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">' + SCRIPT,
    "with an entity": b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SCRIPT,
    "with a mark of byte order": b"\xef\xbb\xbf" + SCRIPT,
    "in UTF-16": SCRIPT.decode().encode("utf-16"),
    "in UTF-32": SCRIPT.decode().encode("utf-32"),
    "compressed": gzip.compress(SCRIPT),
    "after blanks": b" \n\t" * 50 + SCRIPT,
    "after a comment": b"<!-- \x89PNG -->" + SCRIPT,
    "after the start of a PNG": PNG_START + SCRIPT,
    "after the start of a JPEG": JPEG_START + SCRIPT,
    "after the start of a WebP": b"RIFF\x00\x10\x00\x00WEBPVP8 " + SCRIPT,
    "after the start of a GIF": b"GIF89a" + SCRIPT,
    "in a page": b"<html><body>" + SCRIPT + b"</body></html>",
}


@pytest.mark.asvs("V1.3.4", "V5.3.1")
@pytest.mark.parametrize("content", DISGUISES.values(), ids=DISGUISES)
def test_refuses_a_drawing_that_could_run(content):
    with pytest.raises(BadPicture, match=r"isn't a PNG, JPEG or WebP|is damaged"):
        clean(content)


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_takes_a_picture_that_is_a_page_as_well_and_keeps_the_picture_alone(kind):
    assert clean(photo(kind=kind) + SCRIPT) == clean(photo(kind=kind))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "isn't a PNG"),
        (photo(kind="GIF"), "isn't a PNG"),
        (bomb(16_000, 11_000), "too many pixels"),
        (photo((3000, 2000), kind="WEBP"), "too many pixels"),
        (photo()[:-900], "is damaged"),
        (photo((199, 300)), "too small"),
        (b"\xff\xd8" + b"\0" * uploads.LARGEST_FILE, "larger than 5 MB"),
    ],
    ids=["nothing", "GIF", "176 million pixels", "WebP too large", "broken off", "small", "long"],
)
def test_says_why_it_refuses_a_file(content, sentence):
    with pytest.raises(BadPicture, match=sentence):
        clean(content)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_refuses_a_picture_that_moves(kind):
    views = [Image.new("RGB", (300, 300), colour) for colour in ("#0b5f66", "#7a1f4b")]

    with pytest.raises(BadPicture, match="moves"):
        clean(file_of(views[0], kind, save_all=True, append_images=views[1:]))


@pytest.mark.asvs("V5.2.2")
def test_keeps_nothing_of_where_and_by_whom_it_was_taken():
    exif = Image.Exif()
    exif[0x010E] = "taken at 12 Shore Road"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 7.0)
    content = photo(exif=exif, comment=b"secret")

    made = clean(content)

    assert b"Shore" in content
    assert not any(word in made for word in (b"Shore", b"Exif", b"secret"))
    assert dict(opened(made).getexif()) == {}


def test_turns_a_photo_upright_and_puts_it_on_a_white_field_of_four_to_three():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: what was left is now on top

    made = opened(clean(photo((800, 600), exif=exif))).convert("RGB")

    assert made.width * 3 == made.height * 4
    assert made.getpixel((5, 5)) == pytest.approx((255, 255, 255), abs=3)
    assert made.getpixel((made.width // 2, 20)) == pytest.approx((16, 32, 64), abs=12)


@pytest.mark.parametrize("size", [(4000, 3000), (400, 300)])
def test_is_at_most_1200_pixels_wide_and_never_enlarged(size):
    assert opened(clean(photo(size))).width == min(size[0], 1200)


def test_stays_within_200_kb_and_on_paper_within_11_however_lively_it_is():
    lively = clean(file_of(Image.effect_noise((1600, 1200), 90).convert("RGB"), "JPEG", quality=70))

    assert len(lively) <= uploads.MOST_BYTES
    assert len(for_print(lively)) <= uploads.MOST_PRINTED_BYTES
    assert for_print(lively) == for_print(lively)


def test_keeps_a_drawing_sharp_and_a_photo_small():
    lines = clean(file_of(Image.new("RGB", (600, 450), "white"), "PNG"))
    lively = clean(file_of(Image.effect_noise((600, 450), 60).convert("RGB"), "PNG"))

    assert (media_type(lines), media_type(lively), media_type(b"<svg/>")) == (uploads.PNG, uploads.JPEG, uploads.SVG)
