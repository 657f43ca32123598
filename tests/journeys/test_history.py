"""Two editors correct a dose in the admin, and an old version is brought back."""

from playwright.sync_api import Page, expect

from clinics.models import User
from exercises import editing, row_values
from exercises.models import Exercise
from tests.journeys.conftest import sign_in, violations


def press(tab: Page, name: str) -> None:
    with tab.expect_navigation():
        tab.get_by_role("button", name=name, exact=True).first.click()


def follow(tab: Page, name: str) -> None:
    with tab.expect_navigation():
        tab.get_by_role("link", name=name, exact=True).first.click()


def fits(tab: Page, width: int) -> bool:
    tab.set_viewport_size({"width": width, "height": 844})
    return bool(tab.evaluate("document.documentElement.scrollWidth") <= width)


def test_a_dose_is_corrected_and_brought_back(as_demo):
    bridge = Exercise.objects.get(slug="bridge")
    shipped = row_values.read(bridge)
    tab = as_demo("editor")

    # somebody else is quicker: what was typed stays, and is saved when asked again
    tab.goto(f"/admin/exercises/exercise/{bridge.pk}/change/")
    tab.get_by_label("Reps:", exact=True).fill("12")
    row_values.write(bridge, {"note": "Mind the neck."})
    editing.saved(bridge, by=User.objects.get(email="admin@demo.invalid"))
    press(tab, "Save and continue editing")
    expect(tab.get_by_text("Ruth Ekström changed this exercise while you were typing.")).to_be_visible()
    expect(tab.get_by_text("Theirs: Note for clinicians: ")).to_be_visible()
    expect(tab.get_by_label("Reps:", exact=True)).to_have_value("12")
    assert violations(tab) == []
    press(tab, "Save and continue editing")

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
    press(tab, "Restore version 1")
    expect(tab.get_by_text("Version 1 is restored.")).to_be_visible()
    assert row_values.read(Exercise.objects.get(slug="bridge")) == shipped

    # and who did what is listed
    follow(tab, "Recent changes")
    expect(tab.get_by_text("Restored version 1")).to_be_visible()
    assert violations(tab) == []
    assert fits(tab, 390)


def test_restores_without_script(no_script, demo):
    bridge = Exercise.objects.get(slug="bridge")
    shipped = row_values.read(bridge)
    row_values.write(bridge, {"sets": 5})
    editing.saved(bridge, by=User.objects.get(email="editor@demo.invalid"))
    tab = sign_in(no_script, "editor", at="demo.invalid")
    tab.goto(f"/catalog/history/exercise/{bridge.pk}/1/")
    press(tab, "Restore version 1")

    expect(tab.get_by_text("Version 1 is restored.")).to_be_visible()
    assert row_values.read(Exercise.objects.get(slug="bridge")) == shipped
