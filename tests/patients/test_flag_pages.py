"""The pages of a red flag: closing it, and the referral sheet that is printed while it is open."""

import subprocess

import pytest
from django.utils import timezone

from clinics.models import AuditEntry
from clinics.turns import Turns
from patients.models import RaisedFlag
from tests.conftest import make_assessment, make_patient, make_user, signed_in
from tests.patients.pages import words_of
from tests.patients.samples import close, make_flag, make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_user()


@pytest.fixture
def patient(by):
    return make_patient(clinic=by.memberships.get().clinic)


@pytest.fixture
def client(by):
    return signed_in(by)


def test_closes_with_an_outcome_and_says_so(client, patient, by):
    flag = make_flag(patient=patient, by=by, at=timezone.now())
    today = timezone.localdate().isoformat()
    sent = {"outcome": "Scan was clear.", "assessed_by": "Dr Ames", "assessed_on": today}

    response = client.post(f"/flags/{flag.pk}/close/", sent, follow=True)

    flag.refresh_from_db()
    assert response.redirect_chain == [(f"/patients/{patient.pk}/", 302)]
    assert "Closed: Trouble with the bladder." in words_of(response)
    assert (flag.closed_by, flag.assessed_by) == (by, "Dr Ames")


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({"outcome": "fine"}, "Say in at least 10 characters"),
        ({"assessed_by": ""}, "needs a medical assessment"),
        ({"assessed_on": "yesterday"}, "Enter a valid date."),
        ({"assessed_on": "2999-01-01"}, "can't be in the future"),
        ({"outcome": "a" * 2001}, "at most 2000 characters"),
    ],
)
def test_keeps_the_typed_text_when_something_is_missing(changes, trouble, client, patient, by):
    flag = make_flag(patient=patient, by=by)
    sent = {"outcome": "Scan was <clear>.", "assessed_by": "Dr Ames", "assessed_on": "2026-03-02", **changes}

    response = client.post(f"/flags/{flag.pk}/close/", sent)

    page = words_of(response)
    assert response.status_code == 422
    assert trouble in page
    assert all(value in page for value in sent.values())
    assert RaisedFlag.objects.open().count() == 1


def test_keeps_the_first_outcome_when_two_close_it(client, patient, by):
    flag = make_flag(make_question("bones", "refer"), patient=patient, by=by)
    close(flag, by=by, outcome="Scan was clear.")

    response = client.post(f"/flags/{flag.pk}/close/", {"outcome": "Another story."})

    assert response.status_code == 422
    assert "Closed by Dana Okafor" in words_of(response)
    assert RaisedFlag.objects.get().outcome == "Scan was clear."


@pytest.fixture
def address(patient):
    return f"/patients/{patient.pk}/referral.pdf"


def printed(response):
    command = ["pdftotext", "-", "-"]
    text = subprocess.run(command, input=response.content, capture_output=True, check=True).stdout
    return " ".join(text.decode().split())


def test_prints_the_open_flags_most_urgent_first(client, address, patient, by):
    for slug, urgency in [("bones", "refer"), ("bladder", "emergency"), ("fever", "refer_urgent")]:
        make_flag(make_question(slug, urgency), patient=patient, by=by)
    close(RaisedFlag.objects.get(red_flag__slug="fever"), by=by)
    make_assessment(patient, by=by, neurological_deficit=True, note="Private words.")

    response = client.get(address)

    text = printed(response)
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response.content.startswith(b"%PDF-")
    assert response["Content-Disposition"] == 'inline; filename="referral.pdf"'
    for words in [
        "Maria Rivera",
        "Dana Okafor",
        "Emergency now",
        "Any trouble with the bladder?",
        "Act on the bladder.",
        "affected side left. Weakness, numbness or a lost reflex in the leg was noted.",
    ]:
        assert words in text
    assert text.index("Trouble with the bladder") < text.index("Trouble with the bones")
    assert "fever" not in text
    assert "Private words" not in text


def test_prints_before_anybody_assessed(client, address, patient, by):
    make_flag(patient=patient, by=by)

    assert "Any trouble with the bladder?" in printed(client.get(address))


def test_says_that_it_comes_in_a_moment_while_many_sheets_are_drawn(client, address, patient, by, monkeypatch):
    make_flag(patient=patient, by=by)
    monkeypatch.setattr("clinics.pdf._turns", Turns(0, 0))

    response = client.get(address)

    assert (response.status_code, response["Retry-After"], response["Refresh"]) == (503, "5", "5")
    assert "Many sheets are being drawn at this moment." in words_of(response)


def test_has_nothing_to_print_without_an_open_flag(client, address, patient, by):
    close(make_flag(patient=patient, by=by), by=by)

    response = client.get(address)

    assert response.status_code == 404
    assert "Maria Rivera has no open red flag, so there is no referral sheet." in words_of(response)
    assert AuditEntry.objects.filter(patient_id=patient.pk, by=by).first().action == "view patient"


def test_is_not_kept_by_caches(client, address, patient, by):
    make_flag(patient=patient, by=by)

    assert "no-store" in client.get(address)["Cache-Control"]
