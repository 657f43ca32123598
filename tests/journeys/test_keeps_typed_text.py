"""Nothing typed is lost: not when the session ends, and not when somebody else was quicker."""

import pytest
from playwright.sync_api import Page, expect

from patients.models import Assessment
from programs.models import Item
from tests.journeys.conftest import PASSWORD, sign_in
from tests.journeys.steps import Hand, admit, assess, forgive, number, row, said, screen, settled, start_program

NOTE = "Sits all day.\nPain starts after 20 minutes – “like a hot wire”."


@pytest.fixture(params=["page", "no_script"], ids=["script on", "script off"])
def tab(request: pytest.FixtureRequest) -> Page:
    """A browser tab with JavaScript on, then one with it off."""
    return request.getfixturevalue(request.param)


def test_the_session_ends_in_the_middle_of_the_assessment(clinic, tab):
    sign_in(tab)
    admit(tab, "Maria Rivera")
    screen(tab)

    # given findings typed into a page whose session has ended
    tab.get_by_role("radio", name="Piriformis").check()
    tab.get_by_role("radio", name="Right", exact=True).check()
    tab.get_by_role("radio", name="High").check()
    tab.get_by_label("Note for colleagues").fill(NOTE)
    tab.get_by_label("Pregnancy", exact=True).check()
    tab.context.clear_cookies(name="sessionid")

    # when it is sent, the page asks to sign in again
    tab.get_by_role("button", name="Save assessment").click()
    expect(tab.get_by_role("heading", name="You were signed out")).to_be_visible()
    tab.get_by_label("Email").fill("therapist@lakeside.invalid")
    tab.get_by_label("Password").fill("not the password")
    tab.get_by_role("button", name="Sign in and go on").click()
    expect(tab.get_by_role("heading", name="You were signed out")).to_be_visible()
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in and go on").click()
    assert not Assessment.objects.exists()

    # then one button sends what was typed, and what is still missing can be added
    expect(tab.get_by_text("Sits all day.")).to_be_visible()
    tab.get_by_role("button", name="Send it now").click()
    expect(tab.get_by_text("Pregnancy needs the due date")).to_be_visible()
    expect(tab.get_by_label("Note for colleagues")).to_have_value(NOTE)
    tab.get_by_label("Pregnancy", exact=True).uncheck()
    tab.get_by_role("button", name="Save assessment").click()
    expect(tab.get_by_text("Assessment saved.")).to_be_visible()

    saved = Assessment.objects.get()
    assert (saved.driver.slug, saved.affected_side, saved.irritability) == ("piriformis", "right", "high")
    assert saved.note.replace("\r\n", "\n") == NOTE
    assert saved.by.email == "therapist@lakeside.invalid"


def test_two_people_edit_one_dose(clinic, page, second, refused):
    tab, other = sign_in(page), sign_in(second, "trainer")
    admit(tab, "Maria Rivera")
    screen(tab)
    hand = Hand(tab)
    assess(hand)
    start_program(hand)
    item = Item.objects.filter(stage__slug="w0_2", exercise__slug="clamshell").get()

    # given both have the same program open
    other.goto(tab.url)
    number(tab, "Clamshell", "repetitions").fill("6")
    tab.keyboard.press("Enter")
    said(tab, "Clamshell: 6 times.")

    # when the slower one saves
    Hand(other).unfold("Clamshell")
    number(other, "Clamshell", "repetitions").fill("9")
    row(other, "Clamshell").get_by_label("Note for the patient").fill("Slowly.")
    other.keyboard.press("Enter")

    # then they see both: what is saved now, and their own still there to be sent
    dialog = other.get_by_role("dialog")
    expect(dialog).to_contain_text("Therapist Person changed Clamshell while you did")
    expect(dialog.get_by_role("radio", name="Theirs: 6 times")).to_be_visible()
    expect(dialog.get_by_role("radio", name="Yours: 9 times")).to_be_checked()
    expect(dialog.locator(f"[name=note-{item.pk}]")).to_have_value("Slowly.")
    item.refresh_from_db()
    assert (item.reps, item.note) == (6, "")

    # and may put theirs in its place
    dialog.get_by_role("button", name="Save what I chose").click()
    settled(other)
    item.refresh_from_db()
    assert (item.reps, item.note) == (9, "Slowly.")
    forgive(refused, "409")
