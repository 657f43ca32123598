"""A handout before it is issued: its options, the sheet on the page, the PDF as it would be drawn."""

import html
import re
from io import BytesIO

import pypdf
import pytest
from django.urls import reverse

from clinics import branding, records
from clinics.models import AuditEntry, User
from clinics.pdf import Busy, CannotDraw, Pdf
from clinics.turns import Turns
from programs import preview_page
from programs.handout import STYLES
from programs.handout_options import LAYOUTS, Options
from programs.models import Issue, StoredPdf
from tests.clinics.test_branding import picture
from tests.conftest import make_patient, make_user, signed_in
from tests.programs.clinical import make_ready
from tests.programs.samples import make_program

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Requested-With": "fetch"}
LARGE = {"layout": "large", "paper": "Letter", "weeks": "4"}


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def client(by):
    return signed_in(by)


@pytest.fixture
def program(by):
    return make_ready(by=by)


def sheet(client, program, **asked: str) -> str:
    page = client.get(reverse("preview", args=[program.pk]), asked).content.decode()
    return re.search(r"<article.*</article>", page, re.S)[0]


def drawn(client, program, **asked: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(client.get(reverse("preview_pdf", args=[program.pk]), asked).content))


def chosen_on(page: str) -> dict[str, str]:
    """Return the options that are marked on a page, by name."""
    return dict(re.findall(r'name="(\w+)" value="(\w+)" checked', page))


def issue(client, program, **typed: object):
    return client.post(reverse("issue", args=[program.pk]), {"number": 1, "version": program.version, **typed})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_shows_each_layout(client, program, layout):
    assert f'class="handout layout-{layout} ' in sheet(client, program, layout=layout)


def test_marks_what_is_shown(client, program):
    page = client.get(reverse("preview", args=[program.pk]), LARGE).content.decode()

    assert chosen_on(page) == LARGE
    assert 'class="handout layout-large paper-letter"' in page


@pytest.mark.parametrize("asked", [{}, {"layout": "nonsense", "paper": "A3", "weeks": "three"}])
def test_shows_the_usual_where_nothing_sensible_is_asked(client, program, asked):
    page = client.get(reverse("preview", args=[program.pk]), asked).content.decode()

    assert chosen_on(page) == {"layout": "standard", "paper": "A4", "weeks": "2"}


def test_starts_with_the_clinics_paper(client, program):
    clinic = program.patient.clinic
    clinic.paper = "Letter"
    clinic.save(update_fields=["paper"])

    assert chosen_on(client.get(reverse("preview", args=[program.pk])).content.decode())["paper"] == "Letter"


def test_remembers_nothing_that_was_only_looked_at(client, by, program):
    for name in ("preview", "preview_pdf", "issue"):
        client.get(reverse(name, args=[program.pk]), LARGE)

    assert User.objects.get(pk=by.pk).handout_options == {}


def test_carries_the_options_to_the_issue_and_remembers_them(client, by, program):
    page = client.get(reverse("preview", args=[program.pk]), LARGE).content.decode()
    onward = html.unescape(re.search(r'href="([^"]*/issue/\?[^"]+)"', page)[1])
    form = client.get(onward).content.decode()
    carried = dict(re.findall(r'<input type="hidden" name="(layout|paper|weeks)" value="(\w+)">', form))

    answer = issue(client, program, **carried)

    assert carried == LARGE
    assert "Large print, Letter, log for 4 weeks, English." in form
    assert answer.status_code == 302
    snapshot = Issue.objects.get().snapshot
    assert (snapshot["layout"], snapshot["paper"], snapshot["weeks"]) == ("large", "Letter", 4)
    assert User.objects.get(pk=by.pk).handout_options == {"layout": "large", "paper": "Letter", "weeks": 4}
    assert chosen_on(client.get(reverse("preview", args=[make_program(by=by).pk])).content.decode()) == LARGE


def test_keeps_the_options_after_a_refusal(client, program):
    answer = issue(client, program, **{**LARGE, "version": 0})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert '<input type="hidden" name="layout" value="large">' in page
    assert "/preview/?layout=large&amp;paper=Letter&amp;weeks=4" in page


def test_issues_in_the_usual_way_when_no_options_come_along(client, program):
    assert issue(client, program).status_code == 302

    assert Issue.objects.get().snapshot["layout"] == "standard"


def test_says_the_patients_language_and_where_it_is_changed(by, client):
    patient = make_patient(clinic=by.memberships.get().clinic, language="es")
    page = client.get(reverse("preview", args=[make_ready(by=by, patient=patient).pk])).content.decode()

    assert "Language: Español." in page
    assert f'href="{reverse("patient_edit", args=[patient.pk])}"' in page
    assert 'lang="es"' in page


def test_answers_a_script_with_the_part_of_the_page(client, program):
    part = client.get(reverse("preview", args=[program.pk]), LARGE, headers=SCRIPT).content.decode()

    assert "<html" not in part
    assert chosen_on(part) == LARGE
    assert "<article" in part


def test_tells_a_script_how_long_it_is(client, program):
    answer = client.get(reverse("preview_pdf", args=[program.pk]), {"layout": "checklist"}, headers=SCRIPT)

    assert re.fullmatch(r"Checklist only, A4: 1 page, set \w+\.", answer.json()["said"])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_says_of_each_density_how_closely_it_is_set(layout):
    densities = [name for name, _ in STYLES[layout].densities]

    said = [preview_page.length(Pdf(b"", density, 2), Options(layout=layout)) for density in densities]

    assert said[0] == f"{LAYOUTS[layout]}, A4: 2 pages, set roomily."
    assert len(set(said)) == len(densities) > 1


def test_draws_the_pdf_and_keeps_nothing_of_it(client, program):
    answer = client.get(reverse("preview_pdf", args=[program.pk]))

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="preview-maria-rivera.pdf"'
    assert answer.content.startswith(b"%PDF-")
    assert not Issue.objects.exists()
    assert not StoredPdf.objects.exists()


def test_marks_each_page_of_the_pdf(client, program):
    pages = drawn(client, program, layout="large").pages

    assert all("Preview, not issued" in page.extract_text() for page in pages)


def test_draws_what_will_be_issued_but_for_the_mark(client, program):
    before = [page.extract_text().replace("Preview, not issued", "").split() for page in drawn(client, program).pages]
    issue(client, program)

    issued = pypdf.PdfReader(BytesIO(bytes(Issue.objects.get().pdf.content)))
    assert before == [page.extract_text().split() for page in issued.pages]


def test_draws_a_pdf_of_an_empty_stage(client, by):
    assert len(drawn(client, make_program(by=by)).pages) >= 1


def test_says_why_a_pdf_cannot_be_drawn(client, program, monkeypatch):
    def refuse(*args, **kwargs):
        raise CannotDraw("The document is too much to draw.")

    monkeypatch.setattr("programs.handout.render_pdf", refuse)
    address = reverse("preview_pdf", args=[program.pk])

    page, told, issued = client.get(address), client.get(address, headers=SCRIPT), issue(client, program)

    assert page.status_code == issued.status_code == 422
    assert "The document is too much to draw." in page.content.decode()
    assert told.json() == {"said": "The document is too much to draw."}
    assert "The document is too much to draw." in issued.content.decode()
    assert not Issue.objects.exists()


@pytest.mark.asvs("V15.2.2")
def test_says_that_it_comes_in_a_moment_while_many_are_drawn(client, program, monkeypatch):
    """The browser asks again by itself; issuing keeps what was typed."""
    monkeypatch.setattr("clinics.pdf._turns", Turns(0, 0))
    address = reverse("preview_pdf", args=[program.pk])

    page, told = client.get(address), client.get(address, headers=SCRIPT)
    issued = issue(client, program, layout="large")

    assert (page.status_code, page["Retry-After"], page["Refresh"]) == (503, "5", "5")
    assert "Many sheets are being drawn at this moment." in page.text
    assert program.patient.name not in page.text
    assert not AuditEntry.objects.filter(action="preview handout").exists()
    assert told.json() == {"said": str(Busy())}
    assert issued.status_code == 503
    assert str(Busy()) in issued.text
    assert 'name="layout" value="large"' in issued.text
    assert not Issue.objects.exists()


@pytest.mark.parametrize(
    ("site", "prints", "shown"), [("https://c.example", True, 1), ("", True, 0), ("https://c.example", False, 0)]
)
def test_holds_the_codes_place_where_one_will_be_printed(client, program, settings, site, prints, shown):
    settings.SITE_ADDRESS = site
    clinic = program.patient.clinic
    clinic.prints_links = prints
    clinic.save(update_fields=["prints_links"])

    found = sheet(client, program)

    assert found.count("The code to scan comes with the issue") == shown
    assert "asset:" not in found
    assert drawn(client, program).pages


def test_shows_the_clinics_logo_and_colour(client, program):
    clinic = program.patient.clinic
    clinic.colour = "#7a1f4b"
    clinic.save(update_fields=["colour"])
    records.keep_logo(clinic, branding.clean_logo(picture()))

    page = client.get(reverse("preview", args=[program.pk])).content.decode()
    address = html.unescape(re.search(r'<img class="logo" src="([^"]+)"', page)[1])

    assert "/clinic/colour-7a1f4b.css" in page
    assert "immutable" in client.get(address)["Cache-Control"]
    assert drawn(client, program).pages


@pytest.mark.parametrize(
    ("name", "headers"), [("preview", {}), ("preview", SCRIPT), ("preview_pdf", {})], ids=["page", "panel", "PDF"]
)
def test_logs_each_look(client, by, program, name, headers):
    client.get(reverse(name, args=[program.pk]), headers=headers)

    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.subject) == ("preview handout", by, f"program:{program.pk}")


def test_logs_one_look_of_a_script_that_also_asks_how_long_the_sheet_is(client, program):
    """As the panel beside the builder does after each edit."""
    for name in ("preview", "preview_pdf"):
        client.get(reverse(name, args=[program.pk]), headers=SCRIPT)

    assert AuditEntry.objects.filter(action="preview handout").count() == 1
