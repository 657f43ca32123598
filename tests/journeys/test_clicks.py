"""How many clicks the main job takes, typing and the answers of the screening left out."""

import re

import pytest
from playwright.sync_api import Page, expect

from patients.models import Patient
from tests.journeys.conftest import sign_in
from tests.journeys.steps import SEARCH, Hand, hold_back, issue, settled, tick_none

FROM_NEW_PATIENT_TO_PDF = 12
FROM_DRIVER_TO_HANDOUT = 4
PER_EXERCISE = 2


@pytest.fixture
def hand(clinic, page: Page) -> Hand:
    return Hand(sign_in(page))


def come_to_the_drivers(hand: Hand) -> None:
    """Add a patient and screen; the answers themselves aren't counted."""
    hand.follow("New patient")
    hand.tab.get_by_label("Full name").fill("Maria Rivera")
    hand.press("Save")
    expect(hand.tab.get_by_role("heading", name="Red-flag screening")).to_be_visible()
    tick_none(hand.tab)
    hand.press("Finish screening")
    expect(hand.tab.get_by_role("heading", name="Assessment of")).to_be_visible()


def choose(hand: Hand) -> None:
    hand.choose("Left")
    hand.choose(re.compile("^Low"))
    hand.choose(re.compile("^Piriformis"))


def test_from_a_new_patient_to_the_printed_sheet(hand):
    come_to_the_drivers(hand)
    choose(hand)

    from_driver = hand.clicks
    hand.press("Save and choose the program")
    hand.press("Start from this")
    expect(hand.tab.get_by_role("heading", name="Program of")).to_be_attached()
    issue(hand)
    from_driver = hand.clicks - from_driver
    sheet = hand.tab.get_by_role("link", name="Print handout 1")
    hand.clicks += 1
    answer = hand.tab.context.request.get(sheet.get_attribute("href"))

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")
    assert from_driver <= FROM_DRIVER_TO_HANDOUT
    assert hand.clicks <= FROM_NEW_PATIENT_TO_PDF


def test_four_exercises_found_and_added_to_an_empty_program(hand):
    come_to_the_drivers(hand)
    choose(hand)
    hand.press("Save and choose the program")
    hand.press("Start empty")
    expect(hand.tab.get_by_role("heading", name="Program of")).to_be_attached()

    # typed one after the other, without waiting for an answer; before the script is there, Enter would only search
    hand.tab.wait_for_load_state()
    start = hand.clicks
    let_go = hold_back(hand.tab)
    search = hand.tab.get_by_label(SEARCH)
    search.click()
    hand.clicks += 1
    for words in ("lying figure-4", "seated sciatic nerve", "bridge", "clamshell"):
        search.fill(words)
        search.press("Enter")
    expect(hand.tab.locator(".catalog-found a").first).to_have_text("Clamshell")
    let_go()

    expect(hand.tab.locator(".item h3")).to_have_text(
        ["Lying figure-4 stretch", "Seated sciatic nerve glide", "Clamshell", "Bridge"]
    )
    settled(hand.tab)
    assert hand.clicks - start <= 4 * PER_EXERCISE
    assert Patient.objects.count() == 1
