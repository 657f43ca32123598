"""Red flags come first: an emergency is shown at once, stops issuing, and only a therapist closes it."""

import re

from playwright.sync_api import Page, expect

from patients.models import RaisedFlag
from programs.models import Issue
from tests.journeys.test_main_job import admit, answer_none, assess

EMERGENCY = "Have you lost control of your bowels"


def say_yes(tab: Page, question: str) -> None:
    tab.locator(".question", has_text=question).get_by_role("radio", name="Yes").check()


def answer_the_rest(tab: Page) -> None:
    """Answer no to every question that is still open."""
    for question in tab.locator(".question").all():
        if not question.locator("input:checked").count():
            question.get_by_role("radio", name="No", exact=True).check()


def test_an_emergency_is_shown_at_once_and_stops_issuing(clinic, sign_in, page, live_server):
    tab = sign_in()
    admit(tab, "Agnes Moore")

    # when an emergency question is answered yes, what to do is there before anything is saved
    say_yes(tab, EMERGENCY)
    expect(tab.get_by_role("alert").first).to_contain_text("Emergency now")
    assert not RaisedFlag.objects.exists()

    # and stays after saving, with the referral sheet in reach
    answer_the_rest(tab)
    tab.get_by_role("button", name="Finish screening").click()
    expect(tab.get_by_role("heading", name="Emergency: stop here")).to_be_visible()
    address = tab.get_by_role("link", name="Print the referral sheet").get_attribute("href")
    assert tab.context.request.get(f"{live_server.url}{address}").headers["content-type"] == "application/pdf"

    # so a program can be built but not issued
    tab.goto(tab.url.replace("screening", "assessment"))
    assess(tab, "Piriformis")
    tab.get_by_role("link", name="New program").first.click()
    tab.get_by_role("button", name="Start from this").click()
    tab.get_by_role("link", name="Issue…").click()
    expect(tab.get_by_text("An open red flag stops issuing")).to_be_visible()
    expect(tab.get_by_role("button", name="Issue the handout")).to_have_count(0)

    # until a therapist closes the flag with the medical assessment
    tab.get_by_role("link", name="Back to the program").click()
    tab.get_by_role("link", name="Agnes Moore").click()
    tab.get_by_role("link", name=re.compile("^Close")).click()
    tab.get_by_label("What came of it").fill("Seen in the emergency department, scan normal.")
    tab.get_by_role("button", name="Close the flag").click()
    expect(tab.get_by_text("This flag needs a medical assessment")).to_be_visible()
    tab.get_by_label("Medically assessed by").fill("Dr. Adams")
    tab.get_by_label("Date of the medical assessment").fill(RaisedFlag.objects.get().raised_at.date().isoformat())
    tab.get_by_role("button", name="Close the flag").click()
    expect(tab.get_by_text("No open red flags")).to_be_visible()


def test_without_script_the_emergency_is_shown_after_saving(clinic, sign_in, no_script):
    tab = sign_in(on=no_script.new_page())
    admit(tab, "Agnes Moore")

    say_yes(tab, EMERGENCY)
    tab.get_by_role("button", name="Save and finish later").click()

    expect(tab.get_by_role("heading", name="Emergency: stop here")).to_be_visible()


def test_unanswered_is_never_no(clinic, sign_in, page):
    tab = sign_in()
    admit(tab, "Tom Becker")
    boxes = tab.get_by_label("None of these").all()
    for box in boxes[:-1]:
        box.check()

    tab.get_by_role("button", name="Finish screening").click()

    expect(tab.get_by_text("Saved, but not finished.")).to_be_visible()
    expect(tab.get_by_text("Not finished", exact=False).first).to_be_visible()


def test_a_trainer_waits_for_a_therapists_sign_off(clinic, sign_in, page, browser):
    tab = sign_in("trainer")
    admit(tab, "Luis Ortega")
    answer_none(tab)
    tab.get_by_label("Weakness, numbness or a lost reflex in the leg").check()
    assess(tab, "Piriformis")
    tab.get_by_role("link", name="New program").first.click()
    tab.get_by_role("button", name="Start from this").click()
    address = tab.url

    # given a program that a therapist must see
    tab.get_by_role("link", name="Ask a therapist to sign off").click()
    tab.get_by_label("Message to the therapist").fill("Is this all right to start?")
    tab.get_by_role("button", name="Ask").click()

    # when the therapist finds it on the Today page and says yes
    context = browser.new_context()
    other = sign_in("therapist", on=context.new_page())
    other.get_by_role("link", name="Luis Ortega").first.click()
    expect(other.get_by_text("Is this all right to start?")).to_be_visible()
    other.get_by_role("radio", name="Yes, it may be issued").check()
    other.get_by_role("button", name="Answer").click()
    context.close()

    # then the trainer issues it
    tab.goto(f"{address}issue/")
    for reason in tab.locator("textarea").all():
        reason.fill("Agreed with the patient today.")
    tab.get_by_role("button", name="Issue the handout").click()
    expect(tab.get_by_role("link", name="Print handout 1")).to_be_visible()
    assert Issue.objects.get().issued_by.email == "trainer@lakeside.invalid"
