"""After signing out a shared computer shows and keeps nothing, whatever button is pressed."""

import pytest
from playwright.sync_api import expect

from tests.conftest import make_patient
from tests.journeys.conftest import sign_in

STORED = """async () => [
  ...Object.keys(localStorage), ...Object.keys(sessionStorage), ...await caches.keys(),
  ...(await indexedDB.databases()).map((one) => one.name),
]"""


@pytest.mark.asvs("V14.3.1", "V14.3.3")
def test_the_way_back_shows_no_patient(clinic, page):
    patient = make_patient(clinic=clinic)
    tab = sign_in(page)

    # given a patient's page, and then another
    tab.goto(f"/patients/{patient.pk}/")
    expect(tab.get_by_role("heading", name=patient.name)).to_be_visible()
    tab.goto("/patients/")
    assert tab.evaluate(STORED) == []

    # when the person signs out and somebody presses “Back”, twice
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
    for _ in range(2):
        tab.go_back()

        # then nothing but the sign-in page is there
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()
        assert patient.name not in tab.content()
    assert tab.evaluate(STORED) == []
