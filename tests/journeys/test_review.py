"""Two editors bring an exercise into the catalog, and one in use out of it, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from exercises.models import Exercise, ExerciseText, ProtocolItem
from tests.conftest import make_editor
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_history import fits
from tests.journeys.test_keyboard import follow, go_to, retype

ENGLISH = {
    "name": "Head lift",
    "steps": "Lie on your back.\nLift your head.\nLower it slowly.",
    "feel": "In your neck.",
    "stop_if": "your neck hurts",
}
SPANISH = {
    "name": "Levantar la cabeza",
    "steps": "Acuéstese boca arriba.\nSuba la cabeza.\nBaje poco a poco.",
    "feel": "En el cuello.",
    "stop_if": "el cuello le duele",
}
SEEN = {
    "start": {"en": "Your feet are on the floor.", "es": "Los pies van en el piso."},
    "finish": {"en": "Your head is up a bit.", "es": "La cabeza sube un poco."},
}


@pytest.fixture
def two(clinic, page: Page, second: Page) -> tuple[Page, Page]:
    """Two editors at their own desks."""
    for tab, name in ((page, "Ada Diaz"), (second, "Noa Lindgren")):
        editor = make_editor(name)
        user, domain = editor.email.split("@")
        sign_in(tab, user, at=domain)
    return page, second


def test_a_new_exercise_is_added_posed_reviewed_and_published(two):
    author, other = two
    add(author)
    made = Exercise.objects.get(slug="head-lift")
    assert (made.status, made.phase, made.reps) == ("draft", "strengthen", 8)

    # what it still lacks is listed, and the picture is drawn
    expect(author.get_by_text("It is a draft, which only editors see.")).to_be_visible()
    expect(author.get_by_text("Give it a picture")).to_be_visible()
    assert violations(author) == []
    follow(author, "Pose")
    pose(author)

    # so that it is sent to somebody else
    follow(author, "Review")
    expect(author.get_by_text("It lacks nothing.")).to_be_visible()
    expect(author.get_by_text("Suba la cabeza.").first).to_be_visible()
    follow(author, "Send to review")
    expect(author.get_by_text("You sent it to review, so another editor publishes it.")).to_be_visible()
    assert violations(author) == []
    assert fits(author, 390)

    # who sends it back once, and then publishes it
    other.goto("/catalog/review/")
    assert violations(other) == []
    assert fits(other, 390)
    follow(other, "Head lift")
    follow(other, "Send back")
    expect(other.get_by_text("Say what has to be changed.")).to_be_visible()
    retype(other, "why", "Say where it is felt.")
    follow(other, "Send back")
    author.reload()
    expect(author.get_by_text("Sent back: Say where it is felt.")).to_be_visible()
    follow(author, "Send to review")
    other.reload()
    follow(other, "Publish")
    expect(other.get_by_text("Published: it is in the search")).to_be_visible()
    assert violations(other) == []

    # and it is found, with its picture
    other.goto("/exercises/")
    retype(other, "q", "head lift")
    with other.expect_navigation():
        other.keyboard.press("Enter")
    follow(other, "Head lift")
    expect(other.get_by_alt_text(SEEN["finish"]["en"])).to_be_visible()
    assert violations(other) == []


def add(tab: Page) -> None:
    """Write a new exercise in both languages into the admin's form, choose “practice”, and save it."""
    tab.goto("/admin/exercises/exercise/add/")
    expect(tab.locator("[name=name]")).to_be_focused()
    tab.keyboard.type("Head lift")
    write(tab, {"slug": "head-lift", "phase": "Str", "kind": "Str", "level": "Ear"})
    for row in ENGLISH:  # side by side: the same field in both languages, one after the other
        for code, words in (("en", ENGLISH), ("es", SPANISH)):
            go_to(tab, field=f"{code}__{row}")
            tab.keyboard.insert_text(words[row])
    write(tab, {"spinal_loading": "Neu", "position": "Lying on the b", "laterality": "Who", "reps": "8"})
    write(tab, {"evidence": "Prac"})
    expect(tab.locator("[data-sheet]").last).to_contain_text("Suba la cabeza.")
    assert violations(tab) == []
    follow(tab, "Save")


def write(tab: Page, fields: dict[str, str]) -> None:
    """Type into fields of the form, or choose from their lists by the first letters."""
    for field, words in fields.items():
        go_to(tab, field=field)
        tab.keyboard.type(words)


def pose(tab: Page) -> None:
    """Start from another exercise, bend the neck in the last picture, say in words what is seen, and save."""
    retype(tab, "like", "Bridge")
    expect(tab.locator("#like-names option[value=Bridge]")).to_be_attached()
    go_to(tab, "Start like this exercise")
    tab.keyboard.press("Enter")
    expect(tab.locator("[data-show=finish]")).to_be_visible()
    describe(tab, "start")
    go_to(tab, "Finish", key="Shift+Tab")
    tab.keyboard.press("Enter")
    go_to(tab, "Neck: bend")
    for key in ("PageUp", "PageUp", "ArrowRight"):
        tab.keyboard.press(key)
    describe(tab, "finish")
    expect(tab.locator("#missing")).to_be_empty()
    assert violations(tab) == []
    follow(tab, "Save")
    expect(tab.get_by_text("Saved.", exact=True)).to_be_visible()
    assert Exercise.objects.get(slug="head-lift").pose["finish"]["joints"]["neck_flexion"] == 21


def describe(tab: Page, frame: str) -> None:
    for code, words in SEEN[frame].items():
        go_to(tab, field=f"words-{code}-{frame}")
        tab.keyboard.insert_text(words)


def test_an_exercise_in_use_is_retired_for_another(two):
    editor, _ = two
    used = ProtocolItem.objects.filter(exercise__slug="bridge").count()
    assert used

    editor.goto("/catalog/exercises/bridge/review/")
    follow(editor, "Retire…")
    assert violations(editor) == []
    assert fits(editor, 390)
    follow(editor, "Retire it")
    expect(editor.get_by_text("Say why it is retired.")).to_be_visible()
    go_to(editor, field="substitute")
    editor.keyboard.press("ArrowDown")
    chosen = editor.locator("[name=substitute]:checked").get_attribute("value")
    retype(editor, "why", "Another one does the same.")
    follow(editor, "Retire it")

    expect(editor.get_by_text("The substitute took its place in")).to_be_visible()
    assert violations(editor) == []
    assert not ProtocolItem.objects.filter(exercise__slug="bridge").exists()
    assert ProtocolItem.objects.filter(exercise__slug=chosen).count() >= used
    assert Exercise.objects.get(slug="bridge").status == "retired"
    assert ExerciseText.objects.filter(exercise__slug="bridge").count() == 2
