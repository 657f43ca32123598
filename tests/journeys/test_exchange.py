"""An editor imports a file with three bad rows, sees why, corrects them, and imports it, by keyboard alone."""

import re

import pytest
from django.contrib.auth.models import Permission
from playwright.sync_api import Page, expect

from clinics.models import Clinic, User
from exercises import known
from exercises.exchange import jobs
from exercises.models import CatalogImport, Exercise, KeptField
from tests.journeys.conftest import sign_in, violations
from tests.journeys.test_history import fits
from tests.journeys.test_keyboard import follow, go_to

BAD = """slug;dose_sets;dose_reps;strengthens
bird-dog;4;6;multifidus, gluteus_maximus
bridge-march;many;10;gluteus_maximus
bridge-single-leg;2;8;biceps
bent-knee-fallout;2;0;transversus_abdominis
"""
GOOD = BAD.replace("many", "3").replace("biceps", "gluteus_maximus").replace(";0;", ";8;")
WIDTHS = (390, 1440)


@pytest.fixture
def editor(page: Page, clinic: Clinic) -> Page:
    user = User.objects.create(email="editor@lakeside.invalid", name="Noa Lindgren", is_staff=True, password="!")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="exercises"))
    return sign_in(page, "editor")


def choose(tab: Page, text: str) -> None:
    """Open the system's dialog from the file's field, choose a file there, and compare it with the catalog."""
    with tab.expect_file_chooser() as dialog:
        go_to(tab, field="file")
        tab.keyboard.press("Enter")
    dialog.value.set_files({"name": "doses.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")})
    follow(tab, "Compare with the catalog")


def looks_right(tab: Page) -> None:
    assert violations(tab) == []
    assert all(fits(tab, width) for width in WIDTHS)


def test_three_bad_rows_are_seen_corrected_and_imported(editor: Page) -> None:
    tab = editor
    tab.goto("/catalog/exchange/")
    looks_right(tab)

    # without a file
    follow(tab, "Compare with the catalog")
    expect(tab.get_by_text("Choose a file first.")).to_be_visible()
    looks_right(tab)

    # with three bad rows
    choose(tab, BAD)
    expect(tab.get_by_role("heading", name="3 mistakes: nothing can be imported")).to_be_visible()
    rows = tab.locator("tbody tr")
    for row, number in zip(rows.all(), ("3", "4", "5"), strict=True):
        expect(row.get_by_role("rowheader")).to_have_text(number)
    expect(rows.nth(0)).to_contain_text("“many” isn’t a whole number")
    expect(rows.nth(1)).to_contain_text("no muscle is called “biceps”")
    expect(rows.nth(2)).to_contain_text("must be 1 or more")
    expect(tab.get_by_role("button", name=re.compile("^Import"))).to_have_count(0)
    looks_right(tab)

    # corrected
    follow(tab, "Choose another file")
    choose(tab, GOOD)
    expect(tab.get_by_role("button", name="Import 4 changes")).to_be_visible()
    expect(tab.get_by_text("dose_sets").first).to_be_visible()
    looks_right(tab)
    follow(tab, "Import 4 changes")
    expect(tab.get_by_text("4 exercises changed.")).to_be_visible()
    looks_right(tab)
    assert Exercise.objects.get(slug="bird-dog").sets == 4

    # and once more
    tab.goto("/catalog/exchange/")
    choose(tab, GOOD)
    expect(tab.get_by_text("There is nothing to import.")).to_be_visible()


def test_progress_moves_by_itself(editor: Page, monkeypatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_BYTES", 10)
    editor.goto("/catalog/exchange/")
    choose(editor, GOOD)
    expect(editor.get_by_text("The file waits for its turn.")).to_be_visible()
    CatalogImport.objects.update(done=2, total=4)
    expect(editor.get_by_text("2 of 4 rows looked at.")).to_be_visible()
    looks_right(editor)

    jobs.work.call(CatalogImport.objects.get().pk)

    expect(editor.get_by_role("button", name="Import 4 changes")).to_be_visible()


def test_a_shipped_update_is_decided(editor: Page) -> None:
    bridge = Exercise.objects.get(slug="bird-dog")
    Exercise.objects.filter(pk=bridge.pk).update(note="Our own note.")
    KeptField.objects.create(kind="exercise", row=bridge.pk, field="note", before="Old.", now="A new note.")
    known.edited()
    editor.goto("/catalog/updates/")
    expect(editor.get_by_role("heading", name="Bird dog: note")).to_be_visible()
    looks_right(editor)
    follow(editor, "Keep ours")
    expect(editor.get_by_role("heading", name="Kept as ours")).to_be_visible()
    looks_right(editor)
    follow(editor, "Take shipped")

    expect(editor.get_by_text("There is nothing to decide.")).to_be_visible()
    bridge.refresh_from_db()
    assert bridge.note == "A new note."
