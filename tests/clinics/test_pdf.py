"""The PDF engine: tagged, repeatable, and deaf to every address but its own assets."""

import hashlib
import io
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import page
import pypdf
import pytest
from PIL import Image

from clinics import pdf
from tests.conftest import DEEP

STYLES = ["css/handout.css"]
SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path d="M0 0H4V3H0Z" fill="#333"/></svg>'


def make_page(body: str, head: str = "") -> str:
    return f'<!doctype html><html lang="en"><head><title>A sheet</title>{head}</head><body>{body}</body></html>'


def draw(body: str, head: str = "", **assets: bytes) -> bytes:
    return pdf.render_html_to_pdf(make_page(body, head), styles=STYLES, assets=assets).content


def text_of(document: bytes, tmp_path: Path) -> str:
    file = tmp_path / "document.pdf"
    file.write_bytes(document)
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def canary():
    """A server on this machine that records whoever calls."""
    calls = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self):
            calls.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    server.server_close()


def test_it_embeds_the_shipped_font_and_no_other(tmp_path):
    (tmp_path / "sheet.pdf").write_bytes(draw('<article class="handout"><p>Plain <b>bold</b></p></article>'))

    fonts = subprocess.run(["pdffonts", tmp_path / "sheet.pdf"], capture_output=True, text=True, check=True).stdout

    names = [line.split()[0].partition("+")[2] for line in fonts.splitlines()[2:]]
    assert names
    assert all(name.startswith("Atkinson-Hyperlegible") for name in names)


def test_it_gives_the_same_bytes_in_two_processes():
    body = "<article class=handout><h1>One</h1><img src=asset:a alt=square></article>"
    script = (
        "import django, hashlib; django.setup()\n"
        "from tests.clinics.test_pdf import draw, SQUARE\n"
        f"print(hashlib.sha256(draw({body!r}, a=SQUARE)).hexdigest())"
    )

    def run(seed: str) -> str:
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        result = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True)
        return result.stdout.strip()

    # This process and another; two others in a thorough run.
    assert {run(seed) for seed in ("12" if DEEP else "1")} == {hashlib.sha256(draw(body, a=SQUARE)).hexdigest()}


def test_it_makes_a_tagged_pdf_with_language_and_title_without_times_or_random_identifiers():
    document = draw("<h1>Hello</h1>")

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant
    assert b"CreationDate" not in document
    assert b"ModDate" not in document
    assert b"uuid" not in document


def test_it_draws_an_asset():
    document = draw('<img src="asset:a" alt="A square">', a=SQUARE)

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant


def test_it_says_which_asset_is_missing():
    with pytest.raises(pdf.CannotDraw, match="asset:gone"):
        draw('<img src="asset:gone" alt="A square">')


def test_it_refuses_a_broken_drawing():
    with pytest.raises(pdf.CannotDraw, match="Failed to load image"):
        draw('<img src="asset:a" alt="A square">', a=b"<svg><path")


def test_it_refuses_a_picture_without_words():
    with pytest.raises(pdf.CannotDraw, match="alt"):
        draw('<img src="asset:a" alt="">', a=SQUARE)


VECTORS = {
    "a picture on the web": '<img src="{web}/a.png" alt="x">',
    "a local file": '<img src="file://{secret}" alt="x">',
    "a relative address under a file base": '<base href="file://{folder}/"><img src="secret.txt" alt="x">',
    "a data address with a drawing that fetches": (
        "<img alt=x src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'>"
        "<script>fetch('{web}/s')</script><image href='{web}/b.png'/></svg>\">"
    ),
    "an inline drawing with an outer picture": (
        '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><image href="{web}/c.png" width="9" height="9"/></svg>'
    ),
    "an inline drawing that uses an outer one": (
        '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><use href="file://{secret}#a"/></svg>'
    ),
    "an imported style": '<style>@import url("{web}/d.css");</style>',
    "a linked style": '<link rel="stylesheet" href="{web}/e.css">',
    "a style in a file": '<link rel="stylesheet" href="file://{secret}">',
    "a background": '<p style="background: url({web}/f.png)">x</p>',
    "a font": (
        '<style>@font-face {{ font-family: F; src: url("{web}/g.ttf") }}</style><p style="font-family: F">x</p>'
    ),
    "an attached file": '<link rel="attachment" href="file://{secret}">',
    "an attaching link": '<a rel="attachment" href="file://{secret}">x</a>',
    "an embedded object": '<object data="{web}/h.svg" type="image/svg+xml">x</object>',
    "an embed": '<embed src="{web}/i.svg" type="image/svg+xml">',
    "a generated picture": '<style>h1::before {{ content: url("{web}/j.png") }}</style><h1>x</h1>',
    "a list marker": '<ul style="list-style-image: url({web}/k.png)"><li>x</li></ul>',
}


@pytest.mark.asvs("V1.3.6", "V15.3.2")
@pytest.mark.parametrize("markup", VECTORS.values(), ids=VECTORS.keys())
def test_it_fetches_nothing(markup, canary, tmp_path):
    web, calls = canary
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    body = markup.format(web=web, secret=secret, folder=tmp_path)

    try:
        document = draw(body)
    except pdf.CannotDraw:
        document = b""

    assert calls == []
    assert b"TOPSECRET" not in document
    assert not document or not pypdf.PdfReader(_file(document, tmp_path)).attachments


def test_it_fetches_nothing_for_a_drawing_among_the_assets(canary):
    web, calls = canary
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><image href="{web}/a.png"/></svg>'

    with pytest.raises(pdf.CannotDraw, match="which it doesn't have"):
        draw('<img src="asset:a" alt="x">', a=drawing.encode())

    assert calls == []


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("İrem Nguyễn", "Nguy"),
        ("do it 2\u20113 times", "do it 2-3 times"),
        ("well done 🎉", "well done"),
        ("x\u0001y", "xy"),
    ],
    ids=["a letter with an unknown accent", "a special hyphen", "an emoji", "a control character"],
)
def test_it_prints_signs_the_font_lacks_as_near_as_it_can(typed, printed, tmp_path):
    document = draw(f'<article class="handout"><h1>{typed}</h1></article>')

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant
    assert printed in text_of(document, tmp_path)


def test_it_draws_ticks_and_arrows_with_a_word_for_each():
    document = draw('<article class="handout"><h1>✓ then → left</h1></article>')

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant


def test_it_prints_letters_of_no_installed_font_without_harm(tmp_path):
    document = draw('<article class="handout"><h1>שלום مرحبا 你好</h1></article>')

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant


def test_it_gives_a_word_without_end_places_to_break(tmp_path):
    document = draw(f'<article class="handout"><p>{"word" * 3000}</p><p>{"&amp;" * 300}</p></article>')

    text = "".join(text_of(document, tmp_path).replace("\u200b", "").split())
    assert (text.count("word"), text.count("&")) == (3000, 300)


HOSTILE = {
    "a word of 10,000 letters": f"<p>{'a' * 10_000}</p>",
    "a word of 10,000 letters in a table": (
        f'<table style="table-layout: fixed; width: 100%"><tr><td>{"a" * 10_000}</td></tr></table>'
    ),
    "10,000 letters that hold together": f"<p>{'a&nbsp;' * 5_000}</p>",
    "10,000 accents on a letter": f"<p>e{chr(0x301) * 10_000}</p>",
    "10,000 emoji": f"<p>{'🎉' * 10_000}</p>",
    "right-to-left text that never ends": f"<p>{'שלום مرحبا ' * 900}</p>",
    "direction marks that are never closed": "<p>\u202eabc \u2067def</p>",
    "line ends of all kinds": "<p>a\u2028b\u2029c\x0bd\x0ce\x85f</p>",
    "half a character": "<p>a\ud800b</p>",
    "numbers that aren't characters": "<p>a\ufffeb\uffff</p>",
    "a NUL in an attribute": '<p id="a\0b">x</p>',
    "an empty page": "",
    "markup that isn't closed": "<p><b>x</p></i><table><tr><p>y",
    "a box higher than any page": f'<section style="break-inside: avoid">{"<p>x</p>" * 300}</section>',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_it_makes_a_sane_page_of_what_people_type(body):
    before = time.process_time()

    document = draw(f'<article class="handout"><h1>x</h1>{body}</article>')

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant
    assert time.process_time() - before < 20


TOO_MUCH = {
    "more than a person could read": f"<p>{'word ' * 110_000}</p>",
    "boxes in boxes without end": "<div>" * 2_000 + "x" + "</div>" * 2_000,
    "letters in letters without end": "<p>" + "<b>" * 500 + "x" + "</b>" * 500 + "</p>",
}


@pytest.mark.parametrize("body", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_it_says_when_a_document_is_too_much_and_goes_on(body):
    with pytest.raises(pdf.CannotDraw, match=r"too (long|much)"):
        draw(body)

    assert draw("<h1>next</h1>")


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


BROKEN_PICTURES = {
    "nothing": b"",
    "text": b"not a picture",
    "half a drawing": b"<svg><path",
    "half a photograph": png(400, 300)[:60],
    "a picture of another kind": b"GIF89a\1\0\1\0\0\0\0;",
    "a picture that unfolds to 4 GB": png(40_000, 1_000),
    "a drawing in itself": (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><g id="a"><use href="#a"/></g></svg>'
    ),
    "entities that blow up": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b']><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><title>&j;</title></svg>'
    ),
}


@pytest.mark.parametrize("picture", BROKEN_PICTURES.values(), ids=BROKEN_PICTURES.keys())
def test_it_refuses_a_picture_that_is_not_whole(picture):
    with pytest.raises(pdf.CannotDraw):
        draw('<img src="asset:a" alt="A square">', a=picture)


def test_it_draws_a_logo():
    document = draw('<img src="asset:a" alt="The clinic">', a=png(300, 100))

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant


def _file(document: bytes, folder: Path) -> Path:
    file = folder / "written.pdf"
    file.write_bytes(document)
    return file
