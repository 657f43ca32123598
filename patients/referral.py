"""A referral sheet is data, then HTML, then PDF: what a patient with a red flag takes to the doctor.

`Referral` is all that the templates may read. Nothing here reads the database or the clock.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string

from clinics import pdf


@dataclass(frozen=True, slots=True)
class ReferralFlag:
    """A red flag answered yes: the question as it was asked, what it may point to, and what to do."""

    question: str
    suspects: str
    action: str
    answered: date

    @property
    def printed_date(self) -> str:
        return _printed(self.answered)


@dataclass(frozen=True, slots=True)
class Referral:
    """Everything a referral sheet shows. `flags` come most urgent first."""

    clinic_name: str
    patient_name: str
    birth_date: date | None
    clinician_name: str
    date: date
    urgency: str
    flags: tuple[ReferralFlag, ...]
    clinician_credentials: str = ""
    clinic_phone: str = ""
    clinic_address: str = ""
    clinic_email: str = ""
    findings: str = ""
    medical_contact: tuple[str, ...] = ()
    emergency: tuple[str, ...] = ()
    language: str = "en"
    paper: str = "A4"

    @property
    def printed_date(self) -> str:
        return _printed(self.date)

    @property
    def printed_birth_date(self) -> str:
        return _printed(self.birth_date) if self.birth_date else ""

    @property
    def referred_by(self) -> str:
        return ", ".join(part for part in (self.clinician_name, self.clinician_credentials) if part)


def render_html(referral: Referral) -> str:
    """Return the whole page that becomes the PDF."""
    return render_to_string("referral/document.html", {"referral": referral})


def render_pdf(referral: Referral, *, whose: Hashable = None) -> bytes:
    """Return the referral sheet as a PDF/UA-1 file; `whose` is the clinic. Raises pdf.CannotDraw."""
    return pdf.render_html_to_pdf(render_html(referral), styles=["css/referral.css"], whose=whose).content


def _printed(day: date) -> str:
    """A date as people write it: 21 November 2026."""
    return f"{day.day} {day:%B %Y}"
