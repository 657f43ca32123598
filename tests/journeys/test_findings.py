"""Findings are ticked and weighed: at once with script, by a button without, by keyboard, and nothing is lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from clinics.models import AuditEntry
from patients.models import Assessment
from tests.journeys.conftest import sign_in
from tests.journeys.steps import Hand, admit, assess, screen
from tests.journeys.test_keyboard import follow, go_to

NOTE = "Sits all day."


@pytest.fixture(params=["page", "no_script"], ids=["script on", "script off"])
def tab(request: pytest.FixtureRequest) -> Page:
    """A browser tab with JavaScript on, then one with it off."""
    return request.getfixturevalue(request.param)


def open_findings(tab: Page, *groups: str) -> None:
    tab.locator("#findings > summary").click()
    for group in groups:
        tab.locator(".finding-group > summary", has_text=group).click()


def tick(tab: Page, finding: str, answer: str) -> None:
    tab.get_by_role("radiogroup", name=finding, exact=True).get_by_role("radio", name=answer, exact=True).check()


def panel(tab: Page, driver: str):
    return tab.locator(".weights").get_by_role("article", name=driver, exact=True)


def expect_weighed(tab: Page) -> None:
    disc, stenosis = panel(tab, "Lumbar disc herniation"), panel(tab, "Lumbar spinal stenosis")
    expect(disc).to_contain_text("1 for, 0 against")
    expect(disc).to_contain_text("Slump test brings on the leg pain: present.")
    expect(disc).to_contain_text("Sensitivity 0.84, specificity 0.83")
    expect(stenosis).to_contain_text("0 for, 1 against")
    expect(tab.get_by_role("region", name="What speaks for which driver")).to_contain_text("Not a diagnosis")


def test_weighs_before_the_driver_is_chosen_and_keeps_all_that_was_ticked(clinic, tab, request):
    # given a new patient whose findings are folded away
    sign_in(tab)
    admit(tab, "Maria Rivera")
    screen(tab)
    expect(tab.get_by_role("button", name="Weigh the findings")).to_be_hidden()
    tab.get_by_label("Note for colleagues").fill(NOTE)

    # when the clinician ticks what was found, and without script asks for the panel
    open_findings(tab, "Nerve tests", "History")
    tick(tab, "Slump test brings on the leg pain", "Present")
    tick(tab, "Neurogenic claudication", "Absent")
    if request.node.callspec.id == "script off":
        tab.get_by_role("button", name="Weigh the findings").click()

    # then it says what speaks for which driver, and nothing is saved
    expect_weighed(tab)
    expect(tab.get_by_label("Note for colleagues")).to_have_value(NOTE)
    assert not Assessment.objects.exists()
    assert AuditEntry.objects.filter(action="weigh findings").exists()

    # and what is suspected stays the clinician's choice, one leading and others beside it
    tab.locator(".other-drivers > summary").click()
    tab.get_by_role("checkbox", name="Lumbar spinal stenosis").check()
    assess(Hand(tab), "Piriformis")
    saved = Assessment.objects.get()
    assert (saved.driver.slug, saved.note) == ("piriformis", NOTE)
    assert [row.slug for row in saved.other_drivers.all()] == ["stenosis"]
    assert {row.finding.slug: row.present for row in saved.answers.all()} == {
        "slump_test": True,
        "neurogenic_claudication": False,
    }
    expect(tab.get_by_text("2 noted")).to_be_visible()

    # and the next assessment starts from it
    tab.get_by_role("link", name="Assessment", exact=True).click()
    expect_weighed(tab)


def test_ticks_by_keyboard_alone(clinic, page):
    tab = sign_in(page)
    admit(tab, "Maria Rivera")
    screen(tab)

    go_to(tab, "Findings")
    tab.keyboard.press("Enter")
    go_to(tab, "Nerve tests")
    tab.keyboard.press("Enter")
    go_to(tab, field="answer-slump_test")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")

    expect(tab.locator("input[name=answer-slump_test][value=present]")).to_be_checked()
    expect(panel(tab, "Lumbar disc herniation")).to_contain_text("1 for, 0 against")
    follow(tab, "Weigh the findings")
    expect(panel(tab, "Lumbar disc herniation")).to_contain_text("1 for, 0 against")
    expect(tab.locator("input[name=answer-slump_test][value=present]")).to_be_checked()


def test_hides_the_lead_among_the_others(clinic, page):
    tab = sign_in(page)
    admit(tab, "Maria Rivera")
    screen(tab)
    tab.locator(".other-drivers > summary").click()

    tab.get_by_role("radio", name=re.compile("^Lumbar spinal stenosis")).check()

    expect(tab.get_by_role("checkbox", name="Lumbar spinal stenosis")).to_be_hidden()
    expect(tab.get_by_role("checkbox", name="Lumbar disc herniation")).to_be_visible()


def test_says_so_when_the_panel_could_not_be_updated(clinic, page):
    tab = sign_in(page)
    admit(tab, "Maria Rivera")
    screen(tab)
    open_findings(tab, "Nerve tests")
    tab.context.clear_cookies(name="sessionid")

    tick(tab, "Slump test brings on the leg pain", "Present")

    expect(tab.locator("#weights-said")).to_have_text("This couldn't be updated. Press “Weigh the findings”.")
    expect(tab.locator("#weights-said")).to_be_visible()
    expect(tab.locator("input[name=answer-slump_test][value=present]")).to_be_checked()
