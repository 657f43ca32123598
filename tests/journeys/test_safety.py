"""Red flags come first: an emergency is shown at once and stops issuing, and only a therapist closes it."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from patients.models import RaisedFlag, Screening
from programs.models import Issue, Item
from tests.journeys.conftest import sign_in
from tests.journeys.steps import (
    Hand,
    admit,
    answer_the_rest,
    assess,
    give_reasons,
    issue,
    place,
    say_yes,
    screen,
    start_program,
    tick_none,
)

EMERGENCY = "Have you lost control of your bowels"


def test_an_emergency_stops_issuing_until_a_therapist_closes_it(clinic, page):
    tab = sign_in(page)
    admit(tab, "Agnes Moore")

    # when an emergency question is answered yes, what to do is there before anything is saved
    say_yes(tab, EMERGENCY)
    expect(tab.get_by_role("alert").first).to_contain_text("Emergency now")
    assert not Screening.objects.exists()
    assert not RaisedFlag.objects.exists()

    # and stays after saving, with the referral sheet in reach
    answer_the_rest(tab)
    tab.get_by_role("button", name="Finish screening").click()
    expect(tab.get_by_role("heading", name="Emergency: stop here")).to_be_visible()
    expect_referral_pdf(tab)

    # so a program can be built but not issued
    tab.goto(tab.url.replace("screening", "assessment"))
    hand = Hand(tab)
    assess(hand)
    start_program(hand)
    builder = tab.url
    expect(tab.locator(".verdict.verdict-stop").get_by_role("heading")).to_contain_text("Red flags")
    hand.follow("Issue…")
    expect(tab.get_by_text("An open red flag stops issuing")).to_be_visible()
    expect(tab.get_by_role("button", name="Issue the handout")).to_have_count(0)

    # until a therapist closes the flag with the medical assessment
    tab.goto(builder)
    hand.follow("Agnes Moore")
    close_flag(tab)
    expect(tab.get_by_text("No open red flags")).to_be_visible()

    # and then it can
    tab.goto(builder)
    issue(hand)
    assert Issue.objects.get().program.patient.name == "Agnes Moore"


def expect_referral_pdf(tab: Page) -> None:
    address = tab.get_by_role("link", name="Print the referral sheet").get_attribute("href")
    answer = tab.context.request.get(address)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


def close_flag(tab: Page) -> None:
    """Close the one open flag; without the medical assessment it is refused, and what was typed stays."""
    outcome = "Seen in the emergency department, scan normal."
    tab.get_by_role("link", name=re.compile("^Close: ")).click()
    tab.get_by_label("What came of it").fill(outcome)
    tab.get_by_role("button", name="Close the flag").click()
    expect(tab.get_by_text("This flag needs a medical assessment")).to_be_visible()
    expect(tab.get_by_label("What came of it")).to_have_value(outcome)

    tab.get_by_label("Medically assessed by").fill("Dr. Adams")
    tab.get_by_label("Date of the medical assessment").fill(timezone.localdate().isoformat())
    tab.get_by_role("button", name="Close the flag").click()
    expect(tab.locator("p", has_text=outcome).first).to_be_visible()


def test_without_script_the_emergency_is_shown_after_saving(clinic, no_script):
    tab = sign_in(no_script)
    admit(tab, "Agnes Moore")

    say_yes(tab, EMERGENCY)
    tab.get_by_role("button", name="Save and finish later").click()

    expect(tab.get_by_role("heading", name="Emergency: stop here")).to_be_visible()
    expect_referral_pdf(tab)


@pytest.mark.parametrize("browser_tab", ["page", "no_script"])
def test_an_unanswered_question_keeps_the_screening_unfinished(clinic, browser_tab, request):
    tab = sign_in(request.getfixturevalue(browser_tab))
    admit(tab, "Tom Becker")

    # given one group left without an answer
    tick_none(tab, but_the_last=True)
    tab.get_by_role("button", name="Finish screening").click()
    expect(tab.get_by_text("Saved, but not finished.")).to_be_visible()
    assert Screening.objects.get().completed_at is None

    # then it isn't finished, though what was answered is kept
    tab.goto(tab.url)
    expect(tab.get_by_text("Not finished").first).to_be_visible()
    answer_the_rest(tab)
    tab.get_by_role("button", name="Finish screening").click()
    expect(tab.get_by_role("heading", name="Assessment of")).to_be_visible()
    assert Screening.objects.get().completed_at


def test_a_program_out_of_order_is_issued_only_with_a_reason(clinic, page):
    tab = sign_in(page)
    admit(tab, "Priya Nair")
    screen(tab)
    hand = Hand(tab)
    assess(hand)
    start_program(hand)

    # given a strengthening exercise put before the release of its tight partner
    place(hand, "Buttock squeezes", "calm")
    expect(tab.locator(".builder-side .verdict-warn").first).to_be_visible()

    # when it is issued with a reason too short to say anything
    hand.follow("Issue…")
    tab.get_by_label("Your reason").first.fill("ok")
    hand.press("Issue the handout")
    expect(tab.get_by_text("Not issued.")).to_be_visible()
    expect(tab.get_by_label("Your reason").first).to_have_value("ok")
    assert not Issue.objects.exists()

    # then nothing was, until there is a reason
    give_reasons(tab)
    hand.press("Issue the handout")
    expect(tab.get_by_role("link", name="Print handout 1")).to_be_visible()
    assert Issue.objects.exists()


def test_a_trainer_waits_for_a_therapists_sign_off(clinic, page, second):
    # given a trainer's patient with a leg that got weaker
    tab = sign_in(page, "trainer")
    admit(tab, "Luis Ortega")
    screen(tab)
    tab.get_by_label("Weakness, numbness or a lost reflex in the leg").check()
    hand = Hand(tab)
    assess(hand)
    start_program(hand)
    builder = tab.url
    hand.follow("Issue…")
    expect(tab.get_by_text("A therapist must sign this program off.")).to_be_visible()
    expect(tab.get_by_role("button", name="Issue the handout")).to_have_count(0)

    # when the trainer asks
    hand.follow("Ask a therapist to sign off")
    tab.get_by_label("Message to the therapist").fill("Is this all right to start?")
    hand.press("Ask")
    expect(tab.get_by_text("Asked. It waits on the therapists' Today page.")).to_be_visible()

    # and the therapist finds it on Today and says yes
    other = sign_in(second, "therapist")
    waiting = other.locator("section", has=other.get_by_role("heading", name="Waiting for your sign-off"))
    waiting.get_by_role("link", name="Luis Ortega").click()
    expect(other.get_by_text("Is this all right to start?")).to_be_visible()
    expect(other.get_by_text(Item.objects.filter(stage__slug="w0_2").first().exercise.name)).to_be_visible()
    other.get_by_role("radio", name="Yes, it may be issued").check()
    other.get_by_role("button", name="Answer").click()
    expect(waiting).to_have_count(0)

    # then the trainer issues it
    tab.goto(builder)
    issue(hand)
    assert Issue.objects.get().issued_by.email == "trainer@lakeside.invalid"
