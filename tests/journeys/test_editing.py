"""An editor corrects a dose and sees what becomes of it while typing, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from exercises.models import Exercise
from tests.conftest import make_editor
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_history import fits
from tests.journeys.test_keyboard import follow, go_to, retype

HARD = "Utilize appropriate gluteal musculature to facilitate elevation."


@pytest.fixture
def desk(clinic, page: Page) -> Page:
    """An editor of the catalog at their desk."""
    user, domain = make_editor().email.split("@")
    return sign_in(page, user, at=domain)


def test_a_dose_is_corrected(desk):
    tab, row = desk, Exercise.objects.get(slug="bridge-march")
    Exercise.objects.filter(pk=row.pk).update(note="Slow on stairs.")
    handouts = tab.locator("[data-sheet]")
    tab.goto(f"/admin/exercises/exercise/{row.pk}/change/")
    expect(handouts.first).to_contain_text("8 times")

    # both handouts, and how the words read, follow what is typed
    steps = tab.get_by_label("Steps in English")
    before = steps.input_value()
    retype(tab, "en__steps", f"Lie down.\n{HARD}")
    expect(tab.get_by_text(f"Hardest: “{HARD}” 2 lines.")).to_be_visible()
    expect(tab.locator("[data-preview-said]")).to_contain_text("1 too hard to read")
    retype(tab, "reps", "9")
    expect(handouts.first).to_contain_text("9 times")
    expect(handouts.last).to_contain_text("9 veces")
    assert violations(tab) == []
    for width in (390, 1024, 1440):
        assert fits(tab, width)

    # a mistake is named at the top, and leads to its field
    follow(tab, "Save and continue editing")
    expect(tab.locator("#error-summary")).to_be_focused()
    expect(tab.locator("#error-summary")).to_contain_text("At least 3 lines are needed; here are 2.")
    expect(tab.get_by_label("Repetitions:", exact=True)).to_have_value("9")
    assert violations(tab) == []
    go_to(tab, "Steps in English")
    tab.keyboard.press("Enter")
    expect(steps).to_be_focused()

    # saved, it is in the catalog
    overwrite(tab, before)
    follow(tab, "Save")
    tab.goto(f"/exercises/{row.slug}/")
    expect(tab.get_by_text("9 times").first).to_be_visible()
    row.refresh_from_db()
    assert (row.reps, row.note) == (9, "Slow on stairs.")


def overwrite(tab: Page, text: str) -> None:
    """Put other words into the field that has the focus."""
    tab.keyboard.press("Control+A")
    tab.keyboard.insert_text(text)


def test_asks_before_typed_words_are_lost(desk):
    tab = desk
    tab.goto(f"/admin/exercises/exercise/{Exercise.objects.get(slug='bridge').pk}/change/")
    asked = []
    tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    retype(tab, "es__steps", "Uno")

    tab.evaluate("location.href = '/admin/'")
    expect(tab.get_by_label("Steps in Spanish")).to_be_visible()
    tab.wait_for_timeout(300)

    assert asked == ["beforeunload"]
