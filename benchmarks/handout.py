"""A handout of eight exercises as PDF: ours warm, WeasyPrint as one would first use it, and headless Chromium.

The exercises are the catalog's own, with two pictures each, on two pages. The three take turns in each round, on the
same data and the same number of pages; ours and the browser's are tagged and have bookmarks. Measured besides: how the
time grows with the exercises, what the server takes to give a stored handout again beyond a bare answer, and how the
memory of a process grows over 500 handouts. `ROUNDS` and `RENDERS` in the environment shorten it.
"""

import base64
import datetime
import gc
import json
import logging
import os
import pickle
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.urls import include, path
from django.utils import timezone

from benchmarks.timing import Timing, interleaved, table
from clinics import pdf, wall
from clinics.models import Clinic, Membership, Role, User
from exercises import catalog_files, loading, pictures
from exercises.models import Driver, Exercise
from exercises.vocabulary import Phase
from patients import assessing, records
from programs import builder, drafting, handout
from programs.handout import Handout
from programs.handout_options import Options
from programs.models import Issue, Item, Program, Stage
from tests.journeys import browser
from tests.programs.samples import make_issue

logging.getLogger("weasyprint").setLevel(logging.ERROR)  # a console full of warnings would slow the naive one

ROUNDS = int(os.environ.get("ROUNDS", "15"))
RENDERS = int(os.environ.get("RENDERS", "500"))
USUAL, PAGES = 8, 2
SHELL = "Chromium's headless shell"
UNSEEN = "ours, no sentence seen"
SIZES = (4, 8, 12, 16, 20)
TODAY = datetime.date(2026, 11, 21)
BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def bare(request: HttpRequest) -> HttpResponse:
    """Answer a signed-in person with a word: what the site costs without a handout."""
    return HttpResponse("ok")


# A page that clinics/access.csv doesn't name isn't served: this one goes by the name of one that it does.
urlpatterns = [path("bare/", bare, name="signed_in"), path("", include("config.urls"))]


class Sheet(NamedTuple):
    """A handout with the pictures that it names."""

    handout: Handout
    pictures: dict[str, bytes]

    def drawn(self) -> pdf.Pdf:
        return handout.render_pdf(self.handout, self.pictures)

    def drawn_unseen(self) -> pdf.Pdf:
        """Draw it in a process that has measured none of its sentences for another handout."""
        pdf._engine().shortcuts._lines.clear()
        return self.drawn()


@wall.all_clinics("a benchmark makes its own clinics")
def main() -> None:
    settings.ROOT_URLCONF = "benchmarks.handout"
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        loading.load(catalog_files.read(settings.CATALOG_DIR))
        pdf.warm_up()
        gc.collect()
        gc.freeze()  # as the web server does before it forks its workers
        program, by = a_program()
        sheet = usual_sheet(program, by)
        growing = {size: some_sheet(program, by, size) for size in SIZES}
        many = [some_sheet(program, by, USUAL, random.Random(seed)) for seed in range(40)]
        reprint = reprint_ms(make_issue(program, content=sheet.drawn().content, by=by), by)
    finally:
        teardown_databases(databases, verbosity=0)
    with rivals(sheet) as candidates:
        timings = interleaved(candidates, rounds=ROUNDS, settle=0.3)  # a closed tab takes a while to go
    growth = interleaved({f"{size} exercises": one.drawn for size, one in growing.items()}, rounds=ROUNDS)
    report(sheet, timings, growth, reprint, memory_growth(many))


def report(sheet: Sheet, timings: dict[str, Timing], growth: dict[str, Timing], reprint: float, memory: float) -> None:
    made = sheet.drawn()
    print(table(timings, reference="naive WeasyPrint"))
    print(table(growth, reference=f"{SIZES[0]} exercises"))
    ours = timings["ours"].median
    # The time that each exercise more takes at the far end, against the near end: 1 is a straight line.
    per_item = [
        (growth[f"{more} exercises"].median - growth[f"{few} exercises"].median) / (more - few)
        for few, more in pairwise((SIZES[0], SIZES[len(SIZES) // 2], SIZES[-1]))
    ]
    found = {
        "ratio_naive": round(ours / timings["naive WeasyPrint"].median, 3),
        "ratio_chromium": round(ours / timings["headless Chromium"].median, 3),
        "ratio_chromium_unseen": round(timings[UNSEEN].median / timings["headless Chromium"].median, 3),
        # The shell paints no window, which the whole browser does also where nobody sees it.
        "ratio_shell": round(ours / timings[SHELL].median, 3) if SHELL in timings else None,
        "pdf_kb": round(len(made.content) / 1000, 1),
        "growth": round(growth[f"{SIZES[-1]} exercises"].median / growth[f"{SIZES[0]} exercises"].median, 2),
        "growth_bend": round(per_item[1] / per_item[0], 2),
        "reprint_ms": round(reprint, 2),
        "memory_growth": round(memory, 4),
        "pages": made.pages,
        "density": made.density,
        "median_ms": round(ours, 1),
    }
    print(json.dumps(found))


def a_program() -> tuple[Program, User]:
    """Return a program with every exercise that has two pictures, the ones that suit first, and its clinician."""
    by = User.objects.create(email="bench@clinic.invalid", name="Dana Okafor", credentials="PT", password="!")
    place = Clinic.objects.create(
        name="Lakeside Physical Therapy", phone="(555) 010-4477", address="12 Shore Road", requires_second_factor=False
    )
    Membership.objects.create(clinic=place, user=by, role=Role.THERAPIST)
    driver = Driver.objects.get(slug="piriformis")
    values = {"name": "Maria Rivera", "birth_date": None, "email": "", "phone": "", "contact_note": ""}
    patient = records.create(place, values, by=by)
    said = {"affected_side": "left", "driver": driver, "irritability": "moderate", "equipment": assessing.household()}
    findings = assessing.usual_findings(driver, "left")
    assessing.save(patient, said, findings=findings, based_on=None, at=timezone.now(), by=by)
    program = builder.start(patient, protocol=None, by=by)
    suiting = set(Exercise.objects.published().filter(suits_primary=driver).values_list("pk", flat=True))
    two = [row for row in Exercise.objects.published().order_by("slug") if len(pictures.frames(row)) == 2]
    rows = [
        {
            "exercise": row,
            "phase": row.phase,
            "side": SIDES.get(row.laterality, ""),
            "sets": row.sets,
            "reps": row.reps,
            "hold_s": row.hold_s,
            "minutes": row.minutes,
            "times_per_day": row.times_per_day,
        }
        for row in sorted(two, key=lambda row: (row.pk not in suiting, row.slug))
    ]
    builder.fill(Stage.objects.get(program=program, slug="w0_2"), rows, seen_version=program.version, by=by)
    program.refresh_from_db()
    return program, by


def some_sheet(program: Program, by: User, size: int, chance: random.Random | None = None) -> Sheet:
    """Return a handout of the program's first exercises, or of some by chance."""
    items = drafting.active_items(program)
    return sheet_of(program, by, chance.sample(items, size) if chance else items[:size])


def usual_sheet(program: Program, by: User) -> Sheet:
    """Return the first handout of eight exercises in a row that takes two pages."""
    items = drafting.active_items(program)
    for start in range(0, len(items) - USUAL, USUAL // 2):
        sheet = sheet_of(program, by, items[start : start + USUAL])
        if sheet.drawn().pages == PAGES:
            return sheet
    raise SystemExit(f"No {USUAL} exercises in a row take {PAGES} pages.")


def sheet_of(program: Program, by: User, items: Sequence[Item]) -> Sheet:
    ordered = sorted(items, key=lambda item: (Phase(item.phase).rank, item.position))
    assessment = program.patient.assessments.select_related("driver").with_everything().get()
    drawn = drafting.draft(program, ordered, assessment, by=by, on=TODAY, options=Options())
    return Sheet(drawn, drafting.drawings(ordered, program.patient.clinic))


SIDES = {"affected_side": "left", "each_side": "each"}


@contextmanager
def rivals(sheet: Sheet) -> Iterator[dict[str, Callable[[], object]]]:
    """Yield those that draw the same handout, by name; the browsers are open meanwhile."""
    from playwright.sync_api import sync_playwright
    from weasyprint import HTML

    ours = sheet.drawn()
    naive = next(
        html
        for html in (naive_html(sheet, half / 2) for half in range(24, 10, -1))
        if len(HTML(string=html).render().pages) <= ours.pages
    )
    page = chromium_html(sheet, ours.density)
    if not naive.count("<td") == page.count("<td") > 0:
        raise SystemExit("The naive sheet's log hasn't the cells of ours: they are no longer on the same data.")
    with sync_playwright() as playwright, ExitStack() as open_ones:
        if not (whole := browser.find(browser.WHOLE)):
            raise SystemExit("A whole Chromium is needed. Please run: sudo apt-get install -y chromium")
        found = {"headless Chromium": whole, SHELL: shutil.which(browser.SHELL)}
        browsers = {
            name: open_ones.enter_context(playwright.chromium.launch(executable_path=path, args=BROWSER))
            for name, path in found.items()
            if path
        }
        printing = {name: partial(print_page, one, page) for name, one in browsers.items()}
        print(f"{ours.pages} pages; Chromium {pages_of(printing['headless Chromium']())} pages")
        yield {
            "ours": sheet.drawn,
            UNSEEN: sheet.drawn_unseen,
            "naive WeasyPrint": lambda: HTML(string=naive).write_pdf(),
            **printing,
        }


def print_page(chromium: Any, page: str) -> bytes:
    tab = chromium.new_page()
    tab.set_content(page)
    printed: bytes = tab.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    tab.close()
    return printed


def naive_html(sheet: Sheet, size: float) -> str:
    template = Engine().from_string((Path(__file__).parent / "handout_naive.html").read_text("utf-8"))
    html = str(template.render(Context({"handout": sheet.handout, "size": size})))
    for key, drawing in sheet.pictures.items():
        inline = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{key[:8]}-", drawing.decode())  # a page has each id once
        html = html.replace(f"<!--{key}-->", inline)
    return html


def chromium_html(sheet: Sheet, density: str) -> str:
    """Return our own page with its style sheets and pictures in it."""
    style = handout.STYLES[sheet.handout.layout]
    files = [*style.sheets, *dict(style.densities).get(density, ())]
    css = "\n".join(Path(str(finders.find(file))).read_text("utf-8") for file in files)
    html = handout.render_html(sheet.handout).replace("</head>", f"<style>{css}</style></head>")
    for key, drawing in sheet.pictures.items():
        html = html.replace(f"asset:{key}", f"data:image/svg+xml;base64,{base64.b64encode(drawing).decode()}")
    return html


def pages_of(content: bytes) -> int:
    import pypdf

    with tempfile.TemporaryFile() as file:
        file.write(content)
        return len(pypdf.PdfReader(file).pages)


def reprint_ms(issue: Issue, by: User) -> float:
    """Return what the server takes to give a stored handout, beyond a bare answer, in milliseconds."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(by, backend=settings.AUTHENTICATION_BACKENDS[0])
    asked = partial(client.get, f"/issues/{issue.pk}/handout.pdf")
    assert asked().content == bytes(issue.pdf.content)
    timings = interleaved({"stored": asked, "bare": partial(client.get, "/bare/")}, rounds=max(ROUNDS, 10) * 4)
    print(table(timings, reference="bare"))
    return timings["stored"].median - timings["bare"].median


def memory_growth(sheets: list[Sheet]) -> float:
    """Return by which share a process grows over 500 handouts, once it has drawn each of the usual ones."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        pickle.dump([(sheet.handout, sheet.pictures) for sheet in sheets], file)
        file.flush()
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.handout", file.name]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    before, after = map(int, said.split())
    print(f"memory: {before / 1e6:.1f} MB after {len(sheets)} handouts, {after / 1e6:.1f} MB after {RENDERS} more")
    return after / before - 1


@wall.all_clinics("a benchmark makes its own clinics")
def draw_many(file: str) -> None:
    """Draw handouts and print the process's memory before and after, in bytes."""
    sheets = [Sheet(*pair) for pair in pickle.loads(Path(file).read_bytes())]
    pdf.warm_up()
    gc.collect()
    gc.freeze()
    for sheet in sheets:
        sheet.drawn()
    before = resident()
    for number in range(RENDERS):
        sheets[number % len(sheets)].drawn()
    print(before, resident())


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    draw_many(sys.argv[1]) if len(sys.argv) > 1 else main()
