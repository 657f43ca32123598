"""Two editors bring an exercise into the catalog, and one in use out of it, by keyboard alone."""

import pytest
from playwright.sync_api import Locator, Page, expect

from exercises import editing
from exercises.models import Exercise, ExerciseText, ProtocolItem
from tests.conftest import make_editor, make_exercise
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_history import fits
from tests.journeys.test_keyboard import MOST_TABS, follow, go_to, retype

POSE = {"start": {"posture": "hook_lying"}, "finish": {"joints": {"neck_flexion": 20}}}
SPANISH = {
    "name": "Levantar la cabeza",
    "steps": ["Acuéstese boca arriba.", "Suba la cabeza.", "Baje poco a poco."],
    "feel": "En el cuello.",
    "stop_if": "el cuello le duele",
}


@pytest.fixture
def two(clinic, page: Page, second: Page) -> tuple[Page, Page]:
    """Two editors at their own desks."""
    for tab, name in ((page, "Ada Diaz"), (second, "Noa Lindgren")):
        editor = make_editor(name)
        user, domain = editor.email.split("@")
        sign_in(tab, user, at=domain)
    return page, second


def reach(tab: Page, wanted: Locator) -> None:
    """Press Tab until the focus is on it, in the admin's form, which has more stops than any page of ours."""
    for _ in range(MOST_TABS):
        tab.keyboard.press("Tab")
        if wanted.count() and wanted.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError(f"Tab never came to {wanted}")


def test_a_new_exercise_is_reviewed_and_published(two):
    author, other = two
    draft = make_exercise("Head lift", pose=POSE, status="draft")
    editing.saved(draft, by=make_editor())

    # the author sees what is missing, and writes it
    author.goto(f"/admin/exercises/exercise/{draft.pk}/change/")
    missing = author.get_by_role("region", name="Review").get_by_text("Write the Spanish text, or say why")
    expect(missing).to_be_visible()
    assert violations(author) == []
    for field, text in SPANISH.items():
        reach(author, author.locator(f"[name=es__{field}]"))
        author.keyboard.insert_text("\n".join(text) if isinstance(text, list) else text)
    reach(author, author.get_by_role("button", name="Save and continue editing").last)
    with author.expect_navigation():
        author.keyboard.press("Enter")
    follow(author, "Look at it and send to review")

    # and sends it to somebody else
    expect(author.get_by_text("It lacks nothing.")).to_be_visible()
    expect(author.get_by_text("Suba la cabeza.").first).to_be_visible()
    assert violations(author) == []
    assert fits(author, 390)
    follow(author, "Send to review")
    expect(author.get_by_text("You sent it to review, so another editor publishes it.")).to_be_visible()

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
    other.goto("/exercises/?q=head+lift")
    expect(other.get_by_role("heading", name="Head lift")).to_be_visible()


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
