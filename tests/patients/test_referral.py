"""The referral sheet: everything a doctor needs, on one page."""

import subprocess
from dataclasses import replace
from datetime import date

import page
import pypdf
import pytest

from patients.referral import Referral, ReferralFlag, render_html, render_pdf


def make_referral(**changes):
    referral = Referral(
        clinic_name="Lakeside Physical Therapy",
        clinic_phone="(555) 010-4477",
        clinic_address="12 Shore Road, Lakeside",
        patient_name="Maria Rivera",
        birth_date=date(1954, 3, 2),
        clinician_name="Dana Okafor",
        clinician_credentials="PT",
        date=date(2026, 11, 21),
        urgency="Emergency: go to an emergency department now",
        flags=(
            ReferralFlag(
                "In the last two weeks, have you lost control of your bowels?",
                "Cauda equina syndrome",
                "Emergency department today",
                date(2026, 11, 21),
            ),
            ReferralFlag("Do you have new pain in both legs?", "Central disc", "Assessment today", date(2026, 11, 20)),
        ),
        findings="Ankle reflex absent on the left.\nToe lift 3/5.",
        medical_contact=("Lakeside General, emergency department, (555) 010-9000",),
        emergency=("you cannot pass urine", "you go numb between your legs"),
    )
    return replace(referral, **changes)


@pytest.fixture
def printed(tmp_path):
    def text(document: bytes) -> str:
        (tmp_path / "referral.pdf").write_bytes(document)
        command = ["pdftotext", "-layout", tmp_path / "referral.pdf", "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return text


def test_it_prints_who_why_and_where_to_go(printed):
    text = " ".join(printed(render_pdf(make_referral())).split())

    for part in [
        "Referral for medical assessment",
        "Maria Rivera · born 2 March 1954",
        "Dana Okafor, PT · 21 November 2026",
        "Emergency: go to an emergency department now",
        "Lakeside General, emergency department, (555) 010-9000",
        "Toe lift 3/5.",
        "you cannot pass urine",
        "(555) 010-4477",
    ]:
        assert part in text


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_is_one_accessible_page(paper, tmp_path):
    document = render_pdf(make_referral(paper=paper))

    (tmp_path / "referral.pdf").write_bytes(document)
    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant
    assert len(pypdf.PdfReader(tmp_path / "referral.pdf").pages) == 1


def test_it_prints_what_was_typed_and_obeys_none_of_it():
    html = render_html(make_referral(findings="<img src=http://x/> & <b>"))

    assert "&lt;img src=http://x/&gt; &amp; &lt;b&gt;" in html


def test_it_does_without_what_is_unknown():
    document = render_pdf(make_referral(birth_date=None, findings="", medical_contact=(), emergency=()))

    assert page.validate_pdf_bytes(document, profile="ua1").is_compliant
