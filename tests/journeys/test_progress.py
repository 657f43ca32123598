"""From a protocol that made itself suit, through a fix and an override, to the next stage."""

import re

from playwright.sync_api import expect

from patients.models import Patient
from programs.models import Issue, Item, Program
from tests.journeys.steps import Hand, find_also_what_does_not_suit, give_reasons, said, settled


def stage_names(program: Program) -> list[str]:
    """Return the names of the active stage's exercises, in order."""
    program.refresh_from_db()
    items = Item.objects.filter(stage__program=program, stage__slug=program.stage_slug)
    return list(items.order_by("position").values_list("exercise__name", flat=True))


def test_from_a_suited_protocol_to_the_next_stage(as_demo):
    # given a patient with high blood pressure who can't get to the floor
    tab = as_demo("therapist")
    hand = Hand(tab)
    program = Program.objects.get(patient__name="Samuel Osei")
    tab.goto(program.get_absolute_url())

    # then the page says what the protocol changed, and why
    tab.get_by_text("3 changes for this patient").click()
    expect(tab.get_by_text("Bent-knee fallout replaces Belly draw-in. High blood pressure:")).to_be_visible()
    assert "Belly draw-in" not in stage_names(program)

    # when something that should be avoided is added, then it stops with a reason and a way out
    find_also_what_does_not_suit(tab, "belly draw-in", "Belly draw-in")
    hand.press("Add Belly draw-in")
    verdict = tab.locator("#checks .verdict.verdict-stop")
    expect(verdict.get_by_role("heading")).to_contain_text("Belly draw-in: high blood pressure")
    expect(verdict).to_contain_text("What is known")
    verdict.get_by_role("button").first.click()
    said(tab, re.compile("^Use "))
    expect(verdict).to_have_count(0)
    assert "Belly draw-in" not in stage_names(program)

    # when the first weeks went well
    first = stage_names(program)
    tab.get_by_text("Program…", exact=True).click()
    hand.follow("Copy and progress")
    expect(tab.get_by_role("heading", name="Go on when")).to_be_visible()
    tab.get_by_role("group", name="Buttock squeezes").get_by_label("Keep").check()
    hand.press("Make this weeks 2–4")

    # then the next stage holds what was chosen, and the first one stays as it was
    expect(tab.get_by_text("Weeks 2–4 is ready to look over.")).to_be_visible()
    following = stage_names(program)
    assert "Buttock squeezes" in following
    assert "Walking program" in following
    assert "Short, frequent walks" not in following
    program.stage_slug = "w0_2"
    program.save(update_fields=["stage_slug"])
    assert stage_names(program) == first


def test_an_override_is_kept_with_its_reason(as_demo):
    tab = as_demo("therapist")
    hand = Hand(tab)
    patient = Patient.objects.get(name="Walter Greene")
    program = Program.objects.get(patient=patient)
    tab.goto(program.get_absolute_url())
    find_also_what_does_not_suit(tab, "belly draw-in", "Belly draw-in")
    hand.press("Add Belly draw-in")
    settled(tab)

    hand.follow("Issue…")
    assert give_reasons(tab, "Short holds only; shown how to breathe out.") == 2  # glaucoma, and high blood pressure
    hand.press("Issue the handout")

    expect(tab.get_by_role("link", name="Print handout 1")).to_be_visible()
    overrides = Issue.objects.get(program=program).overrides
    assert {row["rule"] for row in overrides} == {"precautions"}
    assert all(row["reason"].startswith("Short holds only") for row in overrides)
