"""The quick way through the PDF engine draws what the public way draws, and steps aside when it can't."""

import hashlib
import os
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import page
import pytest
from PIL import Image, ImageChops

from clinics import pdf
from exercises.figures import library
from exercises.figures.figure import Figure
from programs import handout
from tests.clinics.test_pdf import SQUARE, STYLES, make_page
from tests.conftest import DEEP
from tests.programs.handout_samples import EIGHT, FIGURES, FOUR, make_handout


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    """The module itself, with nothing recorded yet and nothing kept of WeasyPrint's inside."""
    found = pdf._engine().recorded
    monkeypatch.setattr(found, "_recordings", {})
    lasting = pdf._engine().shortcuts._lasting
    lasting.cache_clear()
    yield found
    lasting.cache_clear()


@cache
def catalog_pictures() -> dict[str, bytes]:
    """Both ends of a few of the shipped movements, plain and mirrored."""
    poses = [library.entry(slug).pose for slug in library.slugs()[:: 18 if DEEP else 60]]
    return {
        f"{pose.name}-{frame.name}-{mirrored}": Figure(pose).svg(frame.name, mirrored=mirrored).encode()
        for pose in poses
        for frame in pose.frames[:2]
        for mirrored in (False, True)
    }


def sheet_of(pictures: dict[str, bytes]) -> str:
    drawn = "".join(f'<p>{key}</p><img class="picture" src="asset:{key}" alt="{key}">' for key in pictures)
    return make_page(f'<article class="handout"><h1>Pictures</h1>{drawn}</article>')


def publicly(monkeypatch, html: str, assets: dict[str, bytes]) -> pdf.Pdf:
    with monkeypatch.context() as patch:
        recorded = pdf._engine().recorded
        patch.setattr(recorded, "WRITTEN_FOR", "another version")
        patch.setattr(recorded, "_recordings", {})
        pdf._engine().shortcuts._lasting.cache_clear()
        made = pdf.render_html_to_pdf(html, styles=STYLES, assets=assets)
    pdf._engine().shortcuts._lasting.cache_clear()
    return made


def quickly(html: str, assets: dict[str, bytes]) -> pdf.Pdf:
    return pdf.render_html_to_pdf(html, styles=STYLES, assets=assets)


def assert_same_pixels(one: pdf.Pdf, other: pdf.Pdf, folder: Path) -> None:
    """Compare at 100 dots an inch; where coordinates were rounded, an edge may be lighter or darker."""
    assert one.pages == other.pages
    for ours, theirs in zip(rasters(one, folder / "one"), rasters(other, folder / "other"), strict=True):
        assert ours.size == theirs.size
        difference = ImageChops.difference(ours, theirs).histogram()
        assert sum(difference[25:]) <= ours.width * ours.height // 5_000


def rasters(made: pdf.Pdf, folder: Path) -> list[Image.Image]:
    folder.mkdir()
    (folder / "sheet.pdf").write_bytes(made.content)
    subprocess.run(["pdftoppm", "-r", "100", "-gray", folder / "sheet.pdf", folder / "page"], check=True)
    return [Image.open(BytesIO(file.read_bytes())) for file in sorted(folder.glob("page*"))]


def test_it_is_written_for_the_installed_version(recorded):
    import weasyprint

    assert weasyprint.__version__ == recorded.WRITTEN_FOR


def test_it_records_the_shipped_pictures(recorded):
    assert all(recorded.recording(drawing) for drawing in catalog_pictures().values())


def test_recorded_pictures_look_as_drawn_ones(monkeypatch, tmp_path):
    html = sheet_of(catalog_pictures())

    quick = quickly(html, catalog_pictures())

    assert_same_pixels(quick, publicly(monkeypatch, html, catalog_pictures()), tmp_path)
    assert page.validate_pdf_bytes(quick.content, profile="ua1").is_compliant


SVG = '<svg xmlns="http://www.w3.org/2000/svg"'
SHAPES = {
    "a picture wider than its frame": f'{SVG} viewBox="0 0 40 10"><path d="M0 0H40V10Z"/></svg>',
    "a picture higher than its frame": f'{SVG} viewBox="5 5 10 40"><path d="M5 5H15V45Z"/></svg>',
    "lines beyond the view box": (
        f'{SVG} viewBox="0 0 40 30"><path d="M-9 15H49M20 -9V39" stroke="#a00" stroke-width="3"/></svg>'
    ),
    "a turned part, clipped and half transparent": (
        f'{SVG} viewBox="0 0 400 300"><clipPath id="c"><circle cx="200" cy="150" r="90"/>'
        '</clipPath><g clip-path="url(#c)"><rect x="100.123456" y="100.654321" width="200" height="90" fill="#36c" '
        'fill-opacity="0.5" transform="rotate(33.3 200 150)"/></g><use href="#d"/><path id="d" d="M9 9l50 3.333z" '
        'stroke="currentColor"/></svg>'
    ),
    "a size of its own": f'{SVG} viewBox="0 0 4 3" width="40" height="30"><path d="M0 0H4V3Z"/></svg>',
}


SIZES = ["", "width: 60mm; height: 30mm", "width: 20mm", "height: 44.4mm"]


@pytest.mark.parametrize("drawing", SHAPES.values(), ids=SHAPES.keys())
def test_recorded_shapes_look_as_drawn_ones_in_any_size(drawing, recorded, monkeypatch, tmp_path):
    html = make_page("".join(f'<p>a <img style="{size}" src="asset:a" alt="x"> b</p>' for size in SIZES))
    assets = {"a": drawing.encode()}

    quick = quickly(html, assets)

    assert recorded.recording(assets["a"])
    assert_same_pixels(quick, publicly(monkeypatch, html, assets), tmp_path)


WITHIN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30" {more}>{within}</svg>'
MORE_THAN_SHAPES = {
    "words": WITHIN.format(more="", within='<text y="9">x</text>'),
    "a picture": WITHIN.format(more="", within='<image href="asset:b"/>'),
    "a style sheet": WITHIN.format(more="", within="<style>path { fill: red }</style>"),
    "a style": WITHIN.format(more="", within='<path style="fill: red" d="M0 0H9V9Z"/>'),
    "a gradient": WITHIN.format(
        more="",
        within='<linearGradient id="g"><stop stop-color="red"/></linearGradient><path fill="url(#g)" d="M0 0H9V9Z"/>',
    ),
    "a part that shines through": WITHIN.format(more="", within='<g opacity="0.5"><path d="M0 0H9V9Z"/></g>'),
    "another way to fit": WITHIN.format(more='preserveAspectRatio="none"', within='<path d="M0 0H9V9Z"/>'),
    "a size in the letters around it": WITHIN.format(more='width="2em"', within='<path d="M0 0H9V9Z"/>'),
    "no view box": '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><path d="M0 0H9V9Z"/></svg>',
    "an empty view box": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 0"><path d="M0 0H9V9Z"/></svg>',
    "nothing that can be read": "<svg><path",
}


@pytest.mark.parametrize("drawing", MORE_THAN_SHAPES.values(), ids=MORE_THAN_SHAPES.keys())
def test_it_leaves_what_is_more_than_shapes_to_the_public_way(drawing, recorded):
    assert recorded.recording(drawing.encode()) is None


def test_it_keeps_the_recordings_that_were_asked_for_last(recorded, monkeypatch):
    monkeypatch.setattr(recorded, "KEPT", 3)
    first, *others = [SQUARE.replace(b"#333", f"#{number}{number}{number}".encode()) for number in range(5)]

    for drawing in others:
        recorded.recording(first)
        recorded.recording(drawing)

    kept = set(recorded._recordings)
    assert kept == {hashlib.sha256(drawing).digest() for drawing in (first, *others[-2:])}


def test_a_handout_has_the_same_bytes_the_first_and_the_hundredth_time():
    drawn = make_handout(*FOUR)
    first = handout.render_pdf(drawn, FIGURES).content

    for other in (make_handout("Glute bridge"), make_handout("Clamshell", version=9)):
        handout.render_pdf(other, FIGURES)

    assert handout.render_pdf(drawn, FIGURES).content == first


def test_pictures_give_the_same_bytes_in_two_processes():
    script = (
        "import django, hashlib; django.setup()\n"
        "from clinics import pdf\n"
        "from tests.clinics.test_pdf_recorded import catalog_pictures, quickly, sheet_of\n"
        "pdf._engine()\n"
        "made = quickly(sheet_of(catalog_pictures()), catalog_pictures())\n"
        "print(hashlib.sha256(made.content).hexdigest())"
    )

    def run(seed: str) -> str:
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        ).stdout

    here = quickly(sheet_of(catalog_pictures()), catalog_pictures())
    # This process and another; two others in a thorough run.
    assert {run(seed).strip() for seed in ("12" if DEEP else "1")} == {hashlib.sha256(here.content).hexdigest()}


@pytest.mark.parametrize("layout", ["standard", "large", "compact", "cards", "checklist"])
def test_a_handout_looks_the_same_by_the_public_way(layout, recorded, monkeypatch, tmp_path):
    drawn = make_handout(*(EIGHT if DEEP else FOUR[1:3]), layout=layout)
    quick = handout.render_pdf(drawn, FIGURES)

    monkeypatch.setattr(recorded, "WRITTEN_FOR", "another version")
    pdf._engine().shortcuts._lasting.cache_clear()
    public = handout.render_pdf(drawn, FIGURES)

    assert quick.density == public.density
    assert_same_pixels(quick, public, tmp_path)
    assert page.validate_pdf_bytes(public.content, profile="ua1").is_compliant


def fails(*args, **kwargs):
    raise RuntimeError("changed inside")


@pytest.mark.parametrize(
    "broken",
    [
        "weasyprint.pdf.stream.Stream.__init__",
        "weasyprint.images.SVGImage.get_intrinsic_size",
        "cssselect2.ElementWrapper.from_html_root",
    ],
)
def test_it_answers_nothing_when_the_inside_has_changed(broken, recorded, monkeypatch):
    monkeypatch.setattr(broken, fails)

    assert None in (recorded.recording(SQUARE), recorded.source(make_page("x"), None))


@pytest.mark.parametrize("part", ["get_x_object", "draw", "get_intrinsic_size"])
def test_it_falls_back_when_a_recording_fails_in_the_document(part, recorded, monkeypatch, tmp_path):
    html = sheet_of({"a": SQUARE})
    public = publicly(monkeypatch, html, {"a": SQUARE})
    monkeypatch.setattr(recorded.Recording, part, fails)

    assert_same_pixels(quickly(html, {"a": SQUARE}), public, tmp_path)


def test_it_reads_a_handout_as_the_other_reader_does(recorded):
    html = handout.render_html(make_handout(*EIGHT, each={"note": "Tom & Jerry <b>won't</b> “stop” \xa0 here"}))

    quick = recorded.source(html, None)

    public = pdf._engine().weasyprint.HTML(string=html)
    assert quick is not None
    assert tree(quick.etree_element) == tree(public.etree_element)


def tree(element) -> tuple:
    """Return an element with all that it holds; where the readers put the blanks around head and body is their own."""
    outside = element.tag in {"html", "head", "body"}
    text, tail = element.text or "", element.tail or ""
    inner = tuple(tree(child) for child in element)
    if outside:
        text, tail = text.strip(), tail.strip()
        inner = tuple((*child[:3], child[3].strip(), child[4]) for child in inner) if element.tag == "body" else inner
    return element.tag, tuple(sorted(element.attrib.items())), text, tail, inner


LEFT_TO_HTML = {
    "a tag that isn't closed": "<p>x",
    "an entity of HTML's": "<p>&nbsp;</p>",
    "an attribute without quotes": "<p class=x>y</p>",
    "a comment": "<p><!-- x --></p>",
    "a tag in capitals": "<P>x</P>",
    "an attribute in capitals": '<p Class="x">y</p>',
    "an empty tag that isn't": "<div/>x",
    "a block in a paragraph": "<p><div>x</div></p>",
    "a paragraph in a heading": "<h2><p>x</p></h2>",
    "a link in a link": '<a href="https://a.invalid"><b><a href="https://b.invalid">x</a></b></a>',
    "a row without a body": "<table><tr><td>x</td></tr></table>",
    "words loose in a table": "<table>x<tbody><tr><td>x</td></tr></tbody></table>",
    "words after a row": "<table><tbody><tr><td>x</td></tr>y</tbody></table>",
    "a list in a list, without an item": "<ul><ul><li>x</li></ul></ul>",
    "a style in the page": "<style>p { color: red }</style><p>x</p>",
    "a drawing": '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><path d="M0 0H9V9Z"/></svg>',
    "an instruction": "<?x y?><p>x</p>",
    "a control": "<p><input value='x'></p>",
    "lines kept as they are": "<pre>\nx</pre>",
}


@pytest.mark.parametrize("body", LEFT_TO_HTML.values(), ids=LEFT_TO_HTML.keys())
def test_it_leaves_to_the_other_reader_what_that_may_read_otherwise(body, recorded):
    html = make_page(body)

    assert recorded.source(html, None) is None
    assert pdf.render_html_to_pdf(html, styles=STYLES).pages == 1


@pytest.mark.parametrize(("style", "read"), [("p { color: red }", True), ("p > b { color: red }", False)])
def test_it_reads_a_style_in_the_head_that_is_the_same_to_both_readers(style, read, recorded):
    html = make_page("<p>x</p>").replace("</head>", f"<style>{style}</style></head>")

    assert (recorded.source(html, None) is not None) is read


@pytest.mark.parametrize(("lines", "least", "most"), [(1, 0.03, 0.1), (3, 0.2, 0.3), (10, 0.9, 1), (14, 0.3, 0.4)])
def test_it_knows_how_full_the_last_page_is(lines, least, most, recorded):
    weasyprint = pdf._engine().weasyprint
    css = weasyprint.CSS(string="@page { size: 100mm; margin: 0 } body { margin: 0 } p { margin: 0; height: 10mm }")

    document = weasyprint.HTML(string=make_page("<p>x</p>" * lines)).render(stylesheets=[css])

    assert least <= recorded.filled(document.pages[-1]) <= most
