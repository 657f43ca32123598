"""Two editors correct a dose in the admin, and an old version is brought back, by keyboard alone."""

from playwright.sync_api import Page, expect

from clinics.models import User
from exercises import editing, row_values
from exercises.models import Exercise
from tests.journeys.conftest import violations
from tests.journeys.test_keyboard import follow, retype


def fits(tab: Page, width: int) -> bool:
    tab.set_viewport_size({"width": width, "height": 844})
    return bool(tab.evaluate("document.documentElement.scrollWidth") <= width)


def test_a_dose_is_corrected_and_brought_back(as_demo):
    bridge = Exercise.objects.get(slug="bridge")
    shipped = row_values.read(bridge)
    tab = as_demo("editor")

    # somebody else is quicker: what was typed stays, and is saved when asked again
    tab.goto(f"/admin/exercises/exercise/{bridge.pk}/change/")
    retype(tab, "reps", "12")
    row_values.write(bridge, {"note": "Mind the neck."})
    editing.saved(bridge, by=User.objects.get(email="admin@demo.invalid"))
    follow(tab, "Save and continue editing")
    expect(tab.locator("#error-summary").get_by_text("Ruth Ekström changed this exercise")).to_be_visible()
    expect(tab.locator("#error-summary").get_by_text("Theirs: Note for clinicians: ")).to_be_visible()
    expect(tab.get_by_label("Repetitions:", exact=True)).to_have_value("12")
    assert violations(tab) == []
    follow(tab, "Save and continue editing")

    # its history says so
    follow(tab, "History")
    expect(tab.get_by_role("heading", name="Version 3", exact=True)).to_be_visible()
    newest = tab.get_by_role("listitem").filter(has_text="As it is now")
    expect(newest.locator("del").first).to_contain_text(str(shipped["reps"]))
    expect(newest.locator("ins").first).to_contain_text("12")
    assert violations(tab) == []
    assert fits(tab, 390)

    # the shipped version comes back
    follow(tab, "Compare version 1 with now, restore")
    expect(tab.get_by_role("heading", name="Version 1 of Bridge")).to_be_visible()
    assert violations(tab) == []
    follow(tab, "Restore version 1")
    expect(tab.get_by_text("Version 1 is restored.")).to_be_visible()
    assert row_values.read(Exercise.objects.get(slug="bridge")) == shipped

    # and who did what is listed
    follow(tab, "Recent changes")
    expect(tab.get_by_text("Restored version 1")).to_be_visible()
    assert violations(tab) == []
    assert fits(tab, 390)
