"""An editor puts a photo in place of a drawing: a wrong file and missing words are told, and nothing typed is lost."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import violations
from tests.photos import photo

DRAWING = {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
PHOTO = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


def save(tab: Page) -> None:
    with tab.expect_navigation():
        tab.get_by_role("button", name="Save", exact=True).last.press("Enter")


def test_a_photo_in_place_of_a_drawing(as_demo):
    tab = as_demo("editor")
    tab.set_viewport_size(PHONE)
    tab.goto("/exercises/clamshell/")
    tab.get_by_role("link", name="Pictures", exact=True).press("Enter")
    start = tab.get_by_role("region", name="Start")
    words = start.get_by_label("What it shows, in English")

    # what is no photo; what is typed beside it stays
    words.fill("You lie on one side.")
    start.get_by_label("A picture for “start”").set_input_files(DRAWING)
    save(tab)
    expect(tab.get_by_text("This file isn't a PNG, JPEG or WebP picture.")).to_be_visible()
    expect(words).to_have_value("You lie on one side.")
    assert violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    # a photo is kept while its words are put right
    tab.set_viewport_size(DESK)
    words.fill("")
    start.get_by_label("A picture for “start”").set_input_files(PHOTO)
    save(tab)
    expect(tab.get_by_text("Say in a sentence what the picture shows")).to_be_visible()
    words.fill("You lie on one side.")
    save(tab)
    expect(tab.get_by_text("Saved.")).to_be_visible()
    expect(start.get_by_text("Uploaded")).to_be_visible()
    assert violations(tab) == []

    # the exercise shows it, and no motion
    tab.get_by_role("link", name="Clamshell").press("Enter")
    shown = tab.get_by_alt_text("You lie on one side.")
    expect(shown).to_be_visible()
    assert shown.evaluate("async picture => { await picture.decode(); return picture.naturalWidth }") == 640
    expect(tab.get_by_text("Show the movement")).to_have_count(0)

    # and the drawing is back
    tab.get_by_role("link", name="Pictures", exact=True).press("Enter")
    start.get_by_label("Take the upload off").press("Space")
    save(tab)
    expect(start.get_by_text("Drawn")).to_be_visible()
