"""HTML to a tagged PDF/UA-1 file. Only this module touches WeasyPrint.

The same HTML, style sheets and assets give the same bytes in every process of one machine, and the same
pixels and text on every machine: no clock, no random number and no font of the system goes in. Nothing is
fetched: a document gets the assets handed to it in memory, and asking for anything else is an error.
"""

import io
import logging
import math
import os
import tempfile
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from django.conf import settings
from django.contrib.staticfiles import finders
from PIL import Image

from clinics import printable
from clinics.turns import Full, Turns

FONT_PACKAGE = "fontpkg_atkinson_hyperlegible"
# Draws the letters that the first family lacks (Greek, Cyrillic, Vietnamese), where the package is installed.
FALLBACK_FONT_PACKAGE = "fontpkg_fira_sans"

ASSET_SCHEME = printable.ASSET_SCHEME

MOST_CHARACTERS = 500_000  # some 80 pages, which take some seconds
MOST_PIXELS = 20_000_000

OPTIONS: dict[str, Any] = {"pdf_variant": "pdf/ua-1"}
# By how much the next roomier density makes a document longer, at a guess.
USUAL_STEP = 1.2
EMPTY = 0.01

# Of a process's threads, how many may draw or wait for it, and how many for one clinic: gunicorn has more.
MOST_AT_ONCE = 8
MOST_OF_A_CLINIC = 6

_turns = Turns(MOST_AT_ONCE, MOST_OF_A_CLINIC)
_logger = logging.getLogger("weasyprint")


class CannotDraw(Exception):
    """The document can't be made as it is; the message says what it lacked or asked for in vain."""


class Busy(CannotDraw):
    """So many documents are being drawn that this one can't even wait."""

    def __init__(self) -> None:
        super().__init__("Many sheets are being drawn at this moment. Try again in a few seconds.")


class Pdf(NamedTuple):
    """A finished file; `density` names the setting that was taken, "" where there was no choice."""

    content: bytes
    density: str
    pages: int


class _Engine(NamedTuple):
    weasyprint: ModuleType
    recorded: ModuleType
    shortcuts: ModuleType
    fonts: Any


def look_for_room(whose: Hashable) -> None:
    """Raise Busy when a document of that clinic couldn't even wait now, before anything is done for it."""
    if not _turns.has_room(whose):
        raise Busy


def render_html_to_pdf(
    html: str,
    *,
    styles: Sequence[str],
    densities: Sequence[tuple[str, Sequence[str]]] = (),
    step: float = 1,
    unseen: Mapping[str, Collection[str]] | None = None,
    assets: Mapping[str, bytes] | None = None,
    whose: Hashable = None,
) -> Pdf:
    """Return HTML as a PDF/UA-1 file. A process draws one at a time, for each clinic in turn; `whose` is the clinic.

    The HTML needs `lang`, a title and a text for every picture. `styles` are static paths
    ("css/handout.css"). `densities` are names with the paths that each adds, from roomy to tight: the
    roomiest is taken that has the fewest pages. One that would have to add less than the factor `step` isn't tried.
    `unseen` are classes whose elements a density doesn't show, by its name: they needn't be looked at.
    `assets` are the pictures that the HTML names as `asset:<key>`; keys hold letters, digits and . _ - only.
    Raises CannotDraw when a picture is missing or broken, when the document asks for any other address, when
    it can't be tagged, and when it is too much for the engine; Busy when too many are being drawn.
    """
    assets = assets or {}
    _check_amount(html, assets)
    try:
        with _turns.of(whose):
            return _drawn_somehow(html, styles, densities, step, unseen or {}, assets)
    except Full:
        raise Busy from None


def _drawn_somehow(*document: Any) -> Pdf:
    """Draw the quick way; whatever comes of that, the public way may still do."""
    for quick in (True, False):
        try:
            return _drawn(*document, quick=quick)
        except CannotDraw:
            raise
        except Exception as reason:  # the engine has many ways to fail on what people type, its callers know one
            failed = reason
            _logger.info("The %s way failed: %r", "quick" if quick else "public", reason)
    raise CannotDraw(f"The document is too much for the PDF engine ({type(failed).__name__}).") from failed


def _drawn(
    html: str,
    styles: Sequence[str],
    densities: Sequence[tuple[str, Sequence[str]]],
    step: float,
    unseen: Mapping[str, Collection[str]],
    assets: Mapping[str, bytes],
    *,
    quick: bool,
) -> Pdf:
    """Draw by WeasyPrint's public way, or quicker by way of its inside, which gives the same pixels."""
    engine = _engine()
    fetch, denied = _asset_fetcher(assets)
    with _complaints() as complaints, _quicker(engine, html) if quick else nullcontext():
        text = printable.text(html, _covered())

        def source(density: str) -> Any:
            read = engine.recorded.source(text, fetch, unseen.get(density, ())) if quick else None
            return read or engine.weasyprint.HTML(string=text, url_fetcher=fetch)

        document, density = _best_layout(source, styles, densities, step, _recordings(assets) if quick else {})
        content = document.write_pdf(**OPTIONS)
    if denied:
        raise CannotDraw(f"The document asked for {', '.join(denied)}, which it doesn't have.")
    if complaints:
        raise CannotDraw(f"The document can't be drawn faithfully: {'; '.join(complaints)}.")
    return Pdf(bytes(content), density, len(document.pages))


@contextmanager
def _quicker(engine: _Engine, html: str) -> Iterator[None]:
    with engine.shortcuts.taken(), engine.recorded.languages(html):
        yield


def warm_up() -> None:
    """Load the engine and its fonts now, so that a server pays for them before it forks its workers."""
    _engine()


def font_files() -> list[Path]:
    """Return the font files that documents are drawn with. Raises CannotDraw when they aren't installed."""
    files = _package_fonts(FONT_PACKAGE)
    if not files:
        raise CannotDraw(f"The font package {FONT_PACKAGE} isn't installed.")
    return files + _package_fonts(FALLBACK_FONT_PACKAGE)


def _check_amount(html: str, assets: Mapping[str, bytes]) -> None:
    """Raise CannotDraw for what would keep the engine busy for minutes, and for a picture that isn't whole."""
    if len(html) > MOST_CHARACTERS:
        raise CannotDraw(f"The document is too long: it has {len(html):,} characters of at most {MOST_CHARACTERS:,}.")
    for key, body in assets.items():
        if not _is_vector(body):
            _check_raster(key, body)


def _check_raster(key: str, body: bytes) -> None:
    try:
        with Image.open(io.BytesIO(body), formats=["PNG", "JPEG"]) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise CannotDraw(f"The picture {key} is too large: {width} by {height} pixels.")
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as reason:
        raise CannotDraw(f"The picture {key} is broken, or neither SVG, PNG nor JPEG.") from reason


def _is_vector(body: bytes) -> bool:
    return body.lstrip().startswith(b"<")


def _recordings(assets: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the pictures that were recorded, as the dictionary in which WeasyPrint looks for images."""
    pictures = {key: _engine().recorded.recording(body) for key, body in (printable.DRAWINGS | dict(assets)).items()}
    return {f"{ASSET_SCHEME}{key}": picture for key, picture in pictures.items() if picture is not None}


def _best_layout(
    source: Callable[[str], Any],
    styles: Sequence[str],
    densities: Sequence[tuple[str, Sequence[str]]],
    step: float,
    pictures: dict[str, Any],
) -> tuple[Any, str]:
    """Return the layout at the roomiest density that takes no more pages than the tightest, and the density's name.

    Most handouts fill their pages at the tightest one, which shows at once that no other fits. Where there's room, as
    many steps up are tried as it's likely to be enough for. `source` gives the document for a density.
    """
    choice = densities or [("", ())]

    def laid_out(place: int) -> Any:
        density, closer = choice[place]
        sheets = [_style(path) for path in (*styles, *closer)]
        return source(density).render(stylesheets=sheets, font_config=_engine().fonts, cache=pictures, **OPTIONS)

    roomiest, taken = 0, len(choice) - 1
    best = laid_out(taken)
    while taken > roomiest and (room := len(best.pages) / _extent(best)) > step:
        place = max(roomiest, taken - max(1, int(math.log(room, USUAL_STEP))))
        other = laid_out(place)
        if len(other.pages) <= len(best.pages):
            best, taken = other, place
        else:
            roomiest = place + 1
    return best, choice[taken][0]


def _extent(document: Any) -> float:
    """Return the length of a layout in pages, where all but the last count as full."""
    last = _engine().recorded.filled(document.pages[-1])
    return len(document.pages) - 1 + (last or EMPTY)


@lru_cache(maxsize=1)
def _engine() -> _Engine:
    """Load WeasyPrint once per process.

    Not at import: fontconfig reads its settings when WeasyPrint is imported, so they are written first; and
    a command that draws nothing needs neither the native libraries nor the second that they take to load.
    """
    os.environ["FONTCONFIG_FILE"] = str(_write_font_settings())
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    from clinics import recorded, shortcuts

    return _Engine(weasyprint, recorded, shortcuts, FontConfiguration())


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


@lru_cache(maxsize=64)
def _compiled_style(file: str, changed: int) -> Any:
    engine = _engine()
    fetch, _ = _asset_fetcher({})
    text = Path(file).read_text(encoding="utf-8")
    return engine.weasyprint.CSS(string=text, font_config=engine.fonts, url_fetcher=fetch)


def _asset_fetcher(assets: Mapping[str, bytes]) -> tuple[Any, list[str]]:
    """Return a fetcher that knows `asset:<key>` and nothing else, and the list of what it refused."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    known = {f"{ASSET_SCHEME}{key}": body for key, body in (printable.DRAWINGS | dict(assets)).items()}
    denied: list[str] = []

    class AssetFetcher(URLFetcher):
        def fetch(self, url: str, headers: object = None) -> Any:
            if url not in known:
                denied.append(url[:80])
                raise ValueError("it isn't part of the document")
            kind = "image/svg+xml" if _is_vector(known[url]) else "application/octet-stream"
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
    return printable.INKLESS.union(*map(characters, families))
