"""F13 beyond pages: markup and formulas that somebody typed stay text in PDFs, mails, answers to scripts, and files."""

import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pypdf
import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import Clinic, User
from patients.referral import render_pdf as render_referral
from programs import disclosures
from programs.handout import HandoutClinic, render_pdf
from programs.models import Delivery
from tests.everywhere import Site, site
from tests.faults.markup import PAYLOADS, WHOLE, harmless, shape, write
from tests.patients.test_referral import make_referral
from tests.programs.handout_samples import FIGURES, make_handout, make_item, make_phases
from tests.programs.test_mails import read, row, with_links

__all__ = ["site", "with_links"]

pytestmark = [pytest.mark.django_db, pytest.mark.fault]

ALL = " ".join(PAYLOADS)
ALIVE = {"/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/EmbeddedFiles", "/AcroForm", "/GoToR", "/SubmitForm"}
FORMULA = "=cmd|' /C calc'!A0\",\r\n+1;\t@SUM(1)"
BEGINS_A_FORMULA = re.compile(r"[\s\0]*[=+\-@＝＋－＠]")
# What a browser shows by itself without running anything of it; all else is to be kept as a file.
INERT = {"application/json", "application/manifest+json", "application/pdf", "text/css", "image/png", "image/svg+xml"}
INERT |= {"text/javascript", "text/plain"}
FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture(autouse=True)
def signed_in_just_now(settings) -> None:
    """Nobody is asked again who they are."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = float("inf")


def handout_of(text: str) -> bytes:
    words = {"name": text, "steps": (text, text), "feel": text, "stop_if": (text,), "mistakes": (text,)}
    every = ALL if text == WHOLE else harmless(ALL)
    item = replace(make_item("Glute bridge"), **words, note=every, note_by=text, modify=(text,))
    people = {"patient_name": text, "clinician_name": text, "clinician_credentials": text, "next_visit": text}
    clinic = HandoutClinic(text, text, text, text, text)
    return render_pdf(make_handout(clinic=clinic, phases=make_phases(item), about=text, **people), FIGURES).content


def referral_of(text: str) -> bytes:
    every = ALL if text == WHOLE else harmless(ALL)
    people = {"clinic_name": text, "patient_name": text, "clinician_name": text, "clinic_address": text}
    return render_referral(make_referral(**people, clinic_phone=text, findings=every, medical_contact=(text,)))


def structure(reader: pypdf.PdfReader) -> Counter[str]:
    """Count what may act in a PDF: the keys of its objects that lead somewhere or run, and its kinds of notes."""
    found: Counter[str] = Counter()

    def walk(thing: Any) -> None:
        if isinstance(thing, dict):
            found.update(name for name in thing if name in ALIVE | {"/Annots", "/URI", "/A", "/Names"})
            for part in thing.values():
                walk(part)
        elif isinstance(thing, list):
            for part in thing:
                walk(part)

    for number in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1):
        one = pypdf.generic.IndirectObject(number, 0, reader).get_object()
        walk(one)
    walk(reader.trailer)
    return found


@pytest.mark.asvs("V1.2.1")
@pytest.mark.parametrize("draw", [handout_of, referral_of])
def test_a_pdf_prints_markup_and_has_nothing_more_to_press_or_run(draw):
    plain, tried = (pypdf.PdfReader(io.BytesIO(draw(text))) for text in (harmless(WHOLE), WHOLE))

    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in tried.pages))
    missing = [one for one in PAYLOADS if re.sub(r"\s+", "", one) not in text]
    assert missing in ([], ["＜script＞"])  # a font needn't have these wide signs
    assert structure(tried) == structure(plain)
    assert not set(structure(tried)) & ALIVE


@pytest.mark.asvs("V1.2.1", "V1.3.11")
@pytest.mark.parametrize("how", ["attach", "link"])
def test_a_mail_keeps_its_parts_and_headers_whatever_was_typed(how):
    made = row(how)

    def mailed(text: str) -> tuple[Any, ...]:
        Clinic.objects.update(name=text[:120], phone=text[:40], address=text)
        User.objects.update(name=text[:120], credentials=text[:40])
        message, plain, page = read(Delivery.objects.get(pk=made.pk))
        assert text[:40] in plain
        parts = [(part.get_content_type(), part.get_filename()) for part in message.walk()]
        addresses = [message["From"].addresses[0].addr_spec, str(message["To"]), str(message["Reply-To"])]
        return sorted(message.keys()), parts, addresses, shape(page)

    plain = mailed("Lakeside")
    assert {payload: mailed(payload) for payload in PAYLOADS} == dict.fromkeys(PAYLOADS, plain)


def answers(site: Site) -> Iterator[tuple[str, HttpResponse]]:
    """Yield what isn't a page, as those who come there are answered."""
    for who in ("therapist", "admin", "root", "home"):
        client = site.client(who)
        for route in site.routes():
            if route.who == who and route.name not in {"home_leave", "account_logout", "admin:logout"}:
                found = client.get(route.path, {"kind": "csv"} if route.name == "export" else {})
                if found.status_code == 200 and not found["Content-Type"].startswith("text/html"):
                    yield route.name, found


@pytest.mark.asvs("V3.2.1")
def test_nothing_but_a_page_can_be_shown_as_one(site):
    """A file with typed markup is read as what it says it is, or kept: never as a page of this site."""
    write(WHOLE)
    found = list(answers(site))

    inline = {(name, one["Content-Type"].partition(";")[0]) for name, one in found if not is_kept(one)}
    assert {"clinic_log_csv", "record_export", "export"} <= {name for name, one in found if is_kept(one)}
    assert {name for name, kind in inline if kind not in INERT} == set()
    assert [name for name, one in found if one.get("X-Content-Type-Options") != "nosniff"] == []
    drawings = [one for _, one in found if one["Content-Type"] == "image/svg+xml"]
    assert drawings
    assert all("default-src 'none'" in one["Content-Security-Policy"] for one in drawings)


def is_kept(answer: HttpResponse) -> bool:
    return answer.get("Content-Disposition", "").startswith("attachment")


def told(client: Client, site: Site) -> dict[str, Any]:
    """Return what the builder's script is answered: to an exercise that is added and taken back, to a wrong dose."""
    path = f"/programs/{site.program.pk}/edit/"

    def ask(**fields: str) -> dict[str, Any]:
        answer = client.post(path, fields, headers=FETCH)
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/json", "nosniff")
        said = json.loads(answer.content)
        return said | {"regions": {name: shape(html) for name, html in said.get("regions", {}).items()}}

    search = client.get(f"/programs/{site.program.pk}/catalog/", {"q": "a"}, headers=FETCH)
    return {
        "added": ask(do=f"add:{site.bridge.slug}")["regions"],
        "back": ask(do="undo")["regions"],
        "wrong": sorted(ask(do=f"dose:{site.item.pk}", **{f"sets-{site.item.pk}": "<b>"})),
        "found": shape(search.content.decode()),
    }


@pytest.mark.asvs("V1.2.3")
def test_what_scripts_are_answered_has_the_same_shape(site):
    client = site.client("therapist")
    write(harmless(WHOLE))
    told(client, site)  # after which there is something to do again
    plain = told(client, site)
    write(WHOLE)

    assert told(client, site) == plain
    names = site.client("root").get(reverse("pose_like"), {"q": "svg"}).json()["names"]
    assert names == [site.bridge.__class__.objects.get(pk=site.bridge.pk).name]


def tables(answer: HttpResponse) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield each table of a file: the file itself, or those packed in it."""
    content = answer.getvalue()
    if not content.startswith(b"PK"):
        yield "", list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        return
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith(".csv"):
                yield name, list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"), newline="")))


@pytest.mark.asvs("V1.3.3")
def test_no_cell_of_any_table_reckons_or_breaks_out_of_its_place(site):
    given = dict.fromkeys(("recipient", "what", "why"), FORMULA)
    disclosures.note(site.patient, on=timezone.localdate(), by=site.therapist, **given)
    write(FORMULA)
    site.client("admin").get("/")  # so that the log holds a look by that name
    found = {}
    for route, answer in answers(site):
        if answer["Content-Type"].startswith(("text/csv", "application/zip")):
            found |= {f"{route} {name}".strip(): rows for name, rows in tables(answer)}

    assert {"clinic_log_csv", "disclosures_csv", "record_export tables/patient.csv"} <= set(found)
    for name, rows in found.items():
        assert {len(row) for row in rows} == {len(rows[0])}, name
        assert [cell for row in rows for cell in row if BEGINS_A_FORMULA.match(cell)] == [], name
    holding = [name for name, rows in found.items() if any(f"'{FORMULA[:18]}" in cell for row in rows for cell in row)]
    assert {"clinic_log_csv", "disclosures_csv", "record_export tables/patient.csv"} <= set(holding)
