"""A clinic's admin gives it a logo and a colour, and the next handout carries them."""

import pytest
from playwright.sync_api import Page, expect

from clinics.models import Clinic, ClinicLogo
from tests.clinics.test_branding import SVG, picture
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_accessible import program_of

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}


def press(tab: Page, name: str) -> None:
    with tab.expect_navigation():
        tab.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("size", SIZES)
def test_logo_and_colour(as_demo, size):
    ClinicLogo.objects.all().delete()
    Clinic.objects.update(colour="")
    tab = as_demo("admin")
    tab.set_viewport_size(SIZES[size])
    tab.get_by_role("link", name="Clinic", exact=True).click()
    head = tab.locator(".clinic-sheet .masthead")
    expect(head).to_contain_text("Lakeside Physical Therapy")

    # what is no logo, and a colour that is too light; the rest stays typed
    tab.get_by_label("Website").fill("lakeside.example")
    tab.get_by_label("Colour of the handout’s head").fill("#fc0")
    tab.get_by_label("Logo", exact=True).set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": SVG})
    press(tab, "Save")
    expect(tab.get_by_text("This file isn't a PNG, JPEG or WebP picture.")).to_be_visible()
    expect(tab.get_by_text("#ffcc00 is too light to be read on white")).to_be_visible()
    expect(tab.get_by_label("Website")).to_have_value("lakeside.example")
    assert violations(tab) == []

    # a good logo is kept while the colour is put right
    logo = {"name": "logo.jpg", "mimeType": "image/jpeg", "buffer": picture("JPEG")}
    tab.get_by_label("Logo", exact=True).set_input_files(logo)
    press(tab, "Save")
    expect(tab.get_by_text("The logo is kept.")).to_be_visible()
    expect(head.locator("img.logo")).to_be_visible()
    press(tab, "Use #907300 and save")
    expect(tab.get_by_text("Saved.")).to_be_visible()
    expect(head.locator("img.logo")).to_be_visible()
    expect(tab.get_by_label("Colour of the handout’s head")).to_have_value("#907300")
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]

    # look without saving
    tab.get_by_label("Name").fill("Bayside")
    press(tab, "Show it without saving")
    expect(head).to_contain_text("Bayside")
    assert Clinic.objects.get().name != "Bayside"

    # and on a handout
    sign_in(tab, "therapist", at="demo.invalid")
    tab.goto(f"{program_of('Maria Rivera')}preview/")
    shown = tab.locator(".handout .masthead img.logo")
    expect(shown).to_be_visible()
    assert shown.evaluate("it => it.naturalWidth") == 300


def test_a_colour_is_picked_by_eye_and_shown_at_once(as_demo):
    tab = as_demo("admin")
    tab.goto("/clinic/")
    tab.get_by_label("Pick the colour").fill("#7a1f4b")

    expect(tab.get_by_label("Colour of the handout’s head")).to_have_value("#7a1f4b")
    sheet = tab.locator(".clinic-sheet .handout")
    assert sheet.evaluate("it => getComputedStyle(it).getPropertyValue('--accent')") == "#7a1f4b"
    tab.get_by_label("Colour of the handout’s head").fill("#0b5f66")
    expect(tab.get_by_label("Pick the colour")).to_have_value("#0b5f66")


def test_enter_saves_and_takes_no_offer(as_demo):
    tab = as_demo("admin")
    tab.goto("/clinic/")
    tab.get_by_label("Colour of the handout’s head").fill("#fc0")
    press(tab, "Save")
    tab.get_by_label("Colour of the handout’s head").fill("#123456")
    with tab.expect_navigation():
        tab.get_by_label("Colour of the handout’s head").press("Enter")

    expect(tab.get_by_text("Saved.")).to_be_visible()
    assert Clinic.objects.get().colour == "#123456"


def test_without_script(no_script, demo):
    tab = sign_in(no_script, "admin", at="demo.invalid")
    tab.goto("/clinic/")
    tab.get_by_label("Colour of the handout’s head").fill("#7a1f4b")
    tab.get_by_label("Letter").check()
    tab.get_by_role("button", name="Save", exact=True).click()

    expect(tab.get_by_text("Saved.")).to_be_visible()
    assert (Clinic.objects.get().colour, Clinic.objects.get().paper) == ("#7a1f4b", "Letter")
