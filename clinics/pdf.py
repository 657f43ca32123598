"""HTML to a tagged PDF/UA-1 file. Only this module touches WeasyPrint.

The same HTML, style sheets and assets give the same bytes in every process of one machine, and the same
pixels and text on every machine: no clock, no random number and no font of the system goes in. Nothing is
fetched: a document gets the assets handed to it in memory, and asking for anything else is an error.
"""

import html as html_entities
import logging
import os
import re
import tempfile
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.staticfiles import finders

FONT_PACKAGE = "fontpkg_atkinson_hyperlegible"
# Draws the letters that the first family lacks (Greek, Cyrillic, Vietnamese), where the package is installed.
FALLBACK_FONT_PACKAGE = "fontpkg_fira_sans"

ASSET_SCHEME = "asset:"

# Signs that people type and the font has no glyph for: drawn, with a word for screen readers.
# Each is (word, path in a 10 × 10 box, stroked).
SYMBOLS = {
    "✓": ("tick", "M1.5 5.5 4 8 8.5 2"),
    "✗": ("cross", "M2 2 8 8M8 2 2 8"),
    "☐": ("box", "M1.5 1.5H8.5V8.5H1.5Z"),
    "→": ("arrow right", "M1 5H9M6 2 9 5 6 8"),
    "←": ("arrow left", "M9 5H1M4 2 1 5 4 8"),
    "↑": ("arrow up", "M5 9V1M2 4 5 1 8 4"),
    "↓": ("arrow down", "M5 1V9M2 6 5 9 8 6"),
}
# Characters that look the same, or nearly, as one that the font has.
LOOKALIKES = str.maketrans(
    {
        "✔": "✓",
        "☑": "✓",
        "✘": "✗",
        "✕": "✗",
        "☒": "✗",
        "□": "☐",
        "➔": "→",
        "⇒": "→",
        "●": "•",
        "▪": "•",
        "■": "•",
        "′": "'",
        "″": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2009": " ",
        "\u202f": "\xa0",
    }
)
# Joiners and marks without ink, which a layout engine handles itself.
INKLESS = frozenset("\n\r\t\xad\u200b\u200c\u200d")

_drawing = threading.Lock()
_logger = logging.getLogger("weasyprint")


class CannotDraw(Exception):
    """The document can't be made as it is; the message says what it lacked or asked for in vain."""


class _Engine(NamedTuple):
    weasyprint: ModuleType
    fonts: Any


def render_html_to_pdf(
    html: str,
    *,
    styles: Sequence[str],
    denser: Sequence[str] = (),
    through: str = "",
    assets: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return HTML as a PDF/UA-1 file.

    The HTML needs `lang`, a title and a text for every picture. `styles` are static paths
    ("css/handout.css"). The `denser` ones are added when that brings the document onto fewer pages: first
    the part up to the element whose id is `through`, then the whole. `assets` are the pictures that the
    HTML names as `asset:<key>`; keys hold letters, digits and . _ - only. Raises CannotDraw when a picture
    is missing or broken, when the document asks for any other address, and when it can't be tagged.
    """
    with _drawing, _complaints() as complaints:
        engine = _engine()
        fetch, denied = _asset_fetcher(assets or {})
        source = engine.weasyprint.HTML(string=_printable(html), url_fetcher=fetch)
        options = {"pdf_variant": "pdf/ua-1", "cache": {}}
        document = _lay_out(source, styles, options)
        if denser and len(document.pages) > 1:
            closer = _lay_out(source, [*styles, *denser], options)
            document = min(document, closer, key=lambda layout: _length(layout, through))
        pdf = document.write_pdf(**options)
    if denied:
        raise CannotDraw(f"The document asked for {', '.join(denied)}, which it doesn't have.")
    if complaints:
        raise CannotDraw(f"The document can't be drawn faithfully: {'; '.join(complaints)}.")
    return bytes(pdf)


def warm_up() -> None:
    """Load the engine and its fonts now, so that a server pays for them before it forks its workers."""
    _engine()


def font_files() -> list[Path]:
    """Return the font files that documents are drawn with. Raises CannotDraw when they aren't installed."""
    files = _package_fonts(FONT_PACKAGE)
    if not files:
        raise CannotDraw(f"The font package {FONT_PACKAGE} isn't installed.")
    return files + _package_fonts(FALLBACK_FONT_PACKAGE)


def _lay_out(source: Any, styles: Sequence[str], options: Mapping[str, Any]) -> Any:
    sheets = [_style(path) for path in styles]
    return source.render(stylesheets=sheets, font_config=_engine().fonts, **options)


def _length(document: Any, through: str) -> tuple[int, int]:
    """Return how many pages a layout takes up to the element with an id, and in all."""
    pages = document.pages
    upto = [number for number, page in enumerate(pages, start=1) if through in page.anchors]
    return (upto[0] if upto else len(pages)), len(pages)


@lru_cache(maxsize=1)
def _engine() -> _Engine:
    """Load WeasyPrint once per process.

    Not at import: fontconfig reads its settings when WeasyPrint is imported, so they are written first; and
    a command that draws nothing needs neither the native libraries nor the second that they take to load.
    """
    os.environ["FONTCONFIG_FILE"] = str(_write_font_settings())
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    return _Engine(weasyprint, FontConfiguration())


def _write_font_settings() -> Path:
    """Write the private fontconfig file that knows the shipped fonts and no other, and return its path."""
    home = Path(settings.VAR_DIR) / "fonts"
    home.mkdir(parents=True, exist_ok=True)
    folders = sorted({str(file.parent) for file in font_files()})
    text = "\n".join(
        [
            '<?xml version="1.0"?>',
            '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
            "<fontconfig>",
            *(f"<dir>{escape(folder)}</dir>" for folder in folders),
            f"<cachedir>{escape(str(home / 'cache'))}</cachedir>",
            "<config><rescan><int>0</int></rescan></config>",
            "</fontconfig>",
            "",
        ]
    )
    path = home / "fonts.conf"
    if not path.exists() or path.read_text() != text:
        with tempfile.NamedTemporaryFile("w", dir=home, delete=False) as draft:
            draft.write(text)
        # Workers that start together each replace the file whole; none ever reads half of it.
        Path(draft.name).replace(path)
    return path


def _package_fonts(package: str) -> list[Path]:
    try:
        folder = resources.files(package) / "files"
    except ModuleNotFoundError:
        return []
    return sorted(Path(str(file)) for file in folder.iterdir() if file.name.endswith(".ttf"))


def _style(path: str) -> Any:
    """Return the style sheet at a static path, compiled once and again when the file changes."""
    found = finders.find(path)
    if not found:
        raise CannotDraw(f"There is no style sheet {path}.")
    return _compiled_style(found, Path(found).stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _compiled_style(file: str, changed: int) -> Any:
    engine = _engine()
    fetch, _ = _asset_fetcher({})
    text = Path(file).read_text(encoding="utf-8")
    return engine.weasyprint.CSS(string=text, font_config=engine.fonts, url_fetcher=fetch)


def _asset_fetcher(assets: Mapping[str, bytes]) -> tuple[Any, list[str]]:
    """Return a fetcher that knows `asset:<key>` and nothing else, and the list of what it refused."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    known = {f"{ASSET_SCHEME}{key}": body for key, body in (_SYMBOL_DRAWINGS | dict(assets)).items()}
    denied: list[str] = []

    class AssetFetcher(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> Any:
            if url not in known:
                denied.append(url[:80])
                raise ValueError("it isn't part of the document")
            vector = known[url].lstrip().startswith(b"<")
            kind = "image/svg+xml" if vector else "application/octet-stream"
            return URLFetcherResponse(url, body=known[url], headers={"Content-Type": kind})

    return AssetFetcher(), denied


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what WeasyPrint reports as an error; it would otherwise print the page without the part."""
    found: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: found.append(record.getMessage()[:200])  # type: ignore[method-assign]  # its one job
    _logger.addHandler(handler)
    try:
        yield found
    finally:
        _logger.removeHandler(handler)


@lru_cache(maxsize=1)
def _covered() -> frozenset[str]:
    """Return the characters that can be drawn: those that every face of a family has."""
    from fontTools.ttLib import TTFont

    def mapped(file: Path) -> set[int]:
        with TTFont(file, lazy=True) as font:
            return set(font.getBestCmap())

    def characters(files: list[Path]) -> frozenset[str]:
        return frozenset(map(chr, set.intersection(*map(mapped, files)))) if files else frozenset()

    families = [_package_fonts(FONT_PACKAGE), _package_fonts(FALLBACK_FONT_PACKAGE)]
    return INKLESS.union(*map(characters, families))


def _printable(html: str) -> str:
    """Return HTML whose drawn text has only characters that the fonts have.

    A PDF with an unknown glyph shows a box and isn't accessible. Known signs become small drawings, a letter
    with an unknown accent loses the accent, any other letter becomes "?", and emoji go. Tags stay untouched,
    so attributes must not be drawn. The head stays, too: a title is read, not drawn.
    """
    html = html.translate(LOOKALIKES)
    known = _covered()
    if known.issuperset(html):
        return html
    head, body_tag, body = html.rpartition("<body")
    pieces = re.split(r"(<[^>]*>)", body_tag + body)
    pieces[::2] = [_drawable(text) for text in pieces[::2]]
    return head + "".join(pieces)


def _drawable(text: str) -> str:
    known = _covered()
    return "".join(sign if sign in known else _stand_in(sign) for sign in text)


def _stand_in(sign: str) -> str:
    known = _covered()
    if sign in SYMBOLS:
        word, _ = SYMBOLS[sign]
        return f'<img class="sign" src="{ASSET_SCHEME}{_symbol_key(sign)}" alt="{html_entities.escape(word)}">'
    letter, *marks = list(unicodedata.normalize("NFKD", sign))
    if letter in known:
        return html_entities.escape(letter + "".join(mark for mark in marks if mark in known))
    return "?" if unicodedata.category(sign)[0] in "LN" else ""


def _symbol_key(sign: str) -> str:
    return f"sign-{ord(sign):x}"


_SYMBOL_DRAWINGS = {
    _symbol_key(sign): (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10">'
        f'<path d="{path}" fill="none" stroke="#16202b" stroke-width="1.3"/></svg>'
    ).encode()
    for sign, (_, path) in SYMBOLS.items()
}
