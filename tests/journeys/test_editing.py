"""An editor corrects a dose and sees what becomes of it, and adds an exercise in both languages by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from exercises.models import Exercise
from tests.conftest import make_editor
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_history import fits, press
from tests.journeys.test_review import SPANISH, reach

HARD = "Utilize appropriate gluteal musculature to facilitate elevation."
ENGLISH = {
    "name": "Head lift",
    "steps": "Lie on your back.\nLift your head.\nLower it slowly.",
    "feel": "In your neck.",
    "stop_if": "your neck hurts",
}


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
    tab.get_by_label("Reps:", exact=True).fill("9")
    expect(handouts.first).to_contain_text("9 times")
    expect(handouts.last).to_contain_text("9 veces")
    steps = tab.get_by_label("Steps in English")
    before = steps.input_value()
    steps.fill(f"Lie down.\n{HARD}\nLower.")
    expect(tab.get_by_text(f"Hardest: “{HARD}” 3 lines.")).to_be_visible()
    expect(tab.locator("[data-preview-said]")).to_contain_text("1 too hard to read")
    assert violations(tab) == []
    for width in (390, 1024, 1440):
        assert fits(tab, width)

    # a mistake is named at the top, and leads to its field
    steps.fill("Lie down.")
    press(tab, "Save and continue editing")
    expect(tab.locator("#error-summary")).to_be_focused()
    expect(tab.locator("#error-summary")).to_contain_text("At least 3 lines are needed; here are 1.")
    expect(tab.get_by_label("Reps:", exact=True)).to_have_value("9")
    assert violations(tab) == []

    # saved, it is in the catalog
    steps.fill(before)
    press(tab, "Save")
    tab.goto(f"/exercises/{row.slug}/")
    expect(tab.get_by_text("9 times").first).to_be_visible()
    row.refresh_from_db()
    assert (row.reps, row.note) == (9, "Slow on stairs.")


def test_an_exercise_is_added_in_both_languages_by_keyboard(desk):
    tab = desk
    tab.goto("/admin/exercises/exercise/add/")
    typed = {"name": "Head lift", "slug": "head-lift", "phase": "Str", "kind": "Str", "level": "Ear"}
    for field, words in typed.items():
        reach(tab, tab.locator(f"[name={field}]"))
        tab.keyboard.type(words)
    for row in ENGLISH:  # side by side: the same field in both languages, one after the other
        for code, said in (("en", ENGLISH), ("es", SPANISH)):
            reach(tab, tab.locator(f"[name={code}__{row}]"))
            words = said[row]
            tab.keyboard.insert_text("\n".join(words) if isinstance(words, list) else words)
    for field, words in {
        "spinal_loading": "Neu",
        "position": "Lying on the b",
        "laterality": "Who",
        "reps": "8",
    }.items():
        reach(tab, tab.locator(f"[name={field}]"))
        tab.keyboard.type(words)
    reach(tab, tab.locator("[name=evidence]"))
    tab.keyboard.type("Prac")
    expect(tab.locator("[data-sheet]").last).to_contain_text("Suba la cabeza.")
    reach(tab, tab.get_by_role("button", name="Save", exact=True))
    with tab.expect_navigation():
        tab.keyboard.press("Enter")

    made = Exercise.objects.get(slug="head-lift")
    assert (made.status, made.phase, made.reps) == ("draft", "strengthen", 8)
    expect(tab.get_by_text("It is a draft, which only editors see.")).to_be_visible()
    assert tab.url.endswith("/catalog/exercises/head-lift/review/")
    assert {text.language: text.name for text in made.texts.all()} == {"en": "Head lift", "es": SPANISH["name"]}


def test_asks_before_typed_words_are_lost(desk):
    tab = desk
    tab.goto(f"/admin/exercises/exercise/{Exercise.objects.get(slug='bridge').pk}/change/")
    asked = []
    tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    tab.get_by_label("Steps in Spanish").press_sequentially("Uno")

    tab.evaluate("location.href = '/admin/'")
    expect(tab.get_by_label("Steps in Spanish")).to_be_visible()
    tab.wait_for_timeout(300)

    assert asked == ["beforeunload"]
